/** Where a world takes place: the local services, a proxy before each, and the people at the desk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ARCHIVE_BUCKET, type LocalStack, startLocalStack } from '../../local/exporter/stack';
import { type HttpProxy, startProxy } from '../../local/proxy/proxy';
import { historyStartsAt } from '../../local/seed/scenario';
import { SkippingClock } from '../support/clock-ahead';
import { type Desk, openDesk } from './desk-at-work';
import type { WorldPlan } from './plan';
import { SERVICES, type Service } from './requests';

export const DOMAIN = 'desk';

export interface Setting {
  readonly stack: LocalStack;
  readonly proxies: Readonly<Record<Service, HttpProxy>>;
  readonly desk: Desk;
  /** The archive bucket as a folder of files. */
  readonly archiveFolder: string;
  /** Environment of the bundle: every service behind its proxy, the same clock as theirs. */
  env(): Readonly<Record<string, string>>;
  /** Epoch milliseconds, by the clock that the Cases service and the bundle go by. */
  now(): number;
  /** Time goes by, in no time. */
  skip(ms: number): void;
  /** Ends everything and removes every file. */
  close(): Promise<void>;
}

/** Starts everything on free loopback ports, the plan's cases with their history there. */
export async function startSetting(plan: WorldPlan): Promise<Setting> {
  const root = mkdtempSync(join(tmpdir(), `chaos-${plan.seed}-`));
  const endsAt = Date.now() - 60_000;
  let time: number | undefined = historyStartsAt(endsAt);
  const clock = new SkippingClock();
  const stack = await startLocalStack({
    cases: { domains: [DOMAIN], now: () => time ?? clock.now(), switches: plan.switches },
    root,
  });
  const setTime = (next: number | undefined) => {
    time = next;
  };
  const { seed, cases } = plan;
  const desk = await openDesk(stack.cases, { domainId: DOMAIN, seed, cases, endsAt, setTime });
  const [toCases, s3, dynamodb] = await Promise.all([
    startProxy(stack.cases.url),
    startProxy(stack.s3.url),
    startProxy(stack.dynamodb.url),
  ]);
  const proxies = { cases: toCases, s3, dynamodb };
  return {
    stack,
    proxies,
    desk,
    archiveFolder: join(root, ARCHIVE_BUCKET),
    env: () => ({
      ...stack.env,
      ...plan.settings,
      AWS_ENDPOINT_URL_CONNECTCASES: toCases.url,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
      ...clock.env(),
    }),
    now: clock.now,
    skip: (ms) => clock.skip(ms),
    async close() {
      desk.close();
      await Promise.all(SERVICES.map((service) => proxies[service].close()));
      await stack.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
