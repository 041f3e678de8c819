/** Promise: the drawing of the dashboard is of the dashboard that is deployed. */
import { readFileSync } from 'node:fs';
import { DASHBOARD_DRAWING, dashboardDrawing } from '../../../scripts/dashboard-drawing';
import { templateOf } from '../templates';

test('the drawing is current (npx tsx scripts/draw-dashboard.ts writes it)', () => {
  expect(readFileSync(DASHBOARD_DRAWING, 'utf8')).toBe(dashboardDrawing(templateOf('minimal')));
});
