/** Reads cases again from the service and holds them against the archive. Nothing is written, and the checkpoint table is never asked. */
import { FAILURES } from '../../../lambda/export/domain/errors';
import type { Clock } from '../../../lambda/export/ports';
import type { Archive } from '../archive/archive';
import { counted, isoOrNull } from '../words';
import {
  type Frame,
  frameOf,
  LIMITS,
  RECHECK_FORMAT,
  type RecheckAnswer,
  UNREAD_WORDS,
  type Unread,
  verdictOf,
} from './answer';
import { type ArchivedCases, gatherCases } from './archived-cases';
import { type Claim, claimOf, type ExcuseKind } from './claim';
import { type CaseComparison, type Contradiction, compareCase } from './compare';
import { type History, joinHistories, readHistory, type ShownCase, searchAll } from './history';
import { AskedToStop, PoliteCalls, type ReadingCases } from './polite-calls';
import { Sample } from './sample';

export interface RecheckRequest {
  readonly archive: Archive;
  /** The domain as keys name it. */
  readonly partition: string;
  /** The domain to ask the service for; null for the archive's own. */
  readonly casesDomain: string | null;
  /** Cases by their ids, or so many drawn under a seed, also from what only the service's search shows. */
  readonly which:
    | { readonly caseIds: readonly string[] }
    | { readonly size: number; readonly seed: string; readonly searches: boolean };
  readonly api: ReadingCases;
  readonly clock: Clock;
  /** Calls per second of each operation. */
  readonly pace: number;
  readonly signal: AbortSignal;
  readonly onProgress: (what: string, done: number) => void;
  /** Told once, before the first case is read. */
  readonly onStart?: (start: { readonly cases: number }) => void;
}

/** Rejects with ArchiveError where the archive cannot be listed, and with InterruptedError once the signal fires. */
export async function recheck(request: RecheckRequest): Promise<RecheckAnswer> {
  const { archive, which, partition, signal, onProgress } = request;
  const sample = 'size' in which ? new Sample(which.seed, which.size) : null;
  const chosen = new Set('size' in which ? [] : which.caseIds);
  const archived = await gatherCases({
    archive,
    partition,
    offer: (caseId) => sample?.offer(caseId) ?? { isDrawn: chosen.has(caseId) },
    signal,
    onCommit: (_, seq) => onProgress('commits', seq),
  });
  return new Recheck(request, archived).answer(sample, [...chosen]);
}

/** What is found on the way. */
interface Found {
  readonly contradictions: Contradiction[];
  readonly excused: Map<ExcuseKind, number>;
  readonly gone: { readonly caseId: string; readonly isNoted: boolean }[];
  readonly unread: Unread[];
  readonly compared: { events: number; rows: number };
  search: RecheckAnswer['search'];
}

class Recheck {
  readonly #calls: PoliteCalls;
  readonly #claim: Claim | null;
  readonly #domain: string;
  readonly #casesDomain: string;
  readonly #found: Found;
  /** Failures of one kind in a row. */
  #failures = { cause: '', count: 0 };
  #isStopped = false;
  #done = 0;

  constructor(
    private readonly request: RecheckRequest,
    private readonly archived: ArchivedCases,
  ) {
    const { api, clock, signal, pace, partition, casesDomain } = request;
    this.#calls = new PoliteCalls(api, clock, signal, pace);
    this.#claim = archived.newest && claimOf(archived.newest, archived);
    this.#domain = archived.newest?.domainId ?? partition;
    this.#casesDomain = casesDomain ?? this.#domain;
    const unread = archived.problems.map((words) => ({ caseId: null, cause: 'archive' as const, words }));
    const compared = { events: 0, rows: 0 };
    this.#found = { contradictions: [], excused: new Map(), gone: [], unread, compared, search: null };
  }

  async #frames(sample: Sample | null, chosen: readonly string[]): Promise<Frame[]> {
    const { which, onStart } = this.request;
    const unseen = 'size' in which && which.searches && this.#claim !== null ? await this.#unseen(which) : null;
    const toRead = sample?.caseIds ?? chosen;
    onStart?.({ cases: toRead.length + (unseen?.drawn.length ?? 0) });
    const population = sample === null ? chosen.length : this.archived.caseIds.size;
    const frames = [await this.#frame(sample === null ? 'chosen' : 'archive', toRead, population)];
    if (unseen !== null) frames.push(await this.#frame('service-only', unseen.drawn, unseen.population));
    return frames;
  }

  async answer(sample: Sample | null, chosen: readonly string[]): Promise<RecheckAnswer> {
    const { which, archive, clock, pace } = this.request;
    const frames = await this.#frames(sample, chosen);
    const { contradictions, excused, gone, unread, compared, search } = this.#found;
    const found = { contradictions, unread, frames, compared };
    return {
      format: RECHECK_FORMAT,
      ...verdictOf(found),
      answer: answerWords(found, gone.length),
      checkedAt: new Date(clock.now()).toISOString(),
      archive: { kind: archive.kind, name: archive.name },
      domain: this.#domain,
      casesDomain: this.#casesDomain,
      claim: this.#claim && claimFacts(this.#claim),
      seed: 'size' in which ? which.seed : null,
      frames,
      search,
      compared,
      contradictions,
      excused: [...excused].map(([kind, events]) => ({ kind, events })).sort(byKind),
      gone,
      unread,
      calls: { perSecond: pace, ...this.#calls.counts },
      limits: LIMITS,
    };
  }

  /** Cases that the search shows and the archive has nothing of, although it ought to. */
  async #unseen({ size, seed }: { readonly size: number; readonly seed: string }) {
    const apart = new Map<ExcuseKind, number>();
    const sample = new Sample(seed, size);
    let [cases, population] = [0, 0];
    const onCase = (shown: ShownCase) => {
      cases += 1;
      if (this.archived.caseIds.has(shown.caseId.toWellFormed())) return;
      const excuse = this.#excuseOfUnseen(shown);
      if (excuse !== null) return void apart.set(excuse, (apart.get(excuse) ?? 0) + 1);
      population += 1;
      sample.offer(shown.caseId);
    };
    try {
      const onPage = (pages: number) => this.request.onProgress('pages of the search', pages);
      const { hidden, unread } = await searchAll(this.#calls, this.#casesDomain, onCase, onPage);
      if (unread !== null) this.#cannot(null, unread);
      if (hidden > 0) this.#cannot(null, 'hidden');
      const setApart = [...apart].map(([kind, count]) => ({ kind, cases: count })).sort(byKind);
      this.#found.search = { cases, hidden, setApart };
    } catch (error) {
      if (!(error instanceof AskedToStop)) throw error;
      this.#stop();
    }
    return { population, drawn: sample.caseIds };
  }

  /** Told by the search alone; whatever it leaves open, the history of the case decides. */
  #excuseOfUnseen({ caseId, created, lastUpdated }: ShownCase): ExcuseKind | null {
    const { exportFrom = null, changesUntil = null, owed } = this.#claim ?? {};
    if (owed?.has(caseId)) return 'owed';
    if (exportFrom !== null && lastUpdated !== null && lastUpdated < exportFrom) return 'before-export-from';
    if (created !== null && changesUntil !== null && created > changesUntil) return 'newer';
    return null;
  }

  async #frame(frame: Frame['frame'], caseIds: readonly string[], population: number): Promise<Frame> {
    const counts = { clean: 0, differing: 0, gone: 0, unread: 0 };
    for (const caseId of caseIds) {
      counts[await this.#case(caseId)] += 1;
      this.#done += 1;
      this.request.onProgress('cases', this.#done);
    }
    return frameOf({ frame, population, drawn: caseIds.length, ...counts });
  }

  async #case(caseId: string): Promise<'clean' | 'differing' | 'gone' | 'unread'> {
    const first = await this.#read(caseId);
    if (first.kind === 'gone') return this.#isGone(caseId);
    if (first.kind === 'unread') return this.#cannot(caseId, first.cause);
    const compared = this.#compare(caseId, first);
    // A list that moved between two pages hides an event, and a null may be gone at the next asking: nobody is accused for that.
    if (isBeyondDoubt(compared)) return this.#settle(caseId, compared);
    const joined = joinHistories(first, await this.#read(caseId));
    if (joined.kind === 'gone') return this.#isGone(caseId);
    return this.#settle(caseId, joined.kind === 'read' ? this.#compare(caseId, joined) : compared);
  }

  #compare(caseId: string, history: Extract<History, { kind: 'read' }>): CaseComparison {
    const archived = this.archived.cases.get(caseId.toWellFormed()) ?? { caseId, rows: [], raw: [] };
    return compareCase(archived, history, this.#claim);
  }

  #settle(
    caseId: string,
    { contradictions, excused, events, rows, isWhole }: CaseComparison,
  ): 'clean' | 'differing' | 'unread' {
    this.#found.contradictions.push(...contradictions);
    for (const [kind, count] of excused) this.#found.excused.set(kind, (this.#found.excused.get(kind) ?? 0) + count);
    this.#found.compared.events += events;
    this.#found.compared.rows += rows;
    if (!isWhole) this.#cannot(caseId, 'incomplete');
    return contradictions.length > 0 ? 'differing' : isWhole ? 'clean' : 'unread';
  }

  async #read(caseId: string): Promise<History> {
    if (this.#isStopped) return { kind: 'unread', cause: 'stopped' };
    try {
      const history = await readHistory(this.#calls, this.#casesDomain, caseId);
      this.#watch(history.kind === 'unread' ? history.cause : '');
      return history;
    } catch (error) {
      if (!(error instanceof AskedToStop)) throw error;
      this.#stop();
      return { kind: 'unread', cause: 'throttled' };
    }
  }

  /** Whoever is denied three cases in a row, or finds the service down, does not ask for the other thousand. */
  #watch(cause: string): void {
    this.#failures = { cause, count: cause !== '' && cause === this.#failures.cause ? this.#failures.count + 1 : 1 };
    const limit = (FAILURES as Partial<Record<string, { suspiciousInARow: number }>>)[cause]?.suspiciousInARow;
    if (limit !== undefined && this.#failures.count >= limit) this.#stop();
  }

  #stop(): void {
    if (!this.#isStopped) this.#found.unread.push({ caseId: null, cause: 'stopped', words: UNREAD_WORDS.stopped });
    this.#isStopped = true;
  }

  #isGone(caseId: string): 'gone' | 'unread' {
    if (!this.archived.caseIds.has(caseId.toWellFormed())) return this.#cannot(caseId, 'not-found');
    this.#found.gone.push({ caseId, isNoted: this.archived.gone.has(caseId) });
    return 'gone';
  }

  #cannot(caseId: string | null, cause: keyof typeof UNREAD_WORDS): 'unread' {
    // Said once, for all that were left out.
    if (cause !== 'stopped') this.#found.unread.push({ caseId, cause, words: UNREAD_WORDS[cause] });
    return 'unread';
  }
}

/** No second reading could show more. */
function isBeyondDoubt({ isWhole, contradictions, excused }: CaseComparison): boolean {
  return isWhole && contradictions.length === 0 && !excused.has('history-trimmed') && !excused.has('null-field');
}

function claimFacts({ commit, exportedAt, changesUntil, relatedUntil, exportFrom }: Claim): RecheckAnswer['claim'] {
  return {
    commit,
    exportedAt,
    changesUntil: isoOrNull(changesUntil),
    relatedItemsUntil: isoOrNull(relatedUntil),
    exportFrom: isoOrNull(exportFrom),
  };
}

function answerWords(
  {
    contradictions,
    unread,
    frames,
    compared,
  }: Pick<RecheckAnswer, 'contradictions' | 'unread' | 'frames' | 'compared'>,
  gone: number,
): string {
  const sum = (name: 'clean' | 'differing' | 'drawn') => frames.reduce((total, frame) => total + frame[name], 0);
  const read = counted(sum('clean'), 'case');
  if (contradictions.length > 0) {
    return `${counted(sum('differing'), 'case')} of ${sum('drawn')} that were read again ${sum('differing') === 1 ? 'differs' : 'differ'} from the archive, in ${counted(contradictions.length, 'place')}.`;
  }
  if (compared.events === 0) {
    const why = gone > 0 ? ` ${counted(gone, 'case')} answered 404: check domain, Region and account.` : '';
    return `No case could be held against the archive.${why}`;
  }
  const rest = unread.length === 0 ? '' : ` ${counted(unread.length, 'thing')} could not be read.`;
  return `${read} read again and held against the archive, field by field: none differs.${rest}`;
}

function byKind(a: { readonly kind: string }, b: { readonly kind: string }): number {
  return a.kind < b.kind ? -1 : 1;
}
