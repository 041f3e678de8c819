import { type CaseRecord, EVENT_ID_BYTES, type RetryEntry } from '../../lambda/export/domain/case-items';
import type { DomainState } from '../../lambda/export/domain/state';
import { NEW_DOMAIN } from '../../lambda/export/domain/stored-items';
import type { CheckpointStore, Clock } from '../../lambda/export/ports';
import { caseIdOf, indexOf, number } from './domain';

/** A guess at an answer's time. */
const LATENCY_MS = 5;
const IDS_PER_REQUEST = 25;
const TEMPLATE = 'template-1';
const NONE = -1;

export type TableWrite = 'head' | 'event ids' | 'retry entry' | 'state';

export interface LeanCheckpoints extends CheckpointStore {
  readonly state: DomainState | null;
  /** Items written so far, by kind. */
  readonly writes: Readonly<Record<TableWrite, number>>;
  readonly eventIdsStored: number;
}

/**
 * The checkpoint table of one domain: heads and event ids in typed arrays, outside of V8's heap, so that what the heap shows is
 * the exporter. One writer, and nothing fails: what other writers and failures do is the simulation's subject.
 */
export function createLeanCheckpoints(clock: Clock, mostCases: number, mostEvents: number): LeanCheckpoints {
  const heads = new Heads(mostCases);
  const ledger = new Ledger(mostCases, mostEvents);
  const retries = new Map<string, RetryEntry>();
  const writes: Record<TableWrite, number> = { head: 0, 'event ids': 0, 'retry entry': 0, state: 0 };
  let state: DomainState | null = null;

  const answer = () => clock.sleep(LATENCY_MS);
  const write = (kind: TableWrite) => {
    writes[kind] += 1;
    return answer();
  };
  const stored = (): DomainState => state ?? NEW_DOMAIN;

  return {
    writes,
    get state() {
      return state;
    },
    get eventIdsStored() {
      return ledger.length;
    },
    async acquireLease({ owner, now, expiresAt }) {
      await write('state');
      const before = stored();
      if (before.leaseExpiresAt > now) return { kind: 'busy', expiresAt: before.leaseExpiresAt };
      const lease = { leaseOwner: owner, leaseExpiresAt: expiresAt, startsSinceCommit: before.startsSinceCommit + 1 };
      state = { ...before, ...lease, fence: before.fence + 1 };
      return { kind: 'acquired', state };
    },
    async releaseLease({ fence }) {
      await write('state');
      if (stored().fence !== fence) return false;
      state = { ...stored(), leaseOwner: null, leaseExpiresAt: 0, startsSinceCommit: 0, trying: null };
      return true;
    },
    async noteTrying({ fence, tried }) {
      await write('state');
      if (stored().fence !== fence) return false;
      state = { ...stored(), trying: tried };
      return true;
    },
    async readState() {
      await answer();
      return state;
    },
    async commit({ fence, head, state: change }) {
      await write('state');
      const before = stored();
      if (before.fence !== fence || before.applied !== head.seq - 1) return 'refused';
      state = { ...before, ...change, head };
      return 'committed';
    },
    async markApplied(_domainId, seq) {
      await write('state');
      state = { ...stored(), applied: seq };
      return true;
    },
    async readCaseRecords(_domainId, caseIds) {
      await answer();
      return new Map(
        [...new Set(caseIds)].flatMap((caseId) => heads.get(caseId) ?? []).map((one) => [one.caseId, one]),
      );
    },
    async readEventIds(_domainId, caseId) {
      await answer();
      return ledger.get(indexOf(caseId));
    },
    async putEventIds(_domainId, parts) {
      for (let start = 0; start < parts.length; start += IDS_PER_REQUEST) {
        const some = parts.slice(start, start + IDS_PER_REQUEST);
        writes['event ids'] += some.length;
        await answer();
        for (const { caseId, ids } of some) ledger.add(indexOf(caseId), ids);
      }
    },
    async markRedone(_domainId, head) {
      await write('state');
      state = { ...stored(), redone: head.sha256 };
      return true;
    },
    async putCaseRecord(_domainId, head) {
      await write('head');
      return heads.put(head);
    },
    async putRetry(_domainId, entry) {
      await write('retry entry');
      if (entry.closed) retries.delete(entry.caseId);
      else retries.set(entry.caseId, entry);
      return true;
    },
    async readOpenRetries() {
      await answer();
      return [...retries.values()];
    },
  };
}

class Heads {
  readonly #seq: Float64Array;
  readonly #touched: Float64Array;
  readonly #readAt: Float64Array;
  readonly #waitingSince: Float64Array;
  readonly #goneAt: Float64Array;
  readonly #eventCount: Int32Array;
  readonly #hasTemplate: Uint8Array;

  constructor(most: number) {
    this.#seq = new Float64Array(most);
    this.#touched = new Float64Array(most);
    this.#readAt = new Float64Array(most);
    this.#waitingSince = new Float64Array(most);
    this.#goneAt = new Float64Array(most);
    this.#eventCount = new Int32Array(most);
    this.#hasTemplate = new Uint8Array(most);
  }

  get(caseId: string): CaseRecord | undefined {
    const at = indexOf(caseId);
    const seq = number(this.#seq, at);
    if (seq === 0) return undefined;
    return {
      caseId: caseIdOf(at),
      touched: orNull(this.#touched, at),
      readAt: orNull(this.#readAt, at),
      waitingSince: orNull(this.#waitingSince, at),
      templateId: this.#hasTemplate[at] === 1 ? TEMPLATE : null,
      eventCount: number(this.#eventCount, at),
      seq,
      goneAt: orNull(this.#goneAt, at),
      owedFrom: null,
      content: null,
      unexplained: false,
    };
  }

  put(head: CaseRecord): boolean {
    const at = indexOf(head.caseId);
    if (number(this.#seq, at) >= head.seq) return number(this.#seq, at) === head.seq;
    this.#seq[at] = head.seq;
    this.#touched[at] = head.touched ?? Number.NaN;
    this.#readAt[at] = head.readAt ?? Number.NaN;
    this.#waitingSince[at] = head.waitingSince ?? Number.NaN;
    this.#goneAt[at] = head.goneAt ?? Number.NaN;
    this.#eventCount[at] = head.eventCount;
    this.#hasTemplate[at] = head.templateId === null ? 0 : 1;
    return true;
  }
}

function orNull(values: Float64Array, at: number): number | null {
  const value = number(values, at);
  return Number.isNaN(value) ? null : value;
}

/** Ids of a case, newest first, each with the place of the one before. */
class Ledger {
  length = 0;
  readonly #ids: Uint8Array;
  readonly #before: Int32Array;
  readonly #last: Int32Array;

  constructor(mostCases: number, mostEvents: number) {
    this.#ids = new Uint8Array(mostEvents * EVENT_ID_BYTES);
    this.#before = new Int32Array(mostEvents);
    this.#last = new Int32Array(mostCases).fill(NONE);
  }

  add(index: number, ids: Uint8Array): void {
    for (let at = 0; at < ids.length; at += EVENT_ID_BYTES) {
      if (this.length >= this.#before.length) throw new Error(`The ledger has room for ${this.length} ids`);
      this.#ids.set(ids.subarray(at, at + EVENT_ID_BYTES), this.length * EVENT_ID_BYTES);
      this.#before[this.length] = number(this.#last, index);
      this.#last[index] = this.length++;
    }
  }

  get(index: number): Uint8Array {
    const found: Uint8Array[] = [];
    for (let at = number(this.#last, index); at !== NONE; at = number(this.#before, at)) {
      found.push(this.#ids.subarray(at * EVENT_ID_BYTES, (at + 1) * EVENT_ID_BYTES));
    }
    return Buffer.concat(found);
  }
}
