import { createPublicKey } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectCasesClient } from '@aws-sdk/client-connectcases';
import { localClientSettings } from '../aws-settings';
import { type LocalStack, startLocalStack, TABLE } from '../exporter/stack';
import { runTick, type Tick, type TickOptions } from '../exporter/tick';
import { closedOnError } from '../loopback';
import type { Action, TimedAction } from '../seed/actions';
import { setUpDesk } from '../seed/desk';
import { Player } from '../seed/player';
import { historyStartsAt } from '../seed/scenario';
import type { FieldFacts } from './expected-rows';
import { ARCHIVE_FOLDER, KEY_FILE } from './folder';

export const DOMAIN = 'demo';

/**
 * Settings of the exporter that differ from their defaults, so that the demo takes seconds where a domain takes hours.
 */
export const DEMO_SETTINGS = {
  SEARCH_CASES_RPS: '1000',
  AUDIT_EVENTS_RPS: '1000',
  RELATED_ITEMS_RPS: '1000',
  SETTLE_SECONDS: '1',
  COMMIT_RESERVE_SECONDS: '1',
  LEASE_MARGIN_SECONDS: '0',
} as const;

/** Everything that the demo needs: the services, the people at the desk, and the exporter. */
export interface DemoWorld {
  readonly stack: LocalStack;
  readonly archiveFolder: string;
  /** PEM of the public half of the key that signs. */
  readonly keyFile: string;
  readonly player: Player;
  /** Performs the action at its time, or now if it has none. */
  play(action: Action | TimedAction): Promise<void>;
  tick(options?: Pick<TickOptions, 'onStart' | 'timeoutMs'>): Promise<Tick>;
  /** The fields as they are now. */
  fields(): ReadonlyMap<string, FieldFacts>;
  /** The checkpoint table's progress of the domain. */
  state(): Promise<{ readonly head: number; readonly applied: number; readonly leaseExpiresAt: number }>;
  close(): Promise<void>;
}

/** Name of the key that signs, in the local KMS. */
const SIGNING_KEY = 'audit';

/**
 * Starts everything on free loopback ports, with its files in `folder`, and sets up the desk as of four weeks ago. If
 * that fails it rejects with everything closed.
 */
export async function startWorld(folder: string, endsAt: number): Promise<DemoWorld> {
  let casesTime: number | undefined = historyStartsAt(endsAt);
  const stack = await startLocalStack({
    // The service promises no order of events, so the demo shuffles them.
    cases: { domains: [DOMAIN], now: () => casesTime ?? Date.now(), switches: { eventOrder: 'shuffled' } },
    root: folder,
    signingKey: SIGNING_KEY,
  });
  const client = new ConnectCasesClient(localClientSettings(stack.cases.url));
  const player = await closedOnError(stack, async () => {
    const desk = new Player(client, await setUpDesk(client, DOMAIN));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, KEY_FILE), pemOf(stack.kms.key(SIGNING_KEY).spki));
    return desk;
  });
  return {
    stack,
    player,
    archiveFolder: join(folder, ARCHIVE_FOLDER),
    keyFile: join(folder, KEY_FILE),
    async play(action) {
      casesTime = 'at' in action ? action.at : undefined;
      await player.play(action);
    },
    tick(options) {
      casesTime = undefined;
      return runTick({ event: { domainId: DOMAIN }, env: { ...stack.env, ...DEMO_SETTINGS }, ...options });
    },
    fields: () =>
      new Map([...(stack.cases.world.domains.get(DOMAIN)?.fields ?? [])].map(([id, field]) => [id, { ...field }])),
    state: () => readState(stack),
    async close() {
      client.destroy();
      await stack.close();
    },
  };
}

/** @param spki DER of a SubjectPublicKeyInfo. */
function pemOf(spki: Uint8Array): string {
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    .export({ format: 'pem', type: 'spki' })
    .toString();
}

async function readState(stack: LocalStack): ReturnType<DemoWorld['state']> {
  const item = (await stack.dynamodb.items(TABLE)).find(({ sk }) => sk === 'STATE') ?? {};
  const head = (item['head'] ?? {}) as { readonly seq?: number };
  return {
    head: head.seq ?? 0,
    applied: Number(item['applied'] ?? 0),
    leaseExpiresAt: Number(item['leaseExpiresAt'] ?? 0),
  };
}
