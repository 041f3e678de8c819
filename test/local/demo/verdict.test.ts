/** A small history, exported by the built bundle: verdict and evidence are right about the archive, and about an archive that was touched. */
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { filesOf } from '../../../local/demo/archive';
import { Story } from '../../../local/demo/chapters';
import { printEvidence } from '../../../local/demo/evidence';
import { printVerdict } from '../../../local/demo/verdict';
import { DEMO_SETTINGS, type DemoWorld, DOMAIN, startWorld } from '../../../local/demo/world';
import { runTick } from '../../../local/exporter/tick';
import { Scratch } from '../../support/scratch';

let world: DemoWorld;
let story: Story;
const scratch = new Scratch();
let folder: string;
const lines: string[] = [];
/** The words alone: whether they have colours is up to the terminal, or CI, that runs the tests. */
const print = (line = '') => void lines.push(stripVTControlCharacters(line));

beforeAll(async () => {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  folder = scratch.emptyFolder();
  const endsAt = Date.now() - 60_000;
  world = await startWorld(folder, endsAt);
  story = new Story(world, print, { cases: 12, seed: 3, endsAt });
  await story.makeHistory();
  await story.tick('the only tick', 'complete');
});

afterAll(async () => {
  await world.close();
  scratch.remove();
});

test('an archive as the exporter left it is exact', async () => {
  expect(await verdict()).toEqual({
    exact: true,
    text: expect.stringContaining('0 missing · 0 doubled · 0 different · 0 unknown'),
  });
});

test('a file too many doubles its rows, and is in no manifest', async () => {
  const file = rowsFile();
  const copy = join(dirname(file), '000000000999.parquet');
  copyFileSync(file, copy);
  const { exact, text } = await verdict();
  rmSync(copy);
  expect(exact).toBe(false);
  expect(text).toMatch(/0 missing · [1-9]\d* doubled · 0 different/);
  expect(text).toContain('000000000999.parquet is in no manifest');
});

test('one value changed in a file is found, and so are its bytes', async () => {
  const { exact, text } = await withRewritten(
    "SELECT * REPLACE (CASE WHEN field_id = 'title' AND row_number() OVER (PARTITION BY field_id) = 1 THEN 'forged' ELSE new_value END AS new_value)",
  );
  expect(exact).toBe(false);
  expect(text).toMatch(/0 missing · 0 doubled · 1 different · 0 unknown/);
  expect(text).toMatch(/different: case \S+, event \S+, field \d+ in new_value/);
  expect(text).toContain('the file, or its manifest, was altered');
  expect(text).not.toContain('forged');
});

test('one row taken out of a file is found', async () => {
  const { exact, text } = await withRewritten('SELECT *', 'LIMIT (SELECT count(*) - 1 FROM SOURCE)');
  expect(exact).toBe(false);
  expect(text).toMatch(/1 missing · 0 doubled · 0 different · 0 unknown/);
});

test('a manifest that was touched breaks the chain', async () => {
  const name = filesOf(world.archiveFolder).find((key) => key.startsWith('manifests/')) ?? '';
  const file = join(world.archiveFolder, name);
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.toString().replace('"seq":1', '"seq":2'));
  const { exact } = await verdict();
  writeFileSync(file, bytes);
  expect(exact).toBe(false);
});

test('the evidence is sound, one altered bit is found by commit and key, and the archive stays as it was', async () => {
  const key = relative(world.archiveFolder, rowsFile());
  const bytes = readFileSync(rowsFile());
  const { isExpected, text } = await evidence();
  expect(isExpected).toBe(true);
  expect(text).toMatch(/✓ sound, exit code 0[\s\S]*a signature vouches for all of it/);
  expect(text).toMatch(/✗ contradicted, exit code 1\n +commit \d+: object-altered\n/);
  expect(text.split('exit code 1')[1]).toContain(key);
  expect(readFileSync(rowsFile())).toEqual(bytes);
  const command = text.slice(text.indexOf('Check it yourself'));
  expect(
    text
      .replace(command, '')
      .split('\n')
      .filter((line) => line.length > 80),
  ).toEqual([]);
});

test('evidence that does not come out as expected says what was expected', async () => {
  const note = join(world.archiveFolder, filesOf(world.archiveFolder).find((key) => key.endsWith('.note')) ?? '');
  const bytes = readFileSync(note);
  writeFileSync(note, bytes.subarray(1));
  const { isExpected, text } = await evidence();
  writeFileSync(note, bytes);
  expect(isExpected).toBe(false);
  expect(text).toMatch(/✗ contradicted, exit code 1\n[\s\S]*✗ Expected was sound, exit code 0\./);
});

test('a tick reads no profile of whoever runs it', async () => {
  const home = join(folder, 'home');
  mkdirSync(join(home, '.aws'), { recursive: true });
  writeFileSync(join(home, '.aws/config'), '[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n');
  const env = { ...world.stack.env, ...DEMO_SETTINGS, HOME: home };
  const { answer, error } = await runTick({ event: { domainId: DOMAIN }, env });
  expect({ status: answer?.status, error }).toEqual({ status: 'complete', error: null });
});

async function evidence(): Promise<{ isExpected: boolean; text: string }> {
  lines.length = 0;
  const isExpected = await printEvidence(print, world);
  return { isExpected, text: lines.join('\n') };
}

async function verdict(): Promise<{ exact: boolean; text: string }> {
  lines.length = 0;
  const exact = await printVerdict(print, world, story.commits());
  return { exact, text: lines.join('\n') };
}

/** The largest file of rows. */
function rowsFile(): string {
  const keys = filesOf(world.archiveFolder).filter((key) => key.endsWith('.parquet'));
  const largest = keys.toSorted((a, b) => size(b) - size(a))[0];
  return join(world.archiveFolder, largest ?? '');
}

function size(key: string): number {
  return readFileSync(join(world.archiveFolder, key)).length;
}

async function withRewritten(select: string, rest = '') {
  const file = rowsFile();
  const kept = join(folder, 'kept.parquet');
  renameSync(file, kept);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const source = `read_parquet('${kept}')`;
  await connection.run(`COPY (${select} FROM ${source} ${rest.replace('SOURCE', source)}) TO '${file}'`);
  connection.closeSync();
  instance.closeSync();
  const result = await verdict();
  renameSync(kept, file);
  return result;
}
