/** Promise: docs/cases-audit.md names every member of `--json`, and `coverage` says what the query `period-complete` says. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldChangesKey, manifestKey } from '../../../lambda/export/domain/keys';
import type { CoverageAnswer } from '../../../tools/cases-audit/period/coverage';
import { copyOf, DOMAIN, exportModel, type Files, type ModelCommit, newSigner, render } from './signed-archive';
import { cli, verifierOfFile } from './verify-files';

const { folderOf, scratch } = verifierOfFile();
const PAGE = readFileSync(join(__dirname, '../../../docs/cases-audit.md'), 'utf8');
let commits: ModelCommit[];

beforeAll(async () => {
  commits = copyOf((await exportModel()).commits);
  for (const { manifest } of commits) manifest.openQuarantine = 0;
});

/** Names of members at any depth. */
function membersOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(membersOf);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...membersOf(inner)]);
}

test.each(['coverage', 'status'])('every member of %s --json', async (name) => {
  const copy = copyOf(commits);
  const newest = (copy.at(-1) as ModelCommit).manifest;
  newest.debts = [{ cause: 'denied', cases: 2, neverRead: 1, since: Date.UTC(2026, 0, 9), missingFrom: null }];
  newest.gaps = [{ caseId: 'case-9', cause: 'denied', since: '2026-01-09T00:00:00.000Z', attempts: 2 }];
  const signer = newSigner();
  const folder = folderOf(await render(copy, { signers: () => [signer] }));
  const members = new Set(membersOf(JSON.parse((await cli([name, '--offline', folder, '--json'])).out)));
  expect(members.size).toBeGreaterThan(30);
  const named = new Set([...PAGE.matchAll(/`(?:[\w[\]]+\.)*(\w+)(?:\[\])?`/g)].map(([, member]) => member));
  expect([...members].filter((member) => !named.has(member))).toEqual([]);
});

test.each<[string, string[]]>([
  ['case --extract', ['case', 'case-3', '--extract']],
  ['pack', ['pack']],
])('every member of %s --json, and of the JSON in its bag', async (_, command) => {
  const signer = newSigner();
  const files = await render(commits, { signers: () => [signer] });
  files.set('foreign', Buffer.from('x'));
  const bag = join(scratch.emptyFolder(), 'bag');
  const { out } = await cli([...command, bag, '--offline', folderOf(files), '--json']);
  const json = readdirSync(join(bag, 'data')).filter((name) => /^(extract|builds)\.json$/.test(name));
  const texts = [out, ...json.map((name) => readFileSync(join(bag, 'data', name), 'utf8'))];
  const members = new Set(texts.flatMap((text) => membersOf(JSON.parse(text))));
  expect(members.size).toBeGreaterThan(20);
  const named = new Set([...PAGE.matchAll(/`(?:[\w[\]]+\.)*(\w+)(?:\[\])?`/g)].map(([, member]) => member));
  expect([...members].filter((member) => !named.has(member))).toEqual([]);
});

test.each(['case', 'pack'])('the help of %s shows two examples and the exit codes', async (name) => {
  const { code, out } = await cli([name, '--help']);
  expect(code).toBe(0);
  expect(out.match(new RegExp(`^ {2}cases-audit ${name} `, 'gm'))).toHaveLength(2);
  expect(out).toMatch(/^Exit codes: 0 \w+ · 1 .* · 2 wrong call.* · 3 .* · 130 interrupted$/m);
});

const DAY = '2026-01-09';
const altered = (change: (newest: ModelCommit['manifest']) => void) => () => {
  const copy = copyOf(commits);
  change((copy.at(-1) as ModelCommit).manifest);
  return render(copy);
};
const without = (key: string) => async () => new Map([...(await render(commits))].filter(([each]) => each !== key));

test.each<[string, boolean, () => Promise<Files>]>([
  ['sound', true, () => render(commits)],
  ['rows are gone', false, without(fieldChangesKey(DOMAIN, '2026-01-10', 2))],
  ['a manifest is gone', false, without(manifestKey(DOMAIN, 4))],
  [
    'an event is in quarantine',
    false,
    altered((newest) => {
      newest.openQuarantine = 1;
    }),
  ],
  [
    'a case is owed',
    false,
    altered((newest) => {
      newest.debts = [{ cause: 'denied', cases: 1, neverRead: 0, since: 0, missingFrom: null }];
    }),
  ],
])('coverage and period-complete agree: %s', async (_, isComplete, make) => {
  const folder = folderOf(await make());
  const args = ['query', '--offline', folder, 'period-complete', '--param', `last_day=${DAY}`, '--json'];
  const [row] = JSON.parse((await cli(args)).out) as { is_complete: boolean; debts: number }[];
  const { out } = await cli(['coverage', '--offline', folder, '--until', DAY, '--json']);
  const { verdict } = JSON.parse(out) as CoverageAnswer;
  expect({ coverage: verdict === 'complete', query: row?.is_complete }).toEqual({
    coverage: isComplete,
    query: isComplete,
  });
});

test('every member of recheck --json, and every kind of a difference', () => {
  const declared = ['recheck/answer.ts', 'recheck/compare.ts', 'recheck/sample.ts'].map((file) =>
    readFileSync(join(__dirname, '../../../tools/cases-audit', file), 'utf8'),
  );
  const interfaces = declared.flatMap((text) =>
    [...text.matchAll(/^export interface (?:Frame|RecheckAnswer|Unread|Odds|Contradiction) \{\n([\s\S]*?)^\}/gm)].map(
      ([, body = '']) => body,
    ),
  );
  expect(interfaces).toHaveLength(5);
  const members = interfaces.flatMap((body) => [...body.matchAll(/readonly (\w+):/g)].map(([, name]) => name));
  const named = new Set([...PAGE.matchAll(/`(?:[\w[\]]+\.)*(\w+)(?:\[\])?`/g)].map(([, member]) => member));
  expect(members.filter((member) => !named.has(member))).toEqual([]);
  const claim = readFileSync(join(__dirname, '../../../tools/cases-audit/recheck/claim.ts'), 'utf8');
  const kinds = [...(/type ExcuseKind =([\s\S]*?);/.exec(claim)?.[1] ?? '').matchAll(/'([\w-]+)'/g)].map(
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
