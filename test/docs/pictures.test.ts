/** Promise: the pictures are shown and stay small. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readText } from '../../lib/text-file';
import { DASHBOARD_DRAWING } from '../../scripts/draw-dashboard';

const IMAGES = dirname(DASHBOARD_DRAWING);
const MAX_BYTES = 250_000;

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
