/** Promise: nothing in the stack goes against cdk-nag's rules, but for what is accepted one by one with a reason. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks, type NagPack, ServerlessChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { scratchOfFile } from '../support/scratch';
import { EVERYTHING, IN_VPC, KEY_FOR_ALL, MINIMAL } from './configurations';
import { makeStack, skipValidation } from './make-stack';

skipValidation();

const scratch = scratchOfFile();
const minimal = makeStack(scratch, MINIMAL);
const everything = makeStack(scratch, EVERYTHING);
const ownKey = makeStack(scratch, { ...MINIMAL, createKmsKey: true });
const keyForAll = makeStack(scratch, KEY_FOR_ALL);
const inVpc = makeStack(scratch, IN_VPC);

beforeAll(() => {
  for (const { app } of [minimal, everything, ownKey, keyForAll, inVpc]) app.synth();
});

describe.each([
  ['AwsSolutions', (): NagPack => new AwsSolutionsChecks()],
  ['Serverless', (): NagPack => new ServerlessChecks()],
])('%s', (_, pack) => {
  test.each([
    ['the least configuration', minimal],
    ['every option', everything],
    ['a key of its own', ownKey],
    ['a key of its own for all', keyForAll],
    ['functions in a VPC', inVpc],
  ])('%s has no finding that is not acknowledged', (_name, { app }) => {
    expect(findings(pack(), app)).toEqual([]);
  });
});

test('the check sees: a plain bucket has findings', () => {
  const { app, stack } = makeStack(scratch, MINIMAL);
  new CfnBucket(stack, 'Plain');
  expect(findings(new AwsSolutionsChecks(), app)).toContainEqual('AwsSolutions-S1 case-audit-export/Plain');
});

test('each acknowledgement is on one resource, has a reason, and is needed', () => {
  const acknowledged = minimal.app.node.findAll().flatMap((construct) => acknowledgements(construct));
  expect(acknowledged.length).toBeGreaterThan(0);
  for (const { construct, reason } of acknowledged) {
    expect(construct).not.toBeInstanceOf(Stack);
    expect(CfnResource.isCfnResource(construct) ? construct : construct.node.defaultChild).toBeDefined();
    expect(reason.length).toBeGreaterThan(20);
  }
  // Without the acknowledgements each of these would be a finding: none is left over from something that was mended.
  const places = acknowledged.map(({ construct, id }) => `${id} ${construct.node.path}`);
  expect(new Set(places).size).toBe(places.length);
  const open = findingsWithoutAcknowledgements();
  expect(places.filter((place) => !open.some((finding) => `${finding}/`.startsWith(`${place}/`)))).toEqual([]);
});

test('no validation rule of the library itself is turned off', () => {
  const folder = join(__dirname, '..', '..', 'lib');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(20);
  const sources = files.map((file) => readFileSync(join(folder, file), 'utf8'));
  expect(sources.filter((source) => /validateAgainstDefaultRules|suppressions/i.test(source))).toEqual([]);
});

function findings(pack: NagPack, scope: IConstruct): string[] {
  return pack
    .validateScope(scope)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map((resource) => `${ruleName} ${'constructPath' in resource ? resource.constructPath : ''}`),
    );
}

function acknowledgements(construct: IConstruct): { construct: IConstruct; id: string; reason: string }[] {
  return construct.node.metadata
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.entries(data as Record<string, string>))
    .map(([id, reason]) => ({ construct, id: id.replace(/^annotation::/i, ''), reason }));
}

function findingsWithoutAcknowledgements(): string[] {
  const silenced = jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(() => undefined);
  try {
    const { app } = makeStack(scratch, MINIMAL);
    return [...findings(new AwsSolutionsChecks(), app), ...findings(new ServerlessChecks(), app)];
  } finally {
    silenced.mockRestore();
  }
}
