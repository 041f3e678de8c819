/**
 * CheckpointStore in memory, in the stored form that the table has. The contract suite that pins the DynamoDB adapter pins
 * this too. Every call takes effect at one moment, as a single-item write does; calls interleave between these moments.
 */
import { IntegrityError } from '../../lambda/export/domain/errors';
import {
  caseKey,
  domainPartition,
  eventIdsPrefix,
  RETRY_PREFIX,
  stateKey,
  type TableKey,
} from '../../lambda/export/domain/keys';
import type { DomainState } from '../../lambda/export/domain/state';
import {
  caseItem,
  checkSchemaVersion,
  encodeCommit,
  encodeTrying,
  eventIdsItem,
  NEW_DOMAIN,
  retryItem,
  type StoredItem,
  stateItem,
} from '../../lambda/export/domain/stored-items';
import type { CheckpointStore } from '../../lambda/export/ports';

type Item = TableKey & Record<string, unknown>;

export interface MemoryCheckpointStore extends CheckpointStore {
  /** Every item there is, in the order of its keys. */
  items(): Item[];
  item(key: TableKey): Item | undefined;
  /** Puts any item there, as an operator or another version could. */
  setItem(item: Item): void;
  deleteItem(key: TableKey): void;
  /** The table holds these items and no others, as one that was set back. */
  restore(items: readonly Item[]): void;
}

export function createMemoryCheckpointStore(): MemoryCheckpointStore {
  const table = new Map<string, Item>();

  function setItem(item: Item): void {
    table.set(mapKey(item), structuredClone(item));
  }

  function find(key: TableKey): Item | undefined {
    const item = table.get(mapKey(key));
    return item && structuredClone(item);
  }

  function state(domainId: string): DomainState | null {
    const item = find(stateKey(domainId));
    return item ? stateItem.decode(domainId, item) : null;
  }

  /** Items of a domain whose sort key begins so, in order. */
  function query(domainId: string, prefix: string): Item[] {
    return sorted(mapKey({ pk: domainPartition(domainId), sk: prefix }));
  }

  /** Those whose key begins so. */
  function sorted(beginning = ''): Item[] {
    const found: { readonly bytes: Buffer; readonly item: Item }[] = [];
    // Every read of a case looks through the whole table: nothing is made for what is not found.
    for (const [key, item] of table) if (key.startsWith(beginning)) found.push({ bytes: Buffer.from(key), item });
    return found.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ item }) => structuredClone(item));
  }

  /** False iff a newer seq stands. */
  function putUnlessNewer(item: StoredItem): boolean {
    const standing = find(item)?.['seq'];
    if (typeof standing === 'number' && standing > Number(item['seq'])) return false;
    if (standing !== item['seq']) setItem(item);
    return true;
  }

  return {
    items: () => sorted(),
    item: find,
    setItem,
    deleteItem: (key) => void table.delete(mapKey(key)),
    restore(items) {
      table.clear();
      items.forEach(setItem);
    },

    async acquireLease({ domainId, owner, now, expiresAt }) {
      await Promise.resolve();
      const raw = find(stateKey(domainId));
      const leaseExpiresAt = Number(raw?.['leaseExpiresAt'] ?? 0);
      if (raw?.['leaseOwner'] === owner && leaseExpiresAt === expiresAt) {
        return { kind: 'acquired', state: stateItem.decode(domainId, raw) };
      }
      if (leaseExpiresAt > now) return { kind: 'busy', expiresAt: leaseExpiresAt };
      if (raw?.['schemaVersion'] !== undefined) checkSchemaVersion(raw);
      const item = { ...stateItem.encode(domainId, NEW_DOMAIN), ...raw };
      const before = stateItem.decode(domainId, item);
      const after: DomainState = {
        ...before,
        fence: before.fence + 1,
        startsSinceCommit: before.startsSinceCommit + 1,
        leaseOwner: owner,
        leaseExpiresAt: expiresAt,
      };
      setItem(stateItem.encode(domainId, after));
      return { kind: 'acquired', state: after };
    },

    async releaseLease({ domainId, fence }) {
      await Promise.resolve();
      const now = state(domainId);
      if (now?.fence !== fence) return false;
      setItem(
        stateItem.encode(domainId, { ...now, leaseOwner: null, leaseExpiresAt: 0, startsSinceCommit: 0, trying: null }),
      );
      return true;
    },

    async noteTrying({ domainId, fence, tried }) {
      const trying = encodeTrying(domainId, tried);
      await Promise.resolve();
      const now = state(domainId);
      if (now?.fence !== fence) return false;
      setItem(stateItem.encode(domainId, { ...now, trying }));
      return true;
    },

    async readState(domainId) {
      await Promise.resolve();
      return state(domainId);
    },

    async commit({ domainId, fence, head, state: change, replaces }) {
      const written = encodeCommit(domainId, { head, state: change });
      await Promise.resolve();
      const now = state(domainId);
      if (now?.head?.manifestKey === head.manifestKey) return 'committed';
      const previous = head.seq - 1;
      const stands = replaces === undefined ? (now?.head?.seq ?? 0) === previous : now?.head?.manifestKey === replaces;
      if (now?.fence !== fence || !stands || now.applied !== previous) return 'refused';
      setItem(stateItem.encode(domainId, { ...now, ...written }));
      return 'committed';
    },

    async markApplied(domainId, seq) {
      await Promise.resolve();
      const now = state(domainId);
      if (now?.head?.seq !== seq) return false;
      if (now.applied === seq) return true;
      if (now.applied !== seq - 1) return false;
      setItem(stateItem.encode(domainId, { ...now, applied: seq }));
      return true;
    },

    async readCaseRecords(domainId, caseIds) {
      await Promise.resolve();
      const heads = [...new Set(caseIds)].flatMap((caseId) => {
        const item = find(caseKey(domainId, caseId));
        return item ? [caseItem.decode(domainId, item)] : [];
      });
      return new Map(heads.map((head) => [head.caseId, head]));
    },

    async readEventIds(domainId, caseId) {
      await Promise.resolve();
      const parts = query(domainId, eventIdsPrefix(caseId)).map((item) => eventIdsItem.decode(domainId, item));
      return Uint8Array.from(Buffer.concat(parts.map((part) => part.ids)));
    },

    async putEventIds(domainId, parts) {
      const items = parts.map((part) => eventIdsItem.encode(domainId, part));
      for (const item of items) {
        await Promise.resolve();
        const [standing, ids] = [find(item)?.['ids'], item['ids']];
        if (standing instanceof Uint8Array && !Buffer.from(standing).equals(ids as Uint8Array)) {
          throw new IntegrityError(`Fake: ${item.pk} / ${item.sk} would be rewritten with other ids`);
        }
        setItem(item);
      }
    },

    async markRedone(domainId, head) {
      await Promise.resolve();
      const now = state(domainId);
      if (now?.head?.manifestKey !== head.manifestKey) return false;
      setItem(stateItem.encode(domainId, { ...now, redone: head.sha256 }));
      return true;
    },

    async putCaseRecord(domainId, head) {
      const item = caseItem.encode(domainId, head);
      await Promise.resolve();
      return putUnlessNewer(item);
    },

    async putRetry(domainId, entry) {
      const item = retryItem.encode(domainId, entry);
      await Promise.resolve();
      return putUnlessNewer(item);
    },

    async readOpenRetries(domainId) {
      await Promise.resolve();
      return query(domainId, RETRY_PREFIX)
        .filter((item) => item['closed'] !== true)
        .map((item) => retryItem.decode(domainId, item));
    },
  };
}

function mapKey({ pk, sk }: TableKey): string {
  return `${pk}\n${sk}`;
}
