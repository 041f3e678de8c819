/**
 * Bundles of two versions of the stored form take turns at one domain: the newer one reads what the older one stored and goes
 * on exactly; from then on the older one refuses, says what to do, and changes nothing, not even the lease.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { MANIFEST, MANIFEST_VERSION } from '../../lambda/export/domain/manifest';
import { SCHEMA_VERSION } from '../../lambda/export/domain/stored-items';
import { updateCase } from '../../local/cases/model/cases';
import { ARCHIVE_BUCKET, type LocalStack, startLocalStack, TABLE, WORK_BUCKET } from '../../local/exporter/stack';
import { BUNDLE, runTick, type Tick, type TickOptions } from '../../local/exporter/tick';
import { addDeskCase, storedState, UNPACED } from '../support/desk';
import { archiveFolder, compareExported, EXACT } from '../support/exported';
import { scratchOfFile } from '../support/scratch';

const DOMAIN = 'desk';
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SETTINGS = { ...UNPACED, SETTLE_SECONDS: '0', COMMIT_RESERVE_SECONDS: '1' };
/** Where the versions stand, each a line of source. */
const VERSIONS = /export const (SCHEMA_VERSION|MANIFEST_VERSION|REDO_VERSION) = (\d+);/g;

const scratch = scratchOfFile();
let root: string;
let stack: LocalStack;
let today: string;
let tomorrow: string;
let offsetMs = 0;

beforeAll(async () => {
  root = scratch.emptyFolder();
  today = BUNDLE;
  tomorrow = join(root, 'tomorrow.js');
  await buildTomorrow(tomorrow);
  stack = await startLocalStack({ cases: { domains: [DOMAIN], now: () => Date.now() - offsetMs }, root });
  ago(HOUR_MS, () => {
    for (let index = 0; index < 5; index += 1) addDeskCase(stack.cases, DOMAIN, index);
  });
});

afterAll(() => stack.close());

test('today’s bundle exports; tomorrow’s publishes what it left, goes on, and the rows are exact', async () => {
  await exportButDoNotPublish(today);
  expect(await storedState(stack.dynamodb)).toMatchObject({
    schemaVersion: SCHEMA_VERSION,
    head: { seq: 1 },
    applied: 0,
  });
  expect((await tick(tomorrow)).answer).toMatchObject({ status: 'complete' });
  change();
  expect((await tick(tomorrow)).answer).toMatchObject({ status: 'complete', casesRead: 1 });
  expect(await storedState(stack.dynamodb)).toMatchObject({ schemaVersion: SCHEMA_VERSION + 1 });
  await expectExact();
});

describe('from then on today’s bundle', () => {
  test.each<[string, object]>([
    ['at a tick', {}],
    ['at the replay of quarantine', { task: 'replay-quarantine' }],
    ['at a void commit', { task: 'void-commit', seq: 1 }],
  ])('refuses %s and changes nothing, not even the lease', async (_name, task) => {
    change();
    const before = await everything();
    const { answer, error } = await tick(today, { event: { domainId: DOMAIN, ...task } });
    expect(answer).toBeNull();
    expect(error).toEqual({
      name: 'IntegrityError',
      message: `Checkpoint item "DOMAIN#desk" / "STATE" has schemaVersion ${SCHEMA_VERSION + 1}, but this version of the exporter reads up to ${SCHEMA_VERSION}: deploy the version that wrote it, or a newer one. Nothing was changed.`,
    });
    expect(await everything()).toEqual(before);
  });

  test('refuses also where tomorrow’s left a commit that is not published', async () => {
    change();
    await exportButDoNotPublish(tomorrow);
    const before = await everything();
    expect((await tick(today)).error?.name).toBe('IntegrityError');
    expect(await everything()).toEqual(before);
  });

  test('makes way: tomorrow’s bundle goes on exactly', async () => {
    expect((await tick(tomorrow)).answer).toMatchObject({ status: 'complete' });
    await expectExact();
  });
});

/** The sources of today with each version of the stored form one higher. */
async function buildTomorrow(outfile: string): Promise<void> {
  const raised: string[] = [];
  const raise: Plugin = {
    name: 'raise-versions',
    setup: ({ onLoad }) => {
      onLoad({ filter: /lambda\/export\/domain\/(stored-items|manifest)\.ts$/ }, ({ path }) => {
        const contents = readFileSync(path, 'utf8').replaceAll(VERSIONS, (_, name: string, version: string) => {
          raised.push(name);
          return `export const ${name} = ${Number(version) + 1} as never;`;
        });
        return { contents, loader: 'ts' };
      });
    },
  };
  await build({
    entryPoints: [join(__dirname, '../../lambda/export/handler.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    tsconfigRaw: { compilerOptions: { alwaysStrict: false, strict: false } },
    plugins: [raise],
  });
  expect(raised.sort()).toEqual(['MANIFEST_VERSION', 'REDO_VERSION', 'SCHEMA_VERSION']);
}

function tick(bundle: string, options: Partial<TickOptions> = {}): Promise<Tick> {
  return runTick({ event: { domainId: DOMAIN }, env: { ...stack.env, ...SETTINGS }, bundle, ...options });
}

/** A commit that is made and of which nothing is visible. */
async function exportButDoNotPublish(bundle: string): Promise<void> {
  stack.s3.setFault(({ operation, bucket }) =>
    operation === 'PutObject' && bucket === ARCHIVE_BUCKET ? { kind: 'reset-before' } : undefined,
  );
  expect((await tick(bundle)).error?.name).toBe('StoreError');
  stack.s3.setFault(undefined);
}

let changes = 0;

/** A change a minute ago, later than those before it. */
function change(): void {
  changes += 1;
  const caseId = stack.cases.history(DOMAIN)[changes % 5]?.caseId ?? '';
  const fields = [{ id: 'title', value: { stringValue: `Changed ${changes}` } }];
  ago(MINUTE_MS, () => updateCase(stack.cases.world, { domainId: DOMAIN, caseId, fields }));
}

function ago(ms: number, act: () => void): void {
  offsetMs = ms;
  act();
  offsetMs = 0;
}

/** All that an invocation could change. */
async function everything() {
  const objects = [ARCHIVE_BUCKET, WORK_BUCKET].flatMap((bucket) =>
    stack.s3.keys(bucket).map((key) => [bucket, key, stack.s3.bytes(bucket, key)?.toString('base64')]),
  );
  return { items: await stack.dynamodb.items(TABLE), objects };
}

async function expectExact(): Promise<void> {
  const folder = archiveFolder(root, ARCHIVE_BUCKET);
  const form = { ...MANIFEST, version: MANIFEST_VERSION + 1 };
  const { comparison, chain } = await compareExported(stack.cases, DOMAIN, folder, form);
  expect({ ...comparison, chain }).toMatchObject(EXACT);
}
