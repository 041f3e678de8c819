/** The dashboard of a synthesised template as a drawing: where its widgets are and what they show, without any data. */
import { join } from 'node:path';
import { drawDashboard, type Widget } from './dashboard-svg';

export const DASHBOARD_DRAWING = join(__dirname, '../docs/images/dashboard.svg');

/** A template, as far as the drawing looks at it. */
interface ResourcesOf {
  findResources(type: string): Record<string, unknown>;
}

/** The drawing of the one dashboard of a template. */
export function dashboardDrawing(template: ResourcesOf): string {
  const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard')).map(propertiesOf);
  if (dashboard === undefined) throw new Error('The template has no dashboard, expected one to draw');
  const { widgets } = JSON.parse(textOf(dashboard['DashboardBody'])) as { widgets: Widget[] };
  const alarms = Object.entries(template.findResources('AWS::CloudWatch::Alarm'));
  const alarmNames = new Map(alarms.map(([id, alarm]) => [id, String(propertiesOf(alarm)['AlarmName'])]));
  return drawDashboard(String(dashboard['DashboardName']), widgets, alarmNames);
}

function propertiesOf(resource: unknown): Readonly<Record<string, unknown>> {
  return (resource as { Properties: Record<string, unknown> }).Properties;
}

/** The body as text, with the logical id in place of each reference. */
function textOf(body: unknown): string {
  const [separator, parts] = (body as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
  return parts.map((part) => (typeof part === 'string' ? part : idOf(part))).join(separator);
}

function idOf(part: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = part as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return Ref ?? attribute?.[0] ?? '?';
}
