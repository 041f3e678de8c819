/** What holds of the checkpoint table after every write. */
import type { CaseRecord } from '../../lambda/export/domain/case-items';
import type { DomainState } from '../../lambda/export/domain/state';
import { stateItem } from '../../lambda/export/domain/stored-items';
import type { PlainItem, TableMirror } from './table-mirror';
import type { Truth } from './truth';
import type { Violations } from './violations';

/** Limit of an item in DynamoDB. */
const MAX_ITEM_BYTES = 400 * 1024;

interface TableLimits {
  readonly domainId: string;
  /** An answer of the audit history may be behind by so much. */
  readonly auditBehindMs: number;
}

export class TableInvariants {
  /** An operator replaces the last commit, which cannot be published, by one of the same number. */
  isVoiding = false;

  constructor(
    private readonly violations: Violations,
    private readonly truth: Truth,
    private readonly mirror: TableMirror,
    private readonly limits: TableLimits,
  ) {}

  /** Called before the mirror takes the item. */
  writing(item: PlainItem, previous: PlainItem | undefined): void {
    const sk = String(item['sk']);
    if (sk === 'STATE') this.#state(stateItem.decode(this.limits.domainId, item), this.mirror.state);
    else if (sk.startsWith('IDS#')) this.#ids(sk, item, previous);
    else this.#seqNeverGoesBack(sk, item, previous);
    const bytes = sk === 'STATE' ? Buffer.byteLength(JSON.stringify(item)) : 0;
    if (bytes >= MAX_ITEM_BYTES) this.violations.add('7, STATE', `${bytes} bytes`);
  }

  /** Called after the mirror took it: a head is written after the ids that it speaks for. */
  written(item: PlainItem, previous: PlainItem | undefined): void {
    if (String(item['sk']).startsWith('CASE#')) this.#head(item as unknown as CaseRecord, previous);
  }

  #state(after: DomainState, before: DomainState | null): void {
    const { violations } = this;
    const headSeq = after.head?.seq ?? 0;
    const headBefore = before?.head?.seq ?? 0;
    const ahead = headSeq - after.applied;
    if (ahead !== 0 && ahead !== 1) violations.add('chain', `head ${headSeq}, applied ${after.applied}`);
    if (headSeq !== headBefore && headSeq !== headBefore + 1)
      violations.add('chain', `head ${headBefore} → ${headSeq}`);
    if (before === null) return;
    if (after.fence < before.fence) violations.add('3, fence', `fence ${before.fence} → ${after.fence}`);
    if (after.applied < before.applied) violations.add('chain', `applied ${before.applied} → ${after.applied}`);
    if (before.lastExportDate !== null && (after.lastExportDate ?? '') < before.lastExportDate) {
      violations.add('export_date', `${before.lastExportDate} → ${after.lastExportDate}`);
    }
    if (after.head !== null && after.head.manifestKey !== before.head?.manifestKey) this.#commit(after, before);
  }

  /** COMMIT: by the newest fence alone, and only once the commit before is wholly published. */
  #commit(after: DomainState, before: DomainState): void {
    const fence = Number(/\/\d{12}-(\d+)-\d+\//.exec(after.head?.manifestKey ?? '')?.[1]);
    if (fence !== before.fence) {
      this.violations.add('3, fence', `a commit of fence ${fence} while the newest is ${before.fence}`);
    }
    const previous = (after.head?.seq ?? 0) - 1;
    const headBefore = before.head?.seq ?? 0;
    if (before.applied !== previous || (headBefore !== previous && !this.isVoiding)) {
      this.violations.add('chain', `commit ${previous + 1} while applied is ${before.applied}`);
    }
  }

  #ids(sk: string, item: PlainItem, previous: PlainItem | undefined): void {
    if (previous === undefined) return;
    if (!Buffer.from(previous['ids'] as Uint8Array).equals(item['ids'] as Uint8Array)) {
      this.violations.add('ledger, append-only', `${sk} was rewritten`);
    }
  }

  #seqNeverGoesBack(sk: string, item: PlainItem, previous: PlainItem | undefined): void {
    if (previous !== undefined && Number(item['seq']) < Number(previous['seq'])) {
      this.violations.add('ledger, newer wins', `${sk}: seq ${previous['seq']} → ${item['seq']}`);
    }
  }

  /**
   * A head that says "read at" is true: every event that the audit history showed by then is in the ledger. What a replica
   * that is behind may have hidden is not counted.
   */
  #head(head: CaseRecord, previous: PlainItem | undefined): void {
    const { caseId, readAt, goneAt } = head;
    if (readAt === null || goneAt !== null || readAt === previous?.['readAt']) return;
    const known = this.truth.asOf(caseId, readAt);
    if (known === undefined || known.truth.deletedAt !== null) return;
    for (const { truth, ledgerId, key } of known.events.values()) {
      if (truth.visibleAt + this.limits.auditBehindMs > readAt) continue;
      if (this.mirror.knows(caseId, ledgerId)) continue;
      this.violations.add(
        '2, complete',
        `${caseId} is called read at ${new Date(readAt).toISOString()} by commit ${head.seq}, without event ${key} of ${new Date(truth.visibleAt).toISOString()}`,
      );
    }
  }
}
