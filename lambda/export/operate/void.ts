import { makeCommit } from '../commit/commit';
import { publishLastCommit } from '../commit/publish';
import { newRedoLog, type PlannedCommit } from '../commit/stage';
import { ledgerId, type RetryEntry, type TriedCase } from '../domain/case-items';
import { NOTHING_KNOWN } from '../domain/debts';
import { IntegrityError, InvalidInputError } from '../domain/errors';
import { manifestKey } from '../domain/keys';
import { type Manifest, type ManifestCounts, parseManifest } from '../domain/manifest';
import { park } from '../domain/retry-list';
import type { CommitHead, CommittedState, Lanes } from '../domain/state';
import { sha256 } from '../domain/stored-form';
import { NEW_DOMAIN } from '../domain/stored-items';
import type { RowFiles } from '../ports';
import { type ExportAnswer, withLease } from '../run/invocation';
import { type Dependencies, now, type Reader, type Run } from '../run/run';
import { claimFinalKeys, type Visible } from './claim-keys';

/**
 * Voids a commit that was made and can never be published, because a staged object of it is lost. Its visible part
 * stays, known to the ledger; the lanes go back to before it, so everything else is read again. Operators only.
 * @throws InvalidInputError if `seq` is not the unpublished last commit.
 */
export function voidCommit(
  deps: Dependencies & { readonly rowFiles: RowFiles },
  { domainId, seq }: { readonly domainId: string; readonly seq: number },
  remainingMs: () => number,
): Promise<ExportAnswer> {
  return withLease(deps, domainId, remainingMs, async (run) => {
    await voidLastCommit(run, deps.rowFiles, seq);
    return true;
  });
}

/**
 * Replaces the last commit, which cannot be published, by a void commit of the same number. First it publishes the
 * remains and claims the other final keys; then the lanes go back to before the commit, and the ledger learns of the
 * visible events. Everything else is found and read again. Does nothing if the commit can be published after all.
 */
async function voidLastCommit(run: Run, rowFiles: RowFiles, seq: number): Promise<void> {
  const voided = voidable(run, seq);
  if (await canBePublished(run)) return;
  const visible = await claimFinalKeys(run, rowFiles, voided);
  const commit = await planVoid(run, voided, visible);
  await makeCommit(run, commit, voided);
  run.deps.telemetry.warn('commit voided', { domainId: run.domainId, seq, rowsKept: visible.rows });
}

function voidable({ published: { state }, domainId }: Run, seq: number): CommitHead {
  const { head, applied } = state;
  if (head !== null && head.seq === seq && applied === seq - 1) return head;
  throw new InvalidInputError(
    `Commit ${seq} of domain ${domainId} cannot be voided: the last commit is ${head?.seq ?? 'none'}, wholly published is ${applied}. Expected the number of a last commit that is made and not published. Nothing was done.`,
  );
}

/** Publishes the commit if that is possible, as the next tick would have done: then there is nothing to void. */
async function canBePublished(run: Run): Promise<boolean> {
  try {
    await publishLastCommit(run);
    return true;
  } catch (error) {
    if (error instanceof IntegrityError) return false;
    throw error;
  }
}

/**
 * First number of the ledger parts that a void commit writes. It never rewrites parts of the replaced commit, some of
 * which a frozen process may still write.
 */
const FIRST_PART = 500_000;

/** The state of the export before a commit. */
interface StateBefore {
  readonly state: CommittedState;
  /** SHA-256 of the manifest before; null before the first. */
  readonly previousSha256: string | null;
  /** Entries that the void commit opens, and all entries that are open after it. */
  readonly retries: readonly RetryEntry[];
  readonly openRetries: ReadonlyMap<string, RetryEntry>;
}

/** Plans the commit that replaces the voided one: its visible part, with the lanes back to before it. */
async function planVoid(run: Run, voided: CommitHead, visible: Visible): Promise<PlannedCommit> {
  const { seq } = voided;
  const before = await stateBefore(run, seq, visible);
  const at = new Date(now(run)).toISOString();
  return {
    seq,
    previousSha256: before.previousSha256,
    runId: visible.run?.runId ?? run.runId,
    exportedAt: visible.run?.exportedAt ?? at,
    exportDate: before.state.lastExportDate ?? '',
    makeContent: async () => ({ objects: visible.objects, cases: visible.cases }),
    redo: newRedoLog({ seq, heads: [], retries: before.retries }, visibleIds(visible), FIRST_PART),
    openRetries: before.openRetries,
    state: { ...before.state, openQuarantine: before.state.openQuarantine + visible.openQuarantined },
    livePassFinished: false,
    counts: countsOf(visible),
    changedUpstream: [],
    gone: [],
    voids: { sha256: voided.sha256, runId: run.runId, at },
  };
}

/** Rebuilds the state from the manifest before. */
async function stateBefore(run: Run, seq: number, visible: Visible): Promise<StateBefore> {
  const entries = await run.deps.checkpoints.readOpenRetries(run.domainId);
  const previous = seq === 1 ? null : await readPrevious(run, seq - 1);
  const openRetries = new Map(entries.map((entry) => [entry.caseId, entry]));
  const retries = retriesAfter(openRetries, previous?.manifest.halfRead ?? [], visible, { seq, time: now(run) });
  const { lanes, openQuarantine } = previous?.manifest ?? NEW_DOMAIN;
  const knowsHalfRead = previous === null || previous.manifest.halfRead !== undefined;
  const { lastExportDate, fields } = run.published.state;
  return {
    previousSha256: previous?.sha256 ?? null,
    retries,
    openRetries,
    state: {
      lanes: knowsHalfRead ? lanes : withoutAnchors(lanes),
      halfRead: [],
      lastExportDate,
      fields: fields !== null && fields.seq < seq ? fields : null,
      openRetries: openRetries.size,
      openQuarantine,
      ...accountBefore(run, previous?.manifest ?? null),
    },
  };
}

/**
 * Changes the retry list, and returns the changed entries. Cases that were partly read go there, because the manifest
 * before does not hold their tokens. The voided commit's own entries stay: they are true of their cases.
 */
function retriesAfter(
  openRetries: Map<string, RetryEntry>,
  partlyRead: readonly TriedCase[],
  { pending, isCompleted }: Visible,
  { seq, time }: { readonly seq: number; readonly time: number },
): RetryEntry[] {
  const changes = new Map<string, RetryEntry>();
  const change = (entry: Omit<RetryEntry, 'seq'>) => {
    changes.set(entry.caseId, { ...entry, seq });
    openRetries.set(entry.caseId, { ...entry, seq });
  };
  for (const tried of partlyRead) {
    const failed = { ...tried, ...NOTHING_KNOWN, cause: 'voided' as const };
    change(park(openRetries.get(tried.caseId), failed, time, 0));
  }
  for (const one of pending) change(withPending(openRetries.get(one.caseId), one, time));
  for (const entry of [...openRetries.values()]) {
    const left = entry.pending.filter((event) => !isCompleted(entry.caseId, event));
    if (left.length < entry.pending.length) change({ ...entry, pending: left });
  }
  return [...changes.values()];
}

/** Visible rows of the voided commit may lack fields that were null: those are still owed. */
function withPending(
  entry: RetryEntry | undefined,
  one: Visible['pending'][number],
  time: number,
): Omit<RetryEntry, 'seq'> {
  const { caseId, touched, pending } = one;
  const unread = { caseId, touched, templateId: null, ...NOTHING_KNOWN };
  const parked = entry ?? park(undefined, { ...unread, cause: 'null-field' }, time, 0);
  const known = new Set(pending.map(({ eventKey }) => eventKey));
  return { ...parked, pending: [...parked.pending.filter(({ eventKey }) => !known.has(eventKey)), ...pending] };
}

/**
 * Takes the debts from the manifest before. Ids of the voided commit may be in the ledger without a record of their
 * case.
 */
function accountBefore({ published: { state } }: Run, manifest: Manifest | null) {
  const waiting = [...state.waiting, ...(manifest?.waiting ?? [])];
  return {
    history: manifest?.history ?? null,
    // Includes the waiting cases of the voided commit: it found them, and none of its reads count.
    waiting: [...new Map(waiting.map((one) => [one.caseId, one])).values()],
    notShown: manifest?.debts?.find(({ cause }) => cause === 'not-shown') ?? null,
    touches: { ...state.touches, accepted: manifest?.unexplainedTouches ?? 0 },
    canaries: state.canaries,
    idsHaveRecords: false,
    signedAt: state.signedAt,
  };
}

/**
 * It is not known which cases were partly read below the anchors: pass, scan and sweep begin again, and skip every case
 * that the ledger proves to be read.
 */
function withoutAnchors({ live, related, sweep }: Lanes): Lanes {
  return {
    live: { ...live, passStartedAt: null, anchor: null },
    related: { ...related, walk: null },
    sweep: sweep && { ...sweep, anchor: sweep.finishedAt === null ? null : sweep.anchor },
  };
}

async function readPrevious(run: Reader, seq: number): Promise<{ manifest: Manifest; sha256: string }> {
  const bytes = await run.deps.objects.get('archive', manifestKey(run.domainId, seq));
  if (bytes !== null) return { manifest: parseManifest(bytes, { domainId: run.domainId, seq }), sha256: sha256(bytes) };
  throw new IntegrityError(
    `The archive has no manifest of commit ${seq} of domain ${run.domainId}, so where the lanes stood before commit ${seq + 1} is not known. Nothing was voided. Restore the manifest first (runbook, "Table and archive disagree").`,
  );
}

/** Ledger ids of the visible events, each once. */
function visibleIds({ events }: Visible): [string, string[]][] {
  const ids = new Map<string, Set<string>>();
  for (const { caseId, eventKey } of events) ids.set(caseId, (ids.get(caseId) ?? new Set()).add(ledgerId(eventKey)));
  return [...ids].map(([caseId, known]) => [caseId, [...known]]);
}

/** Counts only the visible part of the voided commit's work. */
function countsOf({ eventCount, rows, quarantined }: Visible): ManifestCounts {
  return {
    calls: {},
    casesFound: 0,
    casesRead: 0,
    pages: 0,
    events: eventCount,
    rows,
    quarantined,
    replayed: 0,
    nullElements: 0,
    anomalies: 1,
    totalCount: null,
  };
}
