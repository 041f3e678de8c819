/** What the checkpoint table says, read past the proxy. Only attributes that the runtime contract names, and retry entries. */
import type { LocalDynamoDB } from '../../local/dynamodb/server';
import { TABLE } from '../../local/exporter/stack';

export interface Checkpoints {
  readonly head: number;
  readonly applied: number;
  /** Epoch milliseconds; 0 for none. */
  readonly leaseExpiresAt: number;
  /** When the last of the open retry entries is due, epoch milliseconds; 0 for none. */
  readonly lastRetryAt: number;
}

export async function readCheckpoints(dynamodb: LocalDynamoDB): Promise<Checkpoints> {
  const items = await dynamodb.items(TABLE);
  const state = items.find(({ sk }) => sk === 'STATE') ?? {};
  const head = (state['head'] ?? {}) as { readonly seq?: number };
  const due = items
    .filter(({ sk, closed }) => String(sk).startsWith('RETRY#') && closed !== true)
    .map(({ notBefore }) => Number(notBefore));
  return {
    head: head.seq ?? 0,
    applied: Number(state['applied'] ?? 0),
    leaseExpiresAt: Number(state['leaseExpiresAt'] ?? 0),
    lastRetryAt: Math.max(0, ...due),
  };
}
