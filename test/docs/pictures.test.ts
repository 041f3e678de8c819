/** Promise: the drawing of the dashboard is of the dashboard that is deployed, and the pictures stay small. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readText } from '../../lib/text-file';
import { DASHBOARD_DRAWING, dashboardDrawing } from '../../scripts/dashboard-drawing';
import { MINIMAL, synthesize } from '../lib/synthesize';

const IMAGES = dirname(DASHBOARD_DRAWING);
const MAX_BYTES = 250_000;

test('the drawing is current (npx tsx scripts/draw-dashboard.ts writes it)', () => {
  expect(readText(DASHBOARD_DRAWING)).toBe(dashboardDrawing(synthesize(MINIMAL)));
});

test('every picture is shown by the README, is of its kind and below 250 kB', () => {
  const readme = readText('README.md');
  for (const name of readdirSync(IMAGES)) {
    const bytes = readFileSync(join(IMAGES, name));
    expect(bytes.length).toBeLessThan(MAX_BYTES);
    expect(readme).toContain(`docs/images/${name}`);
    const begin = bytes.toString('latin1', 0, 8);
    expect(begin).toBe(name.endsWith('.svg') ? '<svg xml' : '\x89PNG\r\n\x1a\n');
  }
});
