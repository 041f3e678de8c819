/** Promise: the drawing of the dashboard is of the dashboard that is deployed. */
import { readText } from '../../../lib/text-file';
import { DASHBOARD_DRAWING, dashboardDrawing } from '../../../scripts/draw-dashboard';
import { templateOf } from '../templates';

test('the drawing is current (npx tsx scripts/draw-dashboard.ts writes it)', () => {
  expect(readText(DASHBOARD_DRAWING)).toBe(dashboardDrawing(templateOf('runbook elsewhere')));
});
