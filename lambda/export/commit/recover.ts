import { IntegrityError } from '../domain/errors';
import { fieldChangesKey, fieldsKey, manifestKey, quarantineKey } from '../domain/keys';
import type { DomainState } from '../domain/state';
import { sha256 } from '../domain/stored-form';
import { now, type Run } from '../run/run';
import { type Publisher, publish, publisherOf } from './publish';

/** Publishes a commit that was made but not wholly published; nothing else starts before that. */
export async function recoverLastCommit(run: Run): Promise<void> {
  const { domainId, deps, published } = run;
  const { state } = published;
  await publishLastCommit(run);
  if (state.openRetries === 0) return;
  published.learnRetries(await deps.checkpoints.readOpenRetries(domainId));
  // Tables of earlier builds, and of a voided commit, may hold entries that the count does not include.
  const isCounted = state.idsHaveRecords;
  if (isCounted && published.openRetries.size !== state.openRetries) throw otherRetries(run, state.openRetries);
}

/** Runs `recover` for a run, which continues from the state returned. Adopts nothing if it throws. */
export async function publishLastCommit(run: Run): Promise<void> {
  run.published.recovered(await recover(publisherOf(run), run.published.state, now(run)));
}

/**
 * Publishes a commit that was made but not wholly published, then checks that archive and table end at the same commit.
 * The state returned has `applied = head.seq`.
 * @throws IntegrityError if the table was restored to an earlier day, or another bucket has the same name.
 */
export async function recover(publisher: Publisher, state: DomainState, now: number): Promise<DomainState> {
  const { head } = state;
  const isWhole = head === null || state.applied >= head.seq;
  if (!isWhole) await publish(publisher, head);
  const recovered = isWhole ? state : { ...state, applied: head.seq };
  await checkEndOfChain(publisher, recovered, now);
  return recovered;
}

async function checkEndOfChain({ domainId, objects }: Publisher, state: DomainState, now: number): Promise<void> {
  const { head } = state;
  const seq = head?.seq ?? 0;
  const next = seq + 1;
  const objectKeys = [fieldsKey(domainId, next), quarantineKey(domainId, next), ...rowKeysBeyond(domainId, state, now)];
  const keysBeyond = [manifestKey(domainId, next), ...objectKeys];
  const [last, ...beyond] = await Promise.all([
    head === null ? null : objects.get('archive', manifestKey(domainId, seq)),
    ...keysBeyond.map((key) => objects.get('archive', key)),
  ]);
  if (head !== null && (last == null || sha256(last) !== head.sha256)) {
    throw new IntegrityError(
      `The table says that commit ${seq} is the last of domain ${domainId}, but the archive ${last == null ? 'has no manifest of that number' : 'holds another manifest of that number'} (${manifestKey(domainId, seq)}). Nothing was exported. Was the bucket switched? (runbook, "Table and archive disagree")`,
    );
  }
  const found = keysBeyond.filter((_, index) => beyond[index] !== null);
  if (found.length > 0) {
    throw new IntegrityError(
      `The table says that commit ${seq} is the last of domain ${domainId}, but the archive already holds ${beyond[0] == null ? 'an object' : 'a manifest'} of commit ${next} (${found[0]}). Nothing was exported. Was the table restored to an earlier day, or made anew? (runbook, "Table and archive disagree")`,
    );
  }
}

/**
 * Days on which a commit after the last one may have begun to publish its rows before the table was restored: after a
 * long silence, the days after the last commit; for a domain without commits, whose table may be new, the days before
 * today.
 */
const MAX_DAYS_BEYOND = 31;
const DAY_MS = 86_400_000;

/**
 * Returns the keys where the next commit's rows would be, had it been made and the table restored during its publish.
 */
function rowKeysBeyond(domainId: string, { head, lastExportDate }: DomainState, now: number): string[] {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const first = lastExportDate === null ? today - (MAX_DAYS_BEYOND - 1) * DAY_MS : Date.parse(lastExportDate);
  const days = Math.min(MAX_DAYS_BEYOND, Math.max(1, Math.floor((now - first) / DAY_MS) + 1));
  return Array.from({ length: days }, (_, day) =>
    fieldChangesKey(domainId, new Date(first + day * DAY_MS).toISOString().slice(0, 10), (head?.seq ?? 0) + 1),
  );
}

function otherRetries({ domainId, published: { openRetries } }: Run, expected: number): IntegrityError {
  return new IntegrityError(
    `The table holds ${openRetries.size} open entries of the retry list of domain ${domainId}, but its STATE counts ${expected}. Nothing was exported, as a case that is owed may be forgotten. Was part of the table restored or deleted? (runbook, "Table and archive disagree")`,
  );
}
