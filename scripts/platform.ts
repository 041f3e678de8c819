/**
 * What a platform team asks for before it lets a stack in, computed from a configuration: policies for CloudFormation's execution
 * role, a service control policy, and the quotas to look at. `docs/platform.md` says what each is for.
 *
 *   npm run platform -- config/production.json [folder]
 *
 * Without arguments it writes the two generated parts of that page, for `config/example.json`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CaseAuditExportStack } from '../lib/case-audit-export-stack';
import type { DeployConfig } from '../lib/config/config';
import { readConfig } from '../lib/config/config-file';
import type { BundleName } from '../lib/function/bundled-function';
import { readText } from '../lib/text-file';
import { fromCaller } from '../tools/read-arguments';
import { deploymentPolicies } from './deployment-rights';
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

/** The template of a configuration, but for the function's code, which is not looked at. */
export function templateOf(config: DeployConfig): Record<string, unknown> {
  const scratch = mkdtempSync(join(tmpdir(), 'platform-'));
  try {
    const bundleDirectory = join(scratch, 'bundle');
    for (const name of ['export', 'verify', 'keys'] satisfies BundleName[]) {
      mkdirSync(join(bundleDirectory, name), { recursive: true });
      writeFileSync(join(bundleDirectory, name, 'index.js'), '');
    }
    const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as {
      context: Record<string, unknown>;
    };
    const app = new App({ context, analyticsReporting: false, outdir: join(scratch, 'out') });
    return Template.fromStack(new CaseAuditExportStack(app, 'stack', { config, bundleDirectory })).toJSON();
  } finally {
    rmSync(scratch, { recursive: true });
  }
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

function withPart(page: string, name: string, part: string): string {
  const beginMark = `<!-- ${name}: written by npm run docs -->`;
  const endMark = `<!-- /${name} -->`;
  const begin = page.indexOf(beginMark);
  const end = page.indexOf(endMark);
  if (begin < 0 || end < begin) {
    throw new Error(`docs/platform.md: expected ${beginMark} and, after it, ${endMark} around the part`);
  }
  return `${page.slice(0, begin)}${beginMark}\n\n${part}\n\n${page.slice(end)}`;
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
