/** Promise: where an archive is kept, and what else lies in it, changes neither rows nor pages. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openFolder } from '../../../tools/cases-audit/archive/folder';
import { openFieldChanges } from '../../../tools/query/field-changes';
import { timeline } from '../../../tools/timeline/main';
import { scratchOfFile } from '../../support/scratch';
import { createSmallDomain, START } from '../exporter';

const CASE = 'case-1';
const scratch = scratchOfFile();
const parent = scratch.emptyFolder();
const archive = join(parent, 'plain', 'archive');
let rows: unknown;
let page: string;

const SQL = `SELECT case_id, run_id, event_id, field_id, new_value, domain_id, export_date, commit_seq, performed_time
  FROM field_changes ORDER BY event_id, field_index`;

beforeAll(async () => {
  const { cases, tick, save } = createSmallDomain('domain-1');
  cases.addCase(CASE, START);
  cases.addCase('4711', START);
  cases.updateCase(CASE, START + 60_000, [{ eventFieldId: 'order', newValue: { stringValue: 'A' } }]);
  await tick();
  cases.updateCase(CASE, START + 70 * 60_000, [{ eventFieldId: 'order', newValue: { stringValue: 'B' } }]);
  await tick();
  save(archive);
  rows = await rowsIn(archive);
  page = await pageIn(archive);
});

test.each([
  'case_id=4711',
  'run_id=7',
  'commit_seq=x',
  'domain_id=other/export_date=1999-01-01',
  'field_changes/domain_id=x',
  'performed_time=2020-01-01',
  'filename=7',
  'a[b]c',
  '[',
  '*',
  '**',
  'a?c',
  '{a,b}',
  'back\\slash',
  'a\\[b*',
  'it\'s "quoted"',
  'two words',
  'ünï 山田 👩‍👧',
  'two\nlines',
  '%20 $HOME ~ #',
])('an archive below a folder named %j: the same rows, the same page', async (name) => {
  const place = join(scratch.emptyFolder(), name, 'archive');
  cpSync(archive, place, { recursive: true });
  // Neighbours whose names the name would match, were it a pattern.
  for (const neighbour of ['abc', 'b', 'axc', 'a']) {
    const other = join(place, '../..', neighbour, 'archive/field_changes/domain_id=domain-1/export_date=2026-01-10');
    if (neighbour !== name) cpSync(dirname(file(archive)), other, { recursive: true });
  }
  expect(await rowsIn(place)).toEqual(rows);
  expect(await pageIn(place)).toBe(page);
  await expect(pageIn(place, 'case-2')).rejects.toThrow(/There is no case case-2/);
});

test('a link that an odd name needs is gone with the connection', async () => {
  const place = join(parent, 'again\\st', 'archive');
  cpSync(archive, place, { recursive: true });
  const changes = await openFieldChanges(place);
  expect(linksTo(place)).toBe(1);
  changes.close();
  expect(linksTo(place)).toBe(0);
});

const FOREIGN = [
  (name: string) => `._${name}`,
  (name: string) => `.${name}`,
  (name: string) => `~$${name}`,
  (name: string) => name.replace('.', ' - Copy.'),
  (name: string) => name.replace('.', ' (1).'),
  (name: string) => name.replace('.', '.sync-conflict-20260110.'),
  (name: string) => `${name}.tmp`,
  (name: string) => `${name}.crdownload`,
  (name: string) => `${name}.partial.parquet`,
  (name: string) => `00${name}`,
  () => '.DS_Store',
  () => 'Thumbs.db',
  () => 'desktop.ini',
];

test.each(FOREIGN.map((rename) => [rename('000000000001.parquet'), rename] as const))(
  'a file such as %s is no data, wherever it lies, and query and verify report it',
  async (_, rename) => {
    for (const whole of [true, false]) {
      const place = join(scratch.emptyFolder(), 'archive');
      cpSync(archive, place, { recursive: true });
      for (const key of [file(place), manifest(place), join(place, 'fields/domain_id=domain-1/000000000001.json')]) {
        const name = rename(key.slice(dirname(key).length + 1));
        writeFileSync(
          join(dirname(key), name),
          whole && existsSync(key) ? readFileSync(key) : '\u0000\u0005\u0016\u0007',
        );
      }
      expect(await rowsIn(place)).toEqual(rows);
      const changes = await openFieldChanges(place);
      const commits = await changes.query('SELECT commit_seq FROM export_commits ORDER BY 1');
      changes.close();
      expect(changes.notices).toEqual([expect.stringMatching(/^Not read: .* and 2 more \(listed by no manifest\)/)]);
      expect(commits.objects).toEqual([{ commit_seq: 1 }, { commit_seq: 2 }]);
      expect((await pageIn(place)).match(/is no key that an archive has/g)?.length).toBe(3);
    }
  },
);

test('a copy under the name of another commit’s file, which that commit’s manifest does not list, is no data', async () => {
  const place = join(parent, 'other-day', 'archive');
  cpSync(archive, place, { recursive: true });
  const other = join(place, 'field_changes/domain_id=domain-1/export_date=2026-01-11/000000000002.parquet');
  mkdirSync(dirname(other), { recursive: true });
  cpSync(file(place), other);
  expect(await rowsIn(place)).toEqual(rows);
});

test('rows whose manifest is not there are read, as Athena reads them, and nothing proves them', async () => {
  const place = join(parent, 'unproven', 'archive');
  cpSync(archive, place, { recursive: true });
  rmSync(join(place, 'manifests/domain_id=domain-1/000000000002.json'));
  expect(await rowsIn(place)).toEqual(rows);
  const changes = await openFieldChanges(place);
  changes.close();
  expect(changes.notices).toEqual([expect.stringMatching(/^Read, and proven by nothing: .*000000000002\.parquet/)]);
  expect(await pageIn(place)).toContain('Incomplete, or not proven to be complete');
});

test('a manifest that is no JSON, and a file that is missing, are named and end no question', async () => {
  const place = join(parent, 'broken', 'archive');
  cpSync(archive, place, { recursive: true });
  writeFileSync(manifest(place), '{"objects": [');
  rmSync(join(place, 'field_changes/domain_id=domain-1'), { recursive: true });
  const changes = await openFieldChanges(place);
  const { objects } = await changes.query('SELECT count(*) AS n FROM field_changes');
  changes.close();
  expect(objects).toEqual([{ n: 0 }]);
  expect(changes.notices.join('\n')).toMatch(/Not there: .*000000000002\.parquet[\s\S]*a manifest that is no JSON/);
});

test('the checker reads the folder by names, too', async () => {
  const place = join(parent, 'case_id=1 [*]', 'archive');
  cpSync(archive, place, { recursive: true });
  const keys: string[] = [];
  for await (const { key } of openFolder(place).list('field_changes/')) keys.push(key);
  expect(keys.every((key) => key.startsWith('field_changes/domain_id=domain-1/export_date='))).toBe(true);
});

function linksTo(place: string): number {
  return readdirSync(tmpdir()).filter((name) => {
    try {
      return name.startsWith('cases-audit-link-') && readlinkSync(join(tmpdir(), name, 'archive')) === place;
    } catch {
      // Of somebody else, and gone since.
      return false;
    }
  }).length;
}

async function rowsIn(folder: string): Promise<unknown> {
  const changes = await openFieldChanges(folder);
  try {
    return (await changes.query(SQL)).objects;
  } finally {
    changes.close();
  }
}

async function pageIn(folder: string, caseId = CASE): Promise<string> {
  const out = join(scratch.emptyFolder(), 'page.html');
  await timeline(['--folder', folder, '--out', out, caseId], START);
  return readFileSync(out, 'utf8');
}

function file(folder: string): string {
  const rowFolder = join(folder, 'field_changes/domain_id=domain-1');
  const [day = ''] = readdirSync(rowFolder).sort();
  return join(rowFolder, day, '000000000001.parquet');
}

function manifest(folder: string): string {
  return join(folder, 'manifests/domain_id=domain-1/000000000001.json');
}
