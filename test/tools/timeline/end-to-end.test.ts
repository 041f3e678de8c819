/** `npm run timeline` over exported files: the page against the service's history, its evidence against the files, bad input. */
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditEvent, AuditEventField, FieldValueUnion } from '../../../lambda/export/domain/audit-event';
import { sha256 } from '../../../lambda/export/domain/stored-form';
import { timeline } from '../../../tools/timeline/main';
import { scratchOfFile } from '../../support/scratch';
import { createSmallDomain, START } from '../exporter';
import { all, type Element, one, readPage, text } from './page-reader';

const MINUTE = 60_000;
const CASE = 'case-1';
const OTHER_NAME = '../<case> "2"';
const MARIA = 'arn:aws:connect:us-east-1:111122223333:instance/i/agent/maria';

const scratch = scratchOfFile();
const parent = scratch.emptyFolder();
const archive = join(parent, 'archive');
let history: readonly AuditEvent[];

beforeAll(async () => {
  const { cases, tick, save } = createSmallDomain('domain-1');
  const field = (fieldId: string, name: string, type: string) =>
    cases.fields.set(fieldId, { fieldId, name, type, namespace: 'Custom', deleted: false });
  field('status', 'Status', 'SingleSelect');
  field('order', 'Order number', 'Text');
  cases.options.set('status', [{ value: 'open', name: 'Open & new', active: true }]);
  cases.addCase(CASE, START);
  cases.addCase(OTHER_NAME, START);
  for (const [index, fields] of CHANGES.entries()) cases.updateCase(CASE, START + index * MINUTE, fields);
  cases.addRelatedItem(CASE, START + 9 * MINUTE);
  await tick();
  field('order', 'Order reference', 'Text');
  cases.updateCase(CASE, START + 61 * MINUTE, [
    { eventFieldId: 'order', oldValue: string('A'), newValue: string('B') },
  ]);
  await tick();
  await tick();
  save(archive);
  const second = createSmallDomain('domain-2');
  second.cases.addCase(OTHER_NAME, START);
  await second.tick();
  second.save(archive);
  history = (cases.cases.get(CASE)?.events ?? []).filter((event) => event !== null);
});

function string(stringValue: string): FieldValueUnion {
  return { stringValue };
}

/** Each value once in the whole history, so that a mix-up shows. */
const CHANGES: readonly (readonly AuditEventField[])[] = [
  [
    { eventFieldId: 'status', newValue: string('open') },
    { eventFieldId: 'order', newValue: string('\uFEFF<script>alert("1")</script>\u202E') },
    { eventFieldId: 'amount', newValue: { doubleValue: 0.1 } },
    { eventFieldId: 'owner', newValue: { userArnValue: MARIA } },
  ],
  [
    { eventFieldId: 'status', oldValue: string('open'), newValue: { emptyValue: {} } },
    { eventFieldId: 'amount', oldValue: { doubleValue: 0.1 }, newValue: { doubleValue: -0 } },
    { eventFieldId: 'vip', newValue: { booleanValue: false } },
    { eventFieldId: 'note', newValue: string('😀\n'.repeat(2_050)) },
  ],
  [{ eventFieldId: 'order', oldValue: string('not what was left'), newValue: string('A') }],
  [],
];

test('Every event and every value of the history is on the page, once, in order', async () => {
  const page = await pageOf(CASE);
  const found = all(page, '<article>').map((article) => ({
    id: text(all(one(article, 'what'), '<code>').at(-1) as Element),
    at: one(one(article, 'when'), '<time>').attributes['datetime'],
    fields: all(article, '<tr>')
      .slice(1)
      .map((row) => [idOf(one(row, '<th>')), ...all(row, '<td>').map((cell) => rawValue(page, cell))]),
  }));
  const expected = history.map(({ eventId, performedTime, fields }) => ({
    id: eventId,
    at: performedTime?.toISOString(),
    fields: (fields ?? []).map((field) => [
      field?.eventFieldId,
      expectedValue(field?.oldValue),
      expectedValue(field?.newValue),
    ]),
  }));
  const key = ({ at, id }: { at: string | undefined; id: string | undefined }) => `${at} ${id}`;
  expect(found).toEqual(expected.sort((a, b) => (key(a) < key(b) ? -1 : 1)));
  expect(found.length).toBeGreaterThan(6);
});

test('The present state, labels, the name of the template and what a field is called now', async () => {
  const page = await pageOf(CASE);
  const state = all(one(page, 'current'), '<tr>')
    .slice(1)
    .map((row) => [text(one(row, 'field-name')), text(all(row, '<td>')[0] as Element)]);
  expect(Object.fromEntries(state)).toMatchObject({
    Status: 'empty',
    'Order reference': 'B',
    vip: 'false (true or false)',
    amount: '-0 (number)',
  });
  expect(all(page, 'label').map(text)).toEqual(['Open & new', 'Open & new']);
  expect(text(one(page, '<header>'))).toContain('Template 1 template-1');
  expect(text(one(page, '#event-2'))).toContain('Order numberorder · now called Order reference');
});

test('The evidence names the files that hold the rows, and breaks are named', async () => {
  const page = await pageOf(CASE);
  const statement = text(one(page, 'verdict'));
  expect(statement).toMatch(/^\nComplete as of 2026-01-10 \d\d:\d\d:\d\d\.\d{3} UTC\./);
  expect(statement).toContain('is not what the change before it left: events 4.');
  const hashes = all(one(page, 'files'), 'hash').map(text);
  const paths = all(one(page, 'files'), 'path').map(text);
  expect(paths).toHaveLength(4);
  for (const [index, path] of paths.entries()) expect(hashes[index]).toBe(sha256(readFileSync(join(archive, path))));
});

test.each([
  [
    'an altered file of rows',
    (folder: string) => cpSync(parquetFiles(folder)[1] ?? '', parquetFiles(folder)[0] ?? ''),
    'the file, or its manifest, was altered',
  ],
  ['a missing manifest', (folder: string) => rmSync(manifest(folder, 2)), 'Manifest 2 is missing'],
  [
    'an altered manifest',
    (folder: string) => appendFileSync(manifest(folder, 1), ' '),
    'Manifest 2 says that manifest 1 has the SHA-256',
  ],
  ['an unreadable manifest', (folder: string) => writeFileSync(manifest(folder, 3), '{}'), 'Manifest 3 cannot be read'],
  [
    'a file of rows in no manifest',
    (folder: string) => cpSync(parquetFiles(folder)[0] ?? '', `${parquetFiles(folder)[0]}.parquet`),
    'is no key that an archive has',
  ],
])('%s is said on the page', async (_, spoil, reason) => {
  const spoilt = join(scratch.emptyFolder(), 'archive');
  cpSync(archive, spoilt, { recursive: true });
  spoil(spoilt);
  const verdict = one(await pageOf(CASE, '--folder', spoilt), 'verdict');
  expect(text(verdict)).toMatch(/^\nIncomplete, or not proven to be complete/);
  expect(text(verdict)).toContain(reason);
});

test('Names of users come from work-area/users beside the archive, or from --users', async () => {
  const file = join(parent, 'names.csv');
  writeFileSync(file, `user_arn,name,team\n${MARIA},"Maria ""M"" L.",\n`);
  const page = await pageOf(CASE, '--users', file);
  expect(text(one(page, 'persons'))).toContain('Maria "M" L.');
});

test('The page goes beside the archive, under a name that is safe whatever the id', async () => {
  await timeline(['--folder', archive, '--domain', 'domain-2', '--', OTHER_NAME], START);
  const made = readdirSync(parent).filter((name) => name.endsWith('.timeline.html'));
  expect(made).toEqual([expect.stringMatching(/^_case_2_-[0-9a-f]{16}\.timeline\.html$/)]);
});

test('What is printed are counts and the file', async () => {
  expect(await timeline(['--folder', archive, '--out', join(parent, 'p.html'), CASE], START)).toMatch(
    /^7 events, 13 rows, complete as of 2026-01-10T\S+:\n {2}\S+p\.html\n$/,
  );
});

test.each([
  [[], 'Expected one case id, got 0'],
  [['a', 'b'], 'Expected one case id, got 2'],
  [['case-12'], 'There is no case case-12 in'],
  [['case-12'], 'the nearest ids are\n  case-1\n  ../<case> "2"'],
  [['--', OTHER_NAME], 'is in several domains: expected --domain with one of domain-1, domain-2'],
  [[CASE, '--domain', 'domain-3'], 'expected one of domain-1, domain-2'],
  [[CASE, '--domain', 'domain-2'], 'There is no case case-1 in domain domain-2'],
  [[CASE, '--time-zone', 'Mars/Olympus'], 'There is no time zone "Mars/Olympus"'],
  [[CASE, '--time-zone', '+01:00'], 'There is no time zone "+01:00"'],
  [[CASE, '--folder', '/nowhere'], 'There are no exported files in /nowhere'],
  [[CASE, '--out', '/nowhere/page.html'], 'There is no folder /nowhere'],
  [[CASE, '--nonsense'], '--nonsense'],
])('%j says what was expected', async (args, message) => {
  await expect(timeline(['--folder', archive, ...args], START)).rejects.toThrow(message);
});

test('A case with an open gap and no rows is no unknown case', async () => {
  const folder = scratch.emptyFolder();
  cpSync(archive, folder, { recursive: true });
  const content = JSON.parse(readFileSync(manifest(folder, 3), 'utf8'));
  content.gaps = [{ caseId: 'case-9', cause: 'not-found', since: '2026-01-10T12:00:00.000Z', attempts: 2 }];
  writeFileSync(manifest(folder, 3), JSON.stringify(content));
  await expect(timeline(['--folder', folder, 'case-9'], START)).rejects.toThrow(
    'No event of the case case-9 could be read yet: not-found, 2 attempts since 2026-01-10T12:00:00.000Z',
  );
});

async function pageOf(caseId: string, ...options: string[]): Promise<Element> {
  const out = join(scratch.emptyFolder(), 'page.html');
  await timeline(['--folder', archive, ...options, '--out', out, caseId], START);
  return readPage(readFileSync(out, 'utf8'));
}

/** The id below the name; a field without a name has its id in place of it. */
function idOf(cell: Element): string {
  return text(one(cell, '<code>'));
}

/** What the cell says of the value: its kind, where the page says it, and its text; of a person the ARN in the note. */
function rawValue(page: Element, cell: Element): string {
  const [none] = all(cell, 'none');
  if (none !== undefined) return `[${text(none)}]`;
  const [link] = all(cell, 'note');
  if (link !== undefined) return text(one(one(page, link.attributes['href'] ?? ''), 'arn'));
  return text(one(cell, 'text'));
}

function expectedValue(value: FieldValueUnion | null | undefined): string {
  if (value === null || value === undefined) return '[not given]';
  if (value.emptyValue !== undefined) return '[empty]';
  if (value.doubleValue !== undefined) return Object.is(value.doubleValue, -0) ? '-0' : String(value.doubleValue);
  return value.stringValue ?? value.userArnValue ?? String(value.booleanValue);
}

function manifest(folder: string, seq: number): string {
  return join(folder, `manifests/domain_id=domain-1/${String(seq).padStart(12, '0')}.json`);
}

function parquetFiles(folder: string): string[] {
  const rows = join(folder, 'field_changes/domain_id=domain-1');
  const names = readdirSync(rows, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'));
  return names.sort().map((name) => join(rows, name));
}
