import { setTimeout as sleep } from 'node:timers/promises';
import { caseKey, domainPartition, eventIdsPrefix, RETRY_PREFIX, stateKey } from '../domain/keys';
import type { DomainState } from '../domain/state';
import {
  caseItem,
  encodeCommit,
  encodeTrying,
  eventIdsItem,
  NEW_DOMAIN,
  retryItem,
  SCHEMA_VERSION,
  type StoredItem,
  stateItem,
} from '../domain/stored-items';
import type { CheckpointStore, LeaseAnswer } from '../ports';
import { createCheckpointTable, ITEMS_PER_BATCH } from './checkpoint-table';
import { conclude, readAgain, type Unconfirmed, type Written } from './store-failures';
import {
  type Attributes,
  absent,
  allOf,
  anyOf,
  type Changes,
  compares,
  type Only,
  setting,
  type TableRequests,
  unlessThere,
  valuesOf,
} from './table-requests';

// Conditions that read as a sentence.
const LEASE_IS_FREE = anyOf(absent('leaseExpiresAt'), compares('leaseExpiresAt', '<=', ':now'));
const VERSION_IS_KNOWN = anyOf(absent('schemaVersion'), compares('schemaVersion', '<=', ':schemaVersion'));
const FENCE_IS_MINE = compares('fence', '=', ':fence');
const NO_HEAD_YET = absent('head');
const HEAD_IS_PREVIOUS = compares('head.seq', '=', ':previous');
const HEAD_IS_THIS = compares('head.seq', '=', ':seq');
const HEAD_IS_REPLACED = compares('head.manifestKey', '=', ':replaced');
const HEAD_IS_MINE = compares('head.manifestKey', '=', ':manifestKey');
const PREVIOUS_IS_APPLIED = compares('applied', '=', ':previous');
const ABSENT_OR_OLDER = anyOf(absent('seq'), compares('seq', '<', ':seq'));
const NOT_CLOSED = anyOf(absent('closed'), compares('closed', '<>', ':closed'));

interface CheckpointStoreOptions {
  readonly requests: TableRequests;
  /** Waits between tries. */
  readonly pause?: (ms: number) => Promise<unknown>;
  /** Milliseconds that never go back, to limit how long writes are tried. */
  readonly monotonic?: () => number;
}

type CheckpointTable = ReturnType<typeof createCheckpointTable>;

/** A conditional change of STATE, and the answer if it was made. */
interface StateChange<T> extends Only {
  readonly changes: Changes;
  readonly done: T;
  /** As in `conclude`, told from STATE as it is now. */
  readonly readBack: (now: DomainState | null, so: Unconfirmed) => T | undefined;
}

/** Attributes that the lease and the commit write; others that STATE lacks get the value of a new domain. */
const WRITTEN_OTHERWISE: ReadonlySet<string> = new Set([
  'fence',
  'leaseOwner',
  'leaseExpiresAt',
  'startsSinceCommit',
  'trying',
  'head',
  'applied',
] satisfies (keyof typeof NEW_DOMAIN)[]);
const FIRST_STATE: Attributes = {
  ...Object.fromEntries(Object.entries(NEW_DOMAIN).filter(([name]) => !WRITTEN_OTHERWISE.has(name))),
  // A table without it may be one of an earlier build, whose ids have no records: the run decides, never the lease.
  idsHaveRecords: false,
};

/**
 * Implements the port over Amazon DynamoDB with conditional writes of single items, and batches of ids that never
 * change. A write whose answer was lost, or whose condition failed, is concluded by reading back; a failed read is
 * tried again. If a few tries settle nothing, it rejects with a StoreError of kind `unavailable`.
 */
export function createCheckpointStore(options: CheckpointStoreOptions): CheckpointStore {
  const { requests, pause = sleep, monotonic = () => performance.now() } = options;
  const waiting = { pause, monotonic };
  const items = createCheckpointTable(requests, waiting);

  async function putUnlessNewer(item: StoredItem): Promise<boolean> {
    const seq = Number(item['seq']);
    return conclude(waiting, {
      write: () => items.put(item, { condition: ABSENT_OR_OLDER, values: { ':seq': seq } }),
      written: () => true,
      async readBack() {
        const standing = (await items.get({ pk: item.pk, sk: item.sk }))?.['seq'];
        // The same seq is the same commit, and therefore this very write.
        return typeof standing === 'number' && standing >= seq ? standing === seq : undefined;
      },
    });
  }

  /** Writes fixed bytes without a condition, so any repetition is harmless and nothing has to be read back. */
  function putBatch(batch: readonly StoredItem[]): Promise<void> {
    return conclude<void>(waiting, {
      async write() {
        await items.putBatch(batch);
        return { done: true, attributes: {} };
      },
      written: () => undefined,
      readBack: async () => undefined,
    });
  }

  /** Changes STATE. Nothing is read back where the fence is another's: it never becomes ours again. */
  function ifMine(write: () => Promise<Written>): Promise<boolean> {
    return conclude<boolean>(waiting, {
      write,
      written: () => true,
      readBack: async ({ conditionFailed }) => (conditionFailed ? false : undefined),
    });
  }

  function changeState<T>(domainId: string, { changes, done, readBack, ...only }: StateChange<T>): Promise<T> {
    const key = stateKey(domainId);
    return conclude<T>(waiting, {
      write: () => items.update(key, changes, only),
      written: () => done,
      async readBack(so) {
        const stored = await items.get(key);
        return readBack(stored && stateItem.decode(domainId, stored), so);
      },
    });
  }

  return {
    acquireLease({ domainId, owner, now, expiresAt }) {
      const key = stateKey(domainId);
      return conclude<LeaseAnswer>(waiting, {
        write: () =>
          items.update(
            key,
            {
              fence: { unlessThere: ':zero', plus: ':one' },
              startsSinceCommit: { unlessThere: ':zero', plus: ':one' },
              leaseOwner: ':owner',
              leaseExpiresAt: ':expiresAt',
              schemaVersion: ':schemaVersion',
              applied: { unlessThere: ':zero' },
              ...unlessThere(FIRST_STATE),
            },
            {
              condition: allOf(LEASE_IS_FREE, VERSION_IS_KNOWN),
              values: {
                ':zero': 0,
                ':one': 1,
                ':now': now,
                ':owner': owner,
                ':expiresAt': expiresAt,
                ':schemaVersion': SCHEMA_VERSION,
                ...valuesOf(FIRST_STATE),
              },
            },
          ),
        written: (attributes) => acquired(items, domainId, attributes),
        async readBack() {
          const stored = await items.get(key);
          if (!stored) return undefined;
          const leaseExpiresAt = Number(stored['leaseExpiresAt']);
          if (stored['leaseOwner'] === owner && leaseExpiresAt === expiresAt) return acquired(items, domainId, stored);
          if (leaseExpiresAt > now) return { kind: 'busy', expiresAt: leaseExpiresAt };
          // The lease is free, and was yet refused: STATE is malformed, too new, or was released a moment ago.
          if ('schemaVersion' in stored) stateItem.decode(domainId, stored);
          return undefined;
        },
      });
    },

    releaseLease: ({ domainId, fence }) => ifMine(() => release(items, domainId, fence)),

    noteTrying: ({ domainId, fence, tried }) =>
      ifMine(() =>
        items.update(
          stateKey(domainId),
          { trying: ':tried' },
          { condition: FENCE_IS_MINE, values: { ':fence': fence, ':tried': encodeTrying(domainId, tried) } },
        ),
      ),

    async readState(domainId) {
      const stored = await readAgain(waiting, () => items.get(stateKey(domainId)));
      return stored && stateItem.decode(domainId, stored);
    },

    commit({ domainId, fence, head, state, replaces }) {
      const change = encodeCommit(domainId, { head, state });
      const previous = head.seq - 1;
      const nextInLine = previous === 0 ? NO_HEAD_YET : HEAD_IS_PREVIOUS;
      const headStands = replaces === undefined ? nextInLine : HEAD_IS_REPLACED;
      const replaced = replaces === undefined ? {} : { ':replaced': replaces };
      // THE commit point: this one write makes the batch part of the archive, whatever follows.
      return changeState<'committed' | 'refused'>(domainId, {
        changes: setting(change),
        condition: allOf(FENCE_IS_MINE, headStands, PREVIOUS_IS_APPLIED),
        values: { ':fence': fence, ':previous': previous, ...replaced, ...valuesOf(change) },
        done: 'committed',
        readBack(now, { conditionFailed, unanswered }) {
          if (now?.head?.manifestKey === head.manifestKey) return 'committed';
          const standing = now?.head?.seq ?? 0;
          // Another run continued after this number; STATE no longer tells from which commit.
          if (standing > head.seq) return unanswered ? undefined : 'refused';
          const stands = replaces === undefined ? standing === previous : now?.head?.manifestKey === replaces;
          if ((standing === head.seq && !stands) || now?.fence !== fence) return 'refused';
          const holdsNow = stands && now.applied === previous;
          // Without an answer the write may still be under way, so only another try can tell.
          return conditionFailed && !holdsNow ? 'refused' : undefined;
        },
      });
    },

    markApplied: (domainId, seq) =>
      changeState(domainId, {
        changes: { applied: ':seq' },
        condition: allOf(HEAD_IS_THIS, PREVIOUS_IS_APPLIED),
        values: { ':seq': seq, ':previous': seq - 1 },
        done: true,
        readBack(now, { conditionFailed }) {
          if (now?.head?.seq !== seq) return false;
          if (now.applied === seq) return true;
          return conditionFailed && now.applied !== seq - 1 ? false : undefined;
        },
      }),

    async readCaseRecords(domainId, caseIds) {
      const keys = [...new Set(caseIds)].map((caseId) => caseKey(domainId, caseId));
      const heads = (await items.getMany(keys)).map((item) => caseItem.decode(domainId, item));
      return new Map(heads.map((head) => [head.caseId, head]));
    },

    async readEventIds(domainId, caseId) {
      const stored = await items.query(domainPartition(domainId), eventIdsPrefix(caseId));
      const parts = stored.map((item) => eventIdsItem.decode(domainId, item).ids);
      return new Uint8Array(Buffer.concat(parts));
    },

    async putEventIds(domainId, parts) {
      const encoded = parts.map((part) => eventIdsItem.encode(domainId, part));
      // A batch takes no key twice; equal keys have equal bytes.
      const different = [...new Map(encoded.map((item) => [item.sk, item])).values()];
      for (let start = 0; start < different.length; start += ITEMS_PER_BATCH) {
        await putBatch(different.slice(start, start + ITEMS_PER_BATCH));
      }
    },

    markRedone: (domainId, head) =>
      changeState(domainId, {
        changes: { redone: ':sha256' },
        condition: HEAD_IS_MINE,
        values: { ':sha256': head.sha256, ':manifestKey': head.manifestKey },
        done: true,
        readBack(now) {
          if (now?.head?.manifestKey !== head.manifestKey) return false;
          return now.redone === head.sha256 ? true : undefined;
        },
      }),

    putCaseRecord: async (domainId, head) => putUnlessNewer(caseItem.encode(domainId, head)),
    putRetry: async (domainId, entry) => putUnlessNewer(retryItem.encode(domainId, entry)),

    async readOpenRetries(domainId) {
      const filter = { condition: NOT_CLOSED, values: { ':closed': true } };
      const stored = await items.query(domainPartition(domainId), RETRY_PREFIX, filter);
      return stored.map((item) => retryItem.decode(domainId, item));
    },
  };
}

/** Decodes the STATE of the lease just taken. Gives the lease back if it is malformed: the next run fails, too. */
async function acquired(items: CheckpointTable, domainId: string, stored: Attributes): Promise<LeaseAnswer> {
  try {
    return { kind: 'acquired', state: stateItem.decode(domainId, stored) };
  } catch (error) {
    await release(items, domainId, Number(stored['fence'])).catch(() => undefined);
    throw error;
  }
}

function release(items: CheckpointTable, domainId: string, fence: number): Promise<Written> {
  return items.update(
    stateKey(domainId),
    { leaseExpiresAt: ':zero', startsSinceCommit: ':zero', leaseOwner: ':nobody', trying: ':nobody' },
    { condition: FENCE_IS_MINE, values: { ':fence': fence, ':zero': 0, ':nobody': null } },
  );
}
