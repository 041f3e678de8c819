/**
 * Writes what the second opinions read: `templates/<configuration>.json`, each synthesised, and `policies/<name>.json`, policy
 * documents that no template holds: the deployment rights, the service control policy, and those printed in the docs.
 *
 *   tsx .ci/policies/make-templates.ts <folder>
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { readConfig } from '../../lib/config/config-file';
import { deploymentPolicies } from '../../scripts/deployment-rights';
import { templateOf, typesIn } from '../../scripts/platform';
import { serviceControlPolicy } from '../../scripts/service-control-policy';
import { CONFIGURATIONS, type Configuration, NOW } from '../../test/lib/configurations';
import { makeStack, skipValidation } from '../../test/lib/make-stack';
import { Scratch } from '../../test/support/scratch';

/** Between them they have every policy that a configuration can ask for. */
const LOOKED_AT = [
  ...(['minimal', 'everything', 'in a VPC', 'key of its own for all', 'analysts of other accounts'] as const),
  ...(['signed and mirrored', 'copied to another Region', 'file and command delete data'] as const),
];

/** Policies that a page prints as a JSON block, after the mark; `<…>` are what a reader fills in. */
const PRINTED = [{ page: 'docs/cases-audit.md', mark: '<!-- recheck policy -->', name: 'recheck' }];

const EXAMPLE_VALUES: Readonly<Record<string, string>> = {
  '<region>': 'eu-central-1',
  '<account>': '111122223333',
  '<domain id>': '5f3d8c1e-2a4b-4c6d-8e9f-0a1b2c3d4e5f',
};

function main(folder: string): void {
  const write = (kind: string, name: string, content: unknown) => {
    mkdirSync(join(folder, kind), { recursive: true });
    writeFileSync(join(folder, kind, `${name.replaceAll(' ', '-')}.json`), JSON.stringify(content, null, 2));
  };
  for (const name of LOOKED_AT) write('templates', name, synthesized(CONFIGURATIONS[name]));
  for (const { page, mark, name } of PRINTED) write('policies', name, printedPolicy(page, mark));
  for (const name of ['example', 'example-regulated']) {
    const config = readConfig(`config/${name}.json`, NOW);
    const rights = deploymentPolicies(config, typesIn(templateOf(config)));
    for (const [index, policy] of rights.entries()) write('policies', `${name}-deployment-${index + 1}`, policy);
    write('policies', `${name}-scp`, serviceControlPolicy(config, config.breakGlassRoleArn));
  }
}

function synthesized({ input, switches }: Configuration): Record<string, unknown> {
  const scratch = new Scratch();
  try {
    return Template.fromStack(makeStack(scratch, input, switches).stack).toJSON();
  } finally {
    scratch.remove();
  }
}

/** A policy of a page, with example values in place of its blanks. @throws Error for a page without it, or a blank of a new name. */
function printedPolicy(page: string, mark: string): unknown {
  const after = readFileSync(page, 'utf8').split(mark)[1];
  const json = after?.match(/```json\n([\s\S]*?)```/)?.[1];
  if (json === undefined) throw new Error(`${page}: expected ${mark} and, after it, a block of JSON`);
  return JSON.parse(
    json.replace(/<[a-z ]+>/g, (blank) => {
      const value = EXAMPLE_VALUES[blank];
      if (value === undefined) throw new Error(`${page}: no example value for ${blank}; give it one here`);
      return value;
    }),
  );
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Usage: tsx .ci/policies/make-templates.ts <folder>');
skipValidation();
main(folder);
