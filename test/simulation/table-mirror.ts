/** What stands in the table, decoded as it is written, so that every step can be checked without reading it again. */

import { type CaseRecord, type RetryEntry, storedIds } from '../../lambda/export/domain/case-items';
import { stateKey } from '../../lambda/export/domain/keys';
import type { DomainState } from '../../lambda/export/domain/state';
import { stateItem } from '../../lambda/export/domain/stored-items';

export type PlainItem = Readonly<Record<string, unknown>>;

export class TableMirror {
  state: DomainState | null = null;
  readonly heads = new Map<string, CaseRecord>();
  /** When each case was read whole, and the commit that said so, whatever the table was restored to. */
  readonly readsOf = new Map<string, Map<number, number>>();
  readonly retries = new Map<string, RetryEntry>();
  /** How many times the table was replaced. */
  reloads = 0;
  /** Ledger ids by case and commit. */
  readonly ledger = new Map<string, Map<number, Set<string>>>();

  constructor(private readonly domainId: string) {}

  take(item: PlainItem): void {
    const sk = String(item['sk']);
    if (sk === stateKey(this.domainId).sk) this.state = stateItem.decode(this.domainId, item);
    else if (sk.startsWith('CASE#')) this.#takeRecord(item as unknown as CaseRecord);
    else if (sk.startsWith('RETRY#')) this.retries.set(String(item['caseId']), item as unknown as RetryEntry);
    else if (sk.startsWith('IDS#')) this.#takeIds(item);
  }

  /** The table was replaced by another one. */
  reload(items: Iterable<PlainItem>): void {
    this.reloads += 1;
    this.state = null;
    for (const known of [this.heads, this.retries, this.ledger]) known.clear();
    for (const item of items) this.take(item);
  }

  knows(caseId: string, ledgerId: string): boolean {
    for (const ids of this.ledger.get(caseId)?.values() ?? []) if (ids.has(ledgerId)) return true;
    return false;
  }

  /** Distinct ids of a case. */
  countOf(caseId: string): number {
    return new Set([...(this.ledger.get(caseId)?.values() ?? [])].flatMap((ids) => [...ids])).size;
  }

  /** Ids that a commit has entered, by case. */
  idsOf(seq: number): Map<string, Set<string>> {
    const found = new Map<string, Set<string>>();
    for (const [caseId, commits] of this.ledger) {
      const ids = commits.get(seq);
      if (ids) found.set(caseId, ids);
    }
    return found;
  }

  #takeRecord(record: CaseRecord): void {
    this.heads.set(record.caseId, record);
    if (record.readAt === null) return;
    const reads = this.readsOf.get(record.caseId) ?? new Map<number, number>();
    this.readsOf.set(record.caseId, reads.set(record.readAt, reads.get(record.readAt) ?? record.seq));
  }

  #takeIds(item: PlainItem): void {
    const caseId = String(item['caseId']);
    const seq = Number(item['seq']);
    const commits = this.ledger.get(caseId) ?? new Map<number, Set<string>>();
    const ids = commits.get(seq) ?? new Set<string>();
    for (const id of storedIds(item['ids'] as Uint8Array)) ids.add(id);
    this.ledger.set(caseId, commits.set(seq, ids));
  }
}
