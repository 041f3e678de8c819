/** Writes `docs/images/dashboard.svg`: the layout of the CloudWatch dashboard of `config/example.json`, as synthesised. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { readConfig } from '../lib/config/config-file';
import { drawDashboard, type Widget } from './dashboard-svg';
import { withStack } from './example-stack';

export const DASHBOARD_DRAWING = join(__dirname, '../docs/images/dashboard.svg');

/** A template, as far as the drawing looks at it. */
interface ResourcesOf {
  findResources(type: string): Record<string, unknown>;
}

/** The one dashboard of a template as a drawing: where its widgets are and what they show, without any data. */
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

if (require.main === module) {
  const config = readConfig(join(__dirname, '../config/example.json'), new Date());
  writeFileSync(
    DASHBOARD_DRAWING,
    withStack(config, (stack) => dashboardDrawing(Template.fromStack(stack))),
  );
}
