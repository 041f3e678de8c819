/** A pack: what an auditor takes along of an archive, as a bag, with the verdict on it. */
import { resolve } from 'node:path';
import type { NoteKey } from '../../../lambda/export/domain/note-keys';
import type { Archive } from '../archive/archive';
import { partitionsOf } from '../archive/manifests';
import { type BagInfo, type SealedBag, writeBag } from '../bag/bag';
import { VERIFY_PAGE } from '../bag/verify-page';
import { EXIT_CODES, type Verdict } from '../outcome';
import { type CoverageAnswer, coverageOf } from '../period/coverage';
import type { Period } from '../period/period';
import type { ReadingPlan } from '../verify/reading-plan';
import { summarize, type VerifySummary } from '../verify/summary';
import { type VerifyResult, verifyArchive } from '../verify/verify-archive';
import { isoOf } from '../words';
import { BUILDS_FORMAT, type Builds, type CopiedDomain, copyDomain, copyKeys } from './copy';
import { verdictPage } from './verdict-page';

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

/** The JSON of `pack --json`. Members are added, never renamed or removed, within a version. */
export interface PackAnswer {
  readonly format: typeof PACK_FORMAT;
  /** Of the checker, over the archive from which the pack was made. */
  readonly verdict: Verdict;
  readonly exitCode: number;
  /** One sentence. */
  readonly answer: string;
  /** ISO 8601, UTC. */
  readonly askedAt: string;
  readonly archive: { readonly kind: 'folder' | 'bucket'; readonly name: string };
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
  await copyKeys({ archive, add });
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
  const { archive, folder, period, withRows, now } = request;
  return {
    format: PACK_FORMAT,
    verdict: verdict.verdict,
    exitCode: EXIT_CODES[verdict.verdict],
    answer: verdict.proven,
    askedAt: isoOf(now),
    archive: { kind: archive.kind, name: archive.name },
    period: { from: period.from === null ? null : isoOf(period.from), until: isoOf(period.until) },
    coverage: coverage.verdict,
    withRows,
    folder: resolve(folder),
    ...bag,
    domains: copied.map(({ builds: _, ...each }) => each),
  };
}
