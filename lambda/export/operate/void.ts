import { makeCommit } from '../commit/commit';
import { publishLastCommit } from '../commit/recover';
import { newRedoLog, type PlannedCommit } from '../commit/stage';
import { ledgerId } from '../domain/case-items';
import { NOTHING_KNOWN } from '../domain/debts';
import { IntegrityError, InvalidInputError } from '../domain/errors';
import { manifestKey } from '../domain/keys';
import { type Manifest, type ManifestCounts, parseManifest, sha256 } from '../domain/manifest';
import { park } from '../domain/retry-list';
import type { CommitHead, CommittedState, Lanes, RetryEntry } from '../domain/state';
import { NEW_DOMAIN } from '../domain/stored-items';
import type { RowFiles } from '../ports';
import { type ExportAnswer, withLease } from '../run/invocation';
import { type Dependencies, now, type Reader, type Run } from '../run/run';
import { claimFinalKeys, identity, isCompleted, type Visible } from './claim-keys';

/**
 * An operator's way out of a commit that was made and can never be published, because a staged object of it is gone. What of it
 * is visible stays, known to the ledger; the lanes go back to before it, so everything else is read again.
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
 * Replaces the last commit, which cannot be published, by one of the same number that says so. First what is left of it is
 * published and its other final keys are sealed; then the lanes go back to before it, and the ledger learns of the events that
 * are visible. Everything else is found and read again. Nothing is done if the commit can be published after all.
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

/** Then there is nothing to void: it is published, as the next tick would have done. */
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
 * Parts of the ledger that a void commit writes are numbered from here: those of the commit that it replaces, of which a frozen
 * process may still write some, are never rewritten.
 */
const FIRST_PART = 500_000;

/** Where the export stood before a commit. */
interface StateBefore {
  readonly state: CommittedState;
  /** SHA-256 of the manifest before; null before the first. */
  readonly previousSha256: string | null;
  /** Entries that the void commit opens, and all that are open with them. */
  readonly retries: readonly RetryEntry[];
  readonly openRetries: ReadonlyMap<string, RetryEntry>;
}

/** The commit that takes the place of the voided one: what is visible of it, and the lanes back to before it. */
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

/**
 * As the manifest before tells it. Cases that were half-read then go to the retry list, as it does not hold their tokens.
 * What the voided commit wrote to the retry list already stands: it tells the truth of its cases.
 */
async function stateBefore(
  run: Run,
  seq: number,
  { pending, lastFieldIndexes }: Pick<Visible, 'pending' | 'lastFieldIndexes'>,
): Promise<StateBefore> {
  const entries = await run.deps.checkpoints.readOpenRetries(run.domainId);
  const openRetries = new Map(entries.map((entry) => [entry.caseId, entry]));
  const previous = seq === 1 ? null : await readPrevious(run, seq - 1);
  const retries = (previous?.manifest.halfRead ?? []).map((tried) => {
    const failed = { ...tried, ...NOTHING_KNOWN, cause: 'voided' as const };
    return { ...park(openRetries.get(tried.caseId), failed, now(run), 0), seq };
  });
  for (const entry of retries) openRetries.set(entry.caseId, entry);
  const change = (entry: RetryEntry) => {
    retries.push(entry);
    openRetries.set(entry.caseId, entry);
  };
  for (const one of pending) change({ ...withPending(openRetries.get(one.caseId), one, now(run)), seq });
  for (const entry of [...openRetries.values()]) {
    const left = entry.pending.filter((event) => !isCompleted(lastFieldIndexes, entry.caseId, event));
    if (left.length < entry.pending.length) change({ ...entry, pending: left, seq });
  }
  const { lanes, openQuarantine } = previous?.manifest ?? NEW_DOMAIN;
  const knowsHalfRead = previous === null || previous.manifest.halfRead !== undefined;
  const { lastExportDate, fields } = run.published.state;
  return {
    previousSha256: previous?.sha256 ?? null,
    // Of a case that comes twice the last entry holds both.
    retries: [...new Map(retries.map((entry) => [entry.caseId, entry])).values()],
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

/** Rows of the voided commit stay visible that lack fields which came as null: they are owed still. */
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

/** The debts as the manifest before tells them. Of the voided commit, ids may be in the ledger without a record of their case. */
function accountBefore({ published: { state } }: Run, manifest: Manifest | null) {
  const waiting = [...state.waiting, ...(manifest?.waiting ?? [])];
  return {
    history: manifest?.history ?? null,
    // Also those of the voided commit: it has found them, and nothing that it read counts.
    waiting: [...new Map(waiting.map((one) => [one.caseId, one])).values()],
    notShown: manifest?.debts?.find(({ cause }) => cause === 'not-shown') ?? null,
    touches: { ...state.touches, accepted: manifest?.unexplainedTouches ?? 0 },
    canaries: state.canaries,
    idsHaveRecords: false,
    signedAt: state.signedAt,
  };
}

/** Which cases were half-read below them is not known: pass, walk and sweep begin again, and skip what the ledger proves to be read. */
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

/** The events that are visible, each once: what the ledger has to know. */
function visibleIds({ events }: Visible): [string, string[]][] {
  const ids = new Map<string, Set<string>>();
  for (const { caseId, eventKey } of events) ids.set(caseId, (ids.get(caseId) ?? new Set()).add(ledgerId(eventKey)));
  return [...ids].map(([caseId, known]) => [caseId, [...known]]);
}

/** Of the voided commit's own work nothing counts but what is visible. */
function countsOf({ events, rows, quarantined }: Visible): ManifestCounts {
  return {
    calls: {},
    casesFound: 0,
    casesRead: 0,
    pages: 0,
    events: new Set(events.map(identity)).size,
    rows,
    quarantined,
    replayed: 0,
    nullElements: 0,
    anomalies: 1,
    totalCount: null,
  };
}
