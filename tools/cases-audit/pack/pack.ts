/** A pack: what an auditor takes along of an archive, as a bag, with the verdict on it. */
import { resolve } from 'node:path';
import type { NoteKey } from '../../../lambda/export/domain/note-keys';
import { html, type Markup, visible } from '../../timeline/html/markup';
import type { Archive } from '../archive/archive';
import { partitionsOf, publicKeysIn } from '../archive/manifests';
import { type BagInfo, type SealedBag, writeBag } from '../bag/bag';
import { VERIFY_PAGE } from '../bag/verify-page';
import { type Answer, EXIT_CODES, headOf, type Verdict } from '../outcome';
import { type CoverageAnswer, coverageOf } from '../period/coverage';
import type { Period } from '../period/period';
import type { ReadingPlan } from '../verify/reading-plan';
import { summarize, type VerifySummary } from '../verify/summary';
import { type VerifyResult, verifyArchive } from '../verify/verify-archive';
import { isoOf, isoOrNull } from '../words';
import { BUILDS_FORMAT, type Builds, type CopiedDomain, copyDomain } from './copy';

const PACK_FORMAT = 'cases-audit-pack/v1';

interface PackRequest {
  readonly archive: Archive;
  readonly folder: string;
  readonly domain: string | undefined;
  readonly keys: readonly NoteKey[];
  readonly plan: ReadingPlan;
  /** Asked of coverage. */
  readonly period: Period;
  /** Somebody named it: of rows only its files go in. */
  readonly isPeriodGiven: boolean;
  readonly withRows: boolean;
  /** Epoch ms. */
  readonly now: number;
  readonly signal: AbortSignal;
  readonly onCommit: (what: string, done: number) => void;
}

/** The JSON of `pack --json`. The verdict is the checker's, over the archive from which the pack was made. */
export interface PackAnswer extends Answer<typeof PACK_FORMAT, Verdict> {
  readonly period: { readonly from: string | null; readonly until: string };
  readonly coverage: CoverageAnswer['verdict'];
  readonly withRows: boolean;
  readonly folder: string;
  /** Of the payload. */
  readonly files: number;
  readonly bytes: number;
  /** SHA-256 of the bag's tagmanifest-sha256.txt. */
  readonly seal: string;
  readonly domains: readonly Omit<CopiedDomain, 'builds'>[];
}

/**
 * Checks the archive, then copies it. Rejects with WrongCallError, InterruptedError, and with ArchiveError where store
 * or disk fail; then nothing is left at the folder.
 */
export async function makePack(request: PackRequest): Promise<PackAnswer> {
  const { archive, folder, domain, keys, plan, period, now, signal, onCommit } = request;
  const partitions = await partitionsOf(archive, domain);
  const check = { archive, mirror: null, checkpoints: null, keys, plan, ledger: false, domain, held: null };
  const verify = { ...check, now, signal, onCommit };
  const result = await verifyArchive(verify);
  const verdict = nowhere(summarize(verify, result));
  const coverage = nowhere(await coverageOf({ archive, period, domain, now, signal, onCommit }));
  let copied: CopiedDomain[] = [];
  const bag = await writeBag(folder, signal, async (add): Promise<BagInfo> => {
    copied = await copyAll(request, partitions, result, add);
    const domains = copied.map(({ builds, ...each }) => ({ domain: each.domain, runs: builds }));
    const builds: Builds = { format: BUILDS_FORMAT, domains };
    add('VERIFY.md', VERIFY_PAGE);
    for (const [name, value] of Object.entries({ verdict, coverage, builds })) {
      add(`${name}.json`, `${JSON.stringify(value, null, 2)}\n`);
    }
    add('verdict.html', verdictPage(verdict, coverage, builds));
    return infoOf(request, copied);
  });
  return answerOf(request, { verdict, coverage, bag, copied });
}

async function copyAll(
  { archive, withRows, isPeriodGiven, period, signal, onCommit }: PackRequest,
  partitions: readonly string[],
  { domains }: VerifyResult,
  add: (path: string, content: Uint8Array | string) => void,
): Promise<CopiedDomain[]> {
  let files = 0;
  const onFile = () => {
    files += 1;
    onCommit('files copied', files);
  };
  for await (const { key, bytes } of publicKeysIn(archive)) add(`archive/${key}`, bytes);
  const copied: CopiedDomain[] = [];
  for (const partition of partitions) {
    const last = domains.find((each) => each.partition === partition)?.newest?.seq ?? Number.POSITIVE_INFINITY;
    const rows = withRows ? { period: isPeriodGiven ? period : null } : null;
    copied.push(await copyDomain({ archive, partition, last, rows, signal, add, onFile }));
  }
  return copied;
}

/** The folder on this machine is nobody's business. */
function nowhere<T extends VerifySummary | CoverageAnswer>(answer: T): T {
  if (answer.archive.kind === 'bucket') return answer;
  return { ...answer, archive: { ...answer.archive, name: 'a copy on disk' } };
}

function infoOf({ now, period }: PackRequest, copied: readonly CopiedDomain[]): BagInfo {
  return [
    [
      'External-Description',
      'An archive of Amazon Connect Cases audit events: chain, notes, keys and the verdict on it',
    ],
    ['Bag-Group-Identifier', JSON.stringify(copied.map(({ domain }) => domain).join(' '))],
    ['Bagging-Date', isoOf(now).slice(0, 10)],
    ['Period', `${period.from === null ? 'the beginning' : isoOf(period.from)} to ${isoOf(period.until)}`],
  ];
}

interface Made {
  readonly verdict: VerifySummary;
  readonly coverage: CoverageAnswer;
  readonly bag: SealedBag;
  readonly copied: readonly CopiedDomain[];
}

function answerOf(request: PackRequest, { verdict, coverage, bag, copied }: Made): PackAnswer {
  const { folder, period, withRows } = request;
  return {
    ...headOf(PACK_FORMAT, verdict.verdict, EXIT_CODES, verdict.proven, request),
    period: { from: isoOrNull(period.from), until: isoOf(period.until) },
    coverage: coverage.verdict,
    withRows,
    folder: resolve(folder),
    ...bag,
    domains: copied.map(({ builds: _, ...each }) => each),
  };
}

/**
 * The same values give the same text. What an archive holds is escaped; the policy in the page allows nothing from
 * elsewhere.
 */
function verdictPage(verdict: VerifySummary, coverage: CoverageAnswer, builds: Builds): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>Verdict on an archive</title>
</head>
<body>
<h1>Verdict on an archive</h1>
<p>Checked ${visible(verdict.checkedAt)}. This page shows verdict.json, coverage.json and builds.json, which lie beside it.</p>
<h2>Is it what was written?</h2>
<p><strong>${visible(verdict.verdict)}</strong>: ${visible(verdict.proven)}</p>
<p>Keys that were given: ${visible(verdict.keys.join(', ') || 'none')}</p>
${tableOf(['Domain', 'Commits', 'Newest commit', 'Its manifest, SHA-256', 'Signed through'], verdict.domains.map(domainCells))}
${tableOf(
  ['Finding', 'Domain', 'Commit', 'Words'],
  verdict.findings.map(({ kind, domain, commit, words }) => [kind, domain ?? '', String(commit ?? ''), words]),
)}
<h2>Is it complete?</h2>
<p><strong>${visible(coverage.verdict)}</strong>: ${visible(coverage.answer)}</p>
<p>Period: ${visible(coverage.period.from ?? 'the beginning')} to ${visible(coverage.period.until)}</p>
${tableOf(
  ['Domain', 'Reason', 'Words'],
  coverage.domains.flatMap(({ domain, reasons }) => reasons.map(({ code, words }) => [domain, code, words])),
)}
<h2>What neither says</h2>
${tableOf(
  ['What', 'Why'],
  [...verdict.limits, ...coverage.limits].map(({ what, why }) => [what, why]),
)}
<h2>Which code and settings made it</h2>
${tableOf(['Domain', 'Commits', 'From', 'Until', 'Bundle, SHA-256', 'Settings, SHA-256'], builds.domains.flatMap(buildCells))}
</body>
</html>
`.markup;
}

function domainCells({ domain, commits, newest, signed }: VerifySummary['domains'][number]): string[] {
  const through = signed === null ? 'none' : `${signed.commit} by ${signed.keyIds.join(', ')}`;
  return [domain, String(commits), String(newest?.commit ?? ''), newest?.manifestSha256 ?? '', through];
}

function buildCells({ domain, runs }: Builds['domains'][number]): string[][] {
  return runs.map(({ firstCommit, lastCommit, from, until, bundleSha256, settingsSha256 }) => [
    domain,
    `${firstCommit} to ${lastCommit}`,
    ...[from, until, bundleSha256, settingsSha256],
  ]);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): Markup {
  if (rows.length === 0) return html`<p>None.</p>`;
  return html`<table border="1">
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    (cells) => html`<tr>${cells.map((cell) => html`<td>${visible(cell)}</td>`)}</tr>
`,
  )}</tbody>
</table>`;
}
