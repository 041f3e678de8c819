/** Promise: a recheck as a whole, over an archive of the exporter's own code: which cases it looks at, and what its verdict rests on. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CasesFailure } from '../../../lambda/export/domain/errors';
import { fieldChangesKey, manifestKey } from '../../../lambda/export/domain/keys';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import type { AuditPage } from '../../../lambda/export/ports';
import { openFolder } from '../../../tools/cases-audit/archive/folder';
import { gatherCases } from '../../../tools/cases-audit/recheck/archived-cases';
import { type RecheckRequest, recheck } from '../../../tools/cases-audit/recheck/recheck';
import { recheckReport } from '../../../tools/cases-audit/recheck/report';
import { Sample } from '../../../tools/cases-audit/recheck/sample';
import type { FakeCases } from '../../fakes/cases-api';
import { createManualClock } from '../../fakes/manual-clock';
import { failed, NO_CASES, withAnswers } from '../../fakes/with-answers';
import { scratchOfFile } from '../../support/scratch';
import { createSmallDomain, START } from '../exporter';

const DOMAIN = 'd';
const HOUR = 3_600_000;
const SAMPLE = { size: 100, seed: 'seed', searches: true };
const scratch = scratchOfFile();
let cases: FakeCases;
let folder: string;

beforeEach(async () => {
  const domain = createSmallDomain(DOMAIN);
  cases = domain.cases;
  for (let index = 1; index <= 6; index += 1) cases.addCase(`case-${index}`, START - index * HOUR);
  await domain.tick();
  for (const caseId of ['case-1', 'case-2']) cases.updateCase(caseId, START + HOUR);
  await domain.tick();
  folder = scratch.emptyFolder();
  domain.save(folder);
});

function check(which: RecheckRequest['which'] = SAMPLE, api: Partial<RecheckRequest['api']> = {}) {
  const { searchCases, getCaseAuditEvents } = cases;
  return recheck({
    archive: openFolder(folder),
    partition: DOMAIN,
    casesDomain: null,
    which,
    api: { searchCases, getCaseAuditEvents, ...api },
    clock: createManualClock({ auto: true }),
    pace: 10,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
}

function manifests(): Manifest[] {
  const names = readdirSync(join(folder, `manifests/domain_id=${DOMAIN}`)).sort();
  return names.map(
    (_, index) => JSON.parse(readFileSync(join(folder, manifestKey(DOMAIN, index + 1)), 'utf8')) as Manifest,
  );
}

function alterNewest(change: Partial<Manifest>): void {
  const newest = manifests().at(-1) as Manifest;
  writeFileSync(join(folder, manifestKey(DOMAIN, newest.seq)), JSON.stringify({ ...newest, ...change }));
}

const failing = (kind: CasesFailure, retryAfterMs?: number) => () =>
  Promise.reject(failed(kind, 'GetCaseAuditEvents', retryAfterMs));

/** The service, whose answer to each reading of a history becomes what `change` makes of it; the first is number 1. */
function reading(change: (page: AuditPage, call: number) => AuditPage) {
  let calls = 0;
  return withAnswers(cases, 'getCaseAuditEvents', (page) => change(page, ++calls));
}

test('rows of several commits are one case, and a sample of all leaves nothing open', async () => {
  const answer = await check();
  expect(answer).toMatchObject({ verdict: 'agrees', exitCode: 0, contradictions: [], excused: [], unread: [] });
  expect(answer.frames).toMatchObject([
    { frame: 'archive', population: 6, drawn: 6, clean: 6, odds: { casesAtMost: 0 } },
    { frame: 'service-only', population: 0, drawn: 0, odds: null },
  ]);
  expect(answer.compared).toEqual({ events: 8, rows: 8 });
  expect(answer.search).toEqual({ cases: 6, hidden: 0, setApart: [] });
});

test('a case that was left out as a whole is found by the search, and a fresh one is set apart unread', async () => {
  cases.addCase('left-out', START - HOUR / 2);
  cases.addCase('fresh', START + 9 * HOUR);
  const answer = await check();
  expect(answer).toMatchObject({ verdict: 'differs', contradictions: [{ kind: 'event-missing', caseId: 'left-out' }] });
  expect(answer.frames[1]).toMatchObject({ frame: 'service-only', population: 1, drawn: 1, differing: 1, odds: null });
  expect(answer.search?.setApart).toEqual([{ kind: 'newer', cases: 1 }]);
  const read = cases.calls.map(({ request }) => (request as { caseId?: string }).caseId);
  expect(read).not.toContain('fresh');
  // Nothing of it is in the archive, and need not be: nothing was compared.
  expect(await check({ caseIds: ['fresh'] })).toMatchObject({ exitCode: 3, excused: [{ kind: 'newer', events: 1 }] });
  expect(await check({ ...SAMPLE, searches: false })).toMatchObject({ verdict: 'agrees', search: null });
});

test('a contradiction is confirmed by a second reading: a page that moved accuses nobody', async () => {
  const calls: number[] = [];
  const moving = reading((page, call) => {
    calls.push(call);
    return call === 1 ? { ...page, events: page.events.slice(1) } : page;
  });
  expect(await check({ caseIds: ['case-1'] }, moving)).toMatchObject({ verdict: 'agrees' });
  expect(calls).toEqual([1, 2]);
});

test('a null event at both readings leaves the case open; at one of them it does not', async () => {
  const hiding = (times: number) =>
    reading((page, call) => (call <= times ? { ...page, events: [null, ...page.events.slice(1)] } : page));
  expect(await check({ caseIds: ['case-1'] }, hiding(1))).toMatchObject({ verdict: 'agrees' });
  expect(await check({ caseIds: ['case-1'] }, hiding(2))).toMatchObject({
    exitCode: 3,
    contradictions: [],
    unread: [{ caseId: 'case-1', cause: 'incomplete' }],
  });
});

test('what the newest manifest owes, or leaves out, is no contradiction', async () => {
  cases.updateCase('case-3', START);
  cases.addCase('old', START - 99 * HOUR);
  expect((await check()).contradictions).toHaveLength(2);
  const gap = { caseId: 'case-3', cause: 'denied' as const, since: new Date(START).toISOString(), attempts: 1 };
  const debt = { cause: 'denied' as const, cases: 1, neverRead: 0, since: START, missingFrom: START - HOUR };
  const { lanes, history } = manifests().at(-1) as Manifest;
  const exportFrom = START - 50 * HOUR;
  alterNewest({
    gaps: [gap],
    debts: [debt],
    lanes: { ...lanes, sweep: lanes.sweep && { ...lanes.sweep, exportFrom } },
    history: history ? { ...history, exportFrom } : null,
  });
  expect(await check()).toMatchObject({
    exitCode: 0,
    excused: [{ kind: 'owed', events: 1 }],
    search: { setApart: [{ kind: 'before-export-from', cases: 1 }] },
  });
});

test('a file that cannot be read accuses nobody; one that is gone does', async () => {
  const key = join(folder, fieldChangesKey(DOMAIN, manifests()[0]?.exportDate ?? '', 1));
  writeFileSync(key, 'no Parquet');
  const open = await check();
  expect(open).toMatchObject({ exitCode: 3, contradictions: [], unread: [{ caseId: null, cause: 'archive' }] });
  expect(open.excused.map(({ kind }) => kind)).toEqual(['archive-unread']);
  rmSync(key);
  expect((await check()).verdict).toBe('differs');
});

test('without any manifest nothing is claimed, and nothing agrees', async () => {
  rmSync(join(folder, 'manifests'), { recursive: true });
  const answer = await check({ caseIds: ['case-1'] });
  expect(answer).toMatchObject({
    exitCode: 3,
    claim: null,
    contradictions: [],
    excused: [{ kind: 'no-claim', events: 2 }],
  });
  expect(await check()).toMatchObject({ exitCode: 3, frames: [{ population: 0, drawn: 0 }] });
});

test('a long pause that the service asks for ends the check, with what was read', async () => {
  const refusing = jest.fn(
    reading((page, call) => {
      if (call > 2) throw failed('throttled', 'GetCaseAuditEvents', 600_000);
      return page;
    }).getCaseAuditEvents,
  );
  const answer = await check(SAMPLE, { getCaseAuditEvents: refusing });
  expect(refusing).toHaveBeenCalledTimes(3);
  expect(answer).toMatchObject({
    exitCode: 3,
    verdict: 'agrees-as-far-as-checked',
    frames: [{ clean: 2, unread: 4 }, {}],
  });
  expect(answer.unread.map(({ cause }) => cause)).toEqual(['stopped', 'throttled']);
});

test('who is denied three cases in a row does not ask for the others', async () => {
  const denied = jest.fn(failing('denied'));
  const answer = await check(SAMPLE, { getCaseAuditEvents: denied });
  expect(denied).toHaveBeenCalledTimes(3);
  expect(answer).toMatchObject({ exitCode: 3, frames: [{ unread: 6 }, {}] });
});

test('of cases that are not drawn nothing is kept', async () => {
  const sample = new Sample('seed', 2);
  const archive = openFolder(folder);
  const offer = (caseId: string) => sample.offer(caseId);
  const { signal } = new AbortController();
  const found = await gatherCases({ archive, partition: DOMAIN, offer, signal, onCommit: () => undefined });
  expect([...found.cases.keys()].sort()).toEqual(sample.caseIds.toSorted());
  expect(found.caseIds.size).toBe(6);
});

test.each<[string, Partial<RecheckRequest['api']>, object]>([
  ['a search that is denied', { searchCases: failing('denied') }, { unread: [{ caseId: null, cause: 'denied' }] }],
  [
    'a search with a null in place of a case',
    { searchCases: async () => ({ ...NO_CASES, cases: [null], totalCount: 1 }) },
    { unread: [{ caseId: null, cause: 'hidden' }], search: { hidden: 1 } },
  ],
])('%s leaves the sample of the archive as it is', async (_, api, expected) => {
  expect(await check(SAMPLE, api)).toMatchObject({ exitCode: 3, frames: [{ clean: 6 }, {}], ...expected });
});

test('every case is 404: that looks like a wrong domain, and agrees with nothing', async () => {
  const answer = await check(SAMPLE, { getCaseAuditEvents: failing('not-found') });
  expect(answer).toMatchObject({ exitCode: 3, contradictions: [] });
  expect(answer.gone).toHaveLength(6);
  expect(answer.answer).toContain('check domain, Region and account');
});

test('ids from the service reach no terminal as they are', async () => {
  cases.addCase('left-out\u001b[2J\u202e', START - HOUR / 2);
  const report = recheckReport(await check(), { width: 80, hasColors: false });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(report).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
});
