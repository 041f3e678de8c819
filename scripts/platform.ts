/**
 * What a platform team asks for before it lets a stack in, computed from a configuration: policies for CloudFormation's execution
 * role, a service control policy, and the quotas to look at. `docs/platform.md` says what each is for.
 *
 *   npm run platform -- config/production.json [folder]
 *
 * Without arguments it writes the two generated parts of that page, for `config/example.json`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import type { DeployConfig } from '../lib/config/config';
import { readConfig } from '../lib/config/config-file';
import { readText } from '../lib/text-file';
import { fromCaller } from '../tools/read-arguments';
import { deploymentPolicies } from './deployment-rights';
import { withStack } from './example-stack';
import { withPart } from './prose';
import { type Quota, quotas } from './quotas';
import { serviceControlPolicy } from './service-control-policy';

const ROOT = join(__dirname, '..');

export const PLATFORM_PAGE = join(ROOT, 'docs', 'platform.md');

const EXAMPLE = join(ROOT, 'config', 'example.json');

/** Types of the resources of a template, one for each. */
export function typesIn(template: Record<string, unknown>): string[] {
  const resources = Object.values(template['Resources'] as Record<string, { readonly Type: string }>);
  return resources.map(({ Type }) => Type);
}

/** The page with its generated parts as a configuration and its template have them; everything else of it is left as it is. */
export function withParts(page: string, config: DeployConfig, template: Record<string, unknown>): string {
  const policy = JSON.stringify(serviceControlPolicy(config, config.breakGlassRoleArn), null, 2);
  const parts = { scp: `\`\`\`json\n${policy}\n\`\`\``, quotas: quotaTable(quotasOf(config, template)) };
  return Object.entries(parts).reduce((text, [name, part]) => withPart(text, name, part), page);
}

/** The template of a configuration. */
export function templateOf(config: DeployConfig): Record<string, unknown> {
  return withStack(config, (stack) => Template.fromStack(stack).toJSON());
}

function quotasOf(config: DeployConfig, template: Record<string, unknown>): Quota[] {
  const types = typesIn(template);
  const count = (type: string) => types.filter((each) => each === type).length;
  return quotas(config, count('AWS::CloudWatch::Alarm'), count('AWS::IAM::Role'));
}

function quotaTable(rows: readonly Quota[]): string {
  const cells = rows.map(({ service, name, needed, byDefault, toDo }) => [service, name, needed, byDefault, toDo]);
  const table = [['service', 'quota', 'needed', 'by default', 'to do'], ['---', '---', '---', '---', '---'], ...cells];
  return table.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function writeFor(path: string, folder: string): void {
  const config = readConfig(path, new Date());
  const template = templateOf(config);
  mkdirSync(folder, { recursive: true });
  const policies = deploymentPolicies(config, typesIn(template)).map(
    (policy, index) => [`deployment-policy-${index + 1}.json`, JSON.stringify(policy, null, 2)] as const,
  );
  const files = [
    ...policies,
    [
      'service-control-policy.json',
      JSON.stringify(serviceControlPolicy(config, config.breakGlassRoleArn), null, 2),
    ] as const,
    ['quotas.txt', quotaTable(quotasOf(config, template))] as const,
  ];
  for (const [name, content] of files) {
    writeFileSync(join(folder, name), `${content}\n`);
    console.log(join(folder, name));
  }
}

if (require.main === module) {
  const [path, folder = 'cdk.out/platform'] = process.argv.slice(2);
  if (path !== undefined) writeFor(fromCaller(path), fromCaller(folder));
  else {
    const config = readConfig(EXAMPLE, new Date());
    writeFileSync(PLATFORM_PAGE, withParts(readText(PLATFORM_PAGE), config, templateOf(config)));
  }
}
