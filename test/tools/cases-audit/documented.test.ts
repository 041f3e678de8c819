/** Promise: docs/cases-audit.md names every member of `--json`, and `coverage` says what the query `period-complete` says. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldChangesKey, manifestKey } from '../../../lambda/export/domain/keys';
import type { CoverageAnswer } from '../../../tools/cases-audit/period/coverage';
import { answerOf, cli } from './command-line';
import { DOMAIN, type Files, render } from './signed-archive';
import { inManifest, nothingQuarantined, soundArchiveOfFile } from './sound-archive';

const archive = soundArchiveOfFile(nothingQuarantined);
const { folderOf, forged, scratch } = archive;
const read = (...path: string[]) => readFileSync(join(__dirname, '../../..', ...path), 'utf8');
const PAGE = read('docs/cases-audit.md');

/** Names of members at any depth. */
function membersOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(membersOf);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...membersOf(inner)]);
}

/** Those that the page does not name. */
function undocumented(members: Iterable<string | undefined>): unknown[] {
  const named = new Set([...PAGE.matchAll(/`(?:[\w[\]]+\.)*(\w+)(?:\[\])?`/g)].map(([, member]) => member));
  return [...members].filter((member) => !named.has(member));
}

test.each(['coverage', 'status'])('every member of %s --json', async (name) => {
  const owing = inManifest(8, {
    debts: [{ cause: 'denied', cases: 2, neverRead: 1, since: Date.UTC(2026, 0, 9), missingFrom: null }],
    gaps: [{ caseId: 'case-9', cause: 'denied', since: '2026-01-09T00:00:00.000Z', attempts: 2 }],
  });
  const { out } = await cli([name, '--offline', folderOf(await forged(owing)), '--json']);
  const members = new Set(membersOf(JSON.parse(out)));
  expect(members.size).toBeGreaterThan(30);
  expect(undocumented(members)).toEqual([]);
});

test.each<[string, string[]]>([
  ['case --extract', ['case', 'case-3', '--extract']],
  ['pack', ['pack']],
])('every member of %s --json, and of the JSON in its bag', async (_, command) => {
  const files = archive.changed((all) => all.set('foreign', Buffer.from('x')));
  const bag = join(scratch.emptyFolder(), 'bag');
  const { out } = await cli([...command, bag, '--offline', folderOf(files), '--json']);
  const json = readdirSync(join(bag, 'data')).filter((name) => /^(extract|builds)\.json$/.test(name));
  const texts = [out, ...json.map((name) => readFileSync(join(bag, 'data', name), 'utf8'))];
  const members = new Set(texts.flatMap((text) => membersOf(JSON.parse(text))));
  expect(members.size).toBeGreaterThan(20);
  expect(undocumented(members)).toEqual([]);
});

test.each([
  [
    'case',
    '0 complete · 1 contradicted, or not complete · 2 wrong call, or no such case · 3 not proven as far as checked',
  ],
  ['coverage', '0 complete · 1 not complete · 2 wrong call · 3 could not look'],
  ['pack', '0 sound · 1 contradicted · 2 wrong call · 3 sound as far as checked'],
  ['query', '0 answered · 2 wrong call, or DuckDB is not installed · 3 could not look'],
  ['replay', '0 done · 2 wrong call · 3 could not be done: another run has the lease, or an error'],
  ['status', '0 shown · 1 no commit · 2 wrong call · 3 could not look'],
  ['verify', '0 sound · 1 contradicted · 2 wrong call · 3 sound as far as checked, but something could not be'],
  ['void', '0 done · 2 wrong call · 3 could not be done: another run has the lease, or an error'],
])('the help of %s shows two examples and the exit codes', async (name, codes) => {
  const { code, out } = await cli([name, '--help']);
  expect(code).toBe(0);
  // A query of a bucket has an example of its own.
  expect(out.match(new RegExp(`^ {2}cases-audit ${name} (?!--stack .*select)`, 'gm'))).toHaveLength(2);
  expect(out).toMatch(new RegExp(`^Exit codes: ${codes} · 130 \\w+`, 'm'));
});

const DAY = '2026-01-09';
const ROWS_2 = fieldChangesKey(DOMAIN, '2026-01-10', 2);
const OWED = { cause: 'denied', cases: 1, neverRead: 0, since: 0, missingFrom: null } as const;

test.each<[string, boolean, () => Files | Promise<Files>]>([
  ['sound', true, () => render(archive.commits)],
  ['rows are gone', false, () => archive.without(ROWS_2)],
  ['a manifest is gone', false, () => archive.without(manifestKey(DOMAIN, 4))],
  ['an event is in quarantine', false, () => forged(inManifest(8, { openQuarantine: 1 }))],
  ['a case is owed', false, () => forged(inManifest(8, { debts: [OWED] }))],
])('coverage and period-complete agree: %s', async (_, isComplete, make) => {
  const folder = folderOf(await make());
  const args = ['query', '--offline', folder, 'period-complete', '--param', `last_day=${DAY}`, '--json'];
  const [row] = JSON.parse((await cli(args)).out) as { is_complete: boolean; debts: number }[];
  const { verdict } = await answerOf<CoverageAnswer>(['coverage', '--offline', folder, '--until', DAY]);
  expect({ coverage: verdict === 'complete', query: row?.is_complete }).toEqual({
    coverage: isComplete,
    query: isComplete,
  });
});

test('every member of recheck --json, and every kind of a difference', () => {
  const source = (file: string) => read('tools/cases-audit/recheck', file);
  const declared = ['answer.ts', 'compare.ts', 'sample.ts'].map(source);
  const interfaces = declared.flatMap((text) =>
    [...text.matchAll(/^export interface (?:Frame|RecheckAnswer|Unread|Odds|Contradiction) \{\n([\s\S]*?)^\}/gm)].map(
      ([, body = '']) => body,
    ),
  );
  expect(interfaces).toHaveLength(5);
  const members = interfaces.flatMap((body) => [...body.matchAll(/readonly (\w+):/g)].map(([, name]) => name));
  expect(undocumented(members)).toEqual([]);
  const kinds = [...(/type ExcuseKind =([\s\S]*?);/.exec(source('claim.ts'))?.[1] ?? '').matchAll(/'([\w-]+)'/g)].map(
    ([, kind]) => kind,
  );
  expect(kinds.length).toBeGreaterThan(10);
  expect(kinds.filter((kind) => !PAGE.includes(`\`${kind}\``))).toEqual([]);
});

test('the policy of recheck allows what it calls, and nothing else', () => {
  const [, json = '{}'] = /<!-- recheck policy -->\s+```json\n([\s\S]*?)```/.exec(PAGE) ?? [];
  const { Statement } = JSON.parse(json) as { Statement: { Effect: string; Action: string }[] };
  expect(Statement.map(({ Effect, Action }) => `${Effect} ${Action}`)).toEqual([
    'Allow cases:GetCaseAuditEvents',
    'Allow cases:SearchCases',
  ]);
});
