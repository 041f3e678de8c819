/**
 * The daily check: what is new since the last sound one, by the checker of `cases-audit`, and what follows from its
 * answer.
 */
import type { Archive, Checkpoints } from '../../tools/cases-audit/archive/archive';
import { InterruptedError } from '../../tools/cases-audit/outcome';
import { FINDING_KINDS, type Finding, type FindingKind, type Findings } from '../../tools/cases-audit/verify/findings';
import { readingPlan } from '../../tools/cases-audit/verify/reading-plan';
import type { HeldState } from '../../tools/cases-audit/verify/state-file';
import { summarize, type VerifySummary } from '../../tools/cases-audit/verify/summary';
import { readState } from '../../tools/cases-audit/verify/table-check';
import {
  heldDomainOf,
  type VerifyRequest,
  type VerifyResult,
  verifyArchive,
} from '../../tools/cases-audit/verify/verify-archive';
import { domainInKeys } from '../export/domain/keys';
import type { Telemetry } from '../export/ports';
import type { Records } from './records';
import type { VerifySettings } from './settings';

export interface CheckDependencies {
  readonly archive: Archive;
  readonly checkpoints: Checkpoints;
  readonly records: Records;
  readonly settings: Pick<VerifySettings, 'domains' | 'retiredDomains' | 'expirationDays' | 'keys'>;
  readonly telemetry: Pick<Telemetry, 'info' | 'error'>;
  /** Tells how many findings contradict; 0 only where all was checked. */
  readonly tellContradictions: (count: number) => void;
  /** Epoch ms. */
  readonly now: number;
  /** Fires shortly before the time is up. */
  readonly signal: AbortSignal;
  /** Whether it is time to stop at the next commit and leave the rest to the next check. */
  readonly isTimeShort: () => boolean;
}

/** What the function answers. */
export interface CheckAnswer {
  readonly verdict: VerifySummary['verdict'];
  readonly contradictions: number;
  readonly domains: number;
  /** New since the last sound check. */
  readonly commits: number;
  /** Key of the whole report. */
  readonly report: string;
}

/** The check did not come to its end, so it says nothing. */
export class UnfinishedCheckError extends Error {
  override readonly name = 'UnfinishedCheckError';
}

/** Reported; the lock of an object written before a change of the term cannot be mended. The state moves on. */
const MOVES_ON: ReadonlySet<FindingKind> = new Set(['no-key', 'unknown-key', 'unsigned', 'unlocked', 'expired']);
/** What is to be expected of notes that nobody signs. */
const OF_UNSIGNED: ReadonlySet<FindingKind> = new Set(['no-key', 'unknown-key', 'unsigned']);

const LOGGED_FINDINGS = 20;

/**
 * Checks what was committed since the last sound check. The state moves on, domain by domain, only while nothing contradicts and all is read;
 * so the first contradiction is found again every day, until somebody acts.
 * Where time gets short the state moves on to the commit that it has come to, so checks of a large archive end with the archive: each goes on
 * where the one before stopped.
 * @throws UnfinishedCheckError if time ran out, or if nothing contradicts and something could not be checked that should be.
 */
export async function checkArchive(deps: CheckDependencies): Promise<CheckAnswer> {
  const held = await deps.records.readState();
  const request = requestOf(deps, held);
  const result = await verifying(deps, request, held);
  const paused = result.domains.find(({ isPaused }) => isPaused);
  if (paused !== undefined) throw outOfTime(deps, result, paused);
  await addVanishedDomains(deps.checkpoints, deps.settings, result);
  const summary = summarize(request, result);
  const report = await deps.records.writeReport(summary);
  const contradictions = contradictionsIn(result.findings);
  tell(deps, summary, report);
  const open = unexpected(result.findings, deps.settings);
  // What contradicts is told whatever else is open, which may well follow from it.
  if (contradictions > 0 || open.length === 0) deps.tellContradictions(contradictions);
  else {
    throw new UnfinishedCheckError(
      `The check could not look at everything, so it proves nothing: ${open[0]?.words} (${open.length} such findings, all in ${report})`,
    );
  }
  const commits = summary.domains.reduce((sum, domain) => sum + domain.commits, 0);
  return { verdict: summary.verdict, contradictions, domains: summary.domains.length, commits, report };
}

function requestOf(deps: CheckDependencies, held: HeldState | null): VerifyRequest {
  const { archive, checkpoints, settings, now, signal } = deps;
  return {
    archive,
    checkpoints,
    mirror: null,
    keys: settings.keys,
    // S3 took the checksum of every object when it came: no data need be read.
    plan: readingPlan('none', () => ''),
    ledger: false,
    domain: undefined,
    held,
    pause: deps.isTimeShort,
    expirationDays: settings.expirationDays,
    now,
    signal,
    onCommit: () => undefined,
  };
}

async function verifying(
  deps: CheckDependencies,
  request: VerifyRequest,
  held: HeldState | null,
): Promise<VerifyResult> {
  const checkedAt = new Date(deps.now).toISOString();
  const domains: HeldState['domains'] = { ...held?.domains };
  let finished: { readonly count: number; readonly findings: Findings | null } = { count: 0, findings: null };
  try {
    return await verifyArchive({
      ...request,
      async onDomain(checked, findings) {
        finished = { count: finished.count + 1, findings };
        const next = heldDomainOf(checked);
        if (next === null || !movesOn(findings)) return;
        domains[checked.partition] = next;
        await deps.records.writeState({ checkedAt, domains });
      },
    });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    const contradictions = finished.findings === null ? 0 : contradictionsIn(finished.findings);
    if (contradictions > 0) deps.tellContradictions(contradictions);
    throw new UnfinishedCheckError(
      `The check ran out of time after ${finished.count} domains; the next one goes on after those that were sound. See verify-overdue in the runbook.`,
      { cause: error },
    );
  }
}

/** Contradictions are told all the same. */
function outOfTime(
  deps: CheckDependencies,
  { findings }: VerifyResult,
  { domain, newest }: VerifyResult['domains'][number],
): UnfinishedCheckError {
  const contradictions = contradictionsIn(findings);
  if (contradictions > 0) deps.tellContradictions(contradictions);
  const next = movesOn(findings)
    ? 'the next check goes on after it'
    : 'what it found keeps the state where it was, so the next check begins there again';
  return new UnfinishedCheckError(
    `The check ran out of time at commit ${newest?.seq} of domain ${domain}: ${next}. See verify-overdue in the runbook.`,
  );
}

function movesOn({ counts }: Findings): boolean {
  return [...counts.keys()].every((kind) => MOVES_ON.has(kind));
}

function contradictionsIn({ counts }: Findings): number {
  return [...counts].reduce((sum, [kind, count]) => sum + (FINDING_KINDS[kind] === 'contradicts' ? count : 0), 0);
}

/** What could not be checked though it should be. */
function unexpected({ kept }: Findings, { keys, retiredDomains }: CheckDependencies['settings']): Finding[] {
  return kept.filter(({ kind, domain }) => {
    // What has expired is as the stack is set up.
    if (FINDING_KINDS[kind] === 'contradicts' || kind === 'expired') return false;
    const isUnsigned = keys.length === 0 || (domain !== null && retiredDomains.includes(domain));
    return !(isUnsigned && OF_UNSIGNED.has(kind));
  });
}

function tell({ telemetry }: CheckDependencies, summary: VerifySummary, report: string): void {
  for (const { kind, domain, commit, key, words } of summary.findings.slice(0, LOGGED_FINDINGS)) {
    telemetry.error('finding', { kind, domain, commit, key, words });
  }
  const { verdict, proven } = summary;
  telemetry.info('archive checked', { verdict, proven, report });
}

/**
 * Adds a finding for each domain that the stack knows and the archive has nothing of, though the table has published
 * commits: the checker itself starts from what an archive holds.
 */
async function addVanishedDomains(
  checkpoints: Checkpoints,
  settings: CheckDependencies['settings'],
  { domains, findings }: VerifyResult,
): Promise<void> {
  const there = new Set(domains.map(({ partition }) => partition));
  for (const domain of [...settings.domains, ...settings.retiredDomains]) {
    if (there.has(domainInKeys(domain))) continue;
    const state = await readState(checkpoints, domain, findings);
    if (state === null || state === 'unread' || state.applied === 0) continue;
    findings.add({
      kind: 'rollback',
      domain,
      commit: state.applied,
      key: null,
      words: `ROLLBACK: the table ${checkpoints.name} has published commit ${state.applied}, and the archive has nothing of the domain. What was there was taken away.`,
    });
  }
}
