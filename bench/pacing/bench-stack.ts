import { createRelatedItem } from '../../local/cases/model/related-items';
import { DEFAULT_QUOTAS, type Switches } from '../../local/cases/model/switches';
import type { LocalStack } from '../../local/exporter/stack';
import { runTick, type Tick } from '../../local/exporter/tick';
import { changeCase, fillDomain, startInThePast } from '../fill';
import { ratesOf } from '../harness';

/** The paced rate as the stack sets it, as a share of the quota. */
const PACED_SHARE = 0.75;
const QUOTA_PER_SECOND = 2;

export interface BenchStack {
  readonly stack: LocalStack;
  /** Times everything: rate and burst of each quota, and the rate that is set. */
  readonly scale: number;
  readonly caseIds: Readonly<Record<string, readonly string[]>>;
  change(domainId: string, caseId: string): void;
  comment(domainId: string, caseId: string): void;
}

/** Calls per second that the exporter is set to: 75 % of the quota. */
export function pacedRate(scale: number): number {
  return QUOTA_PER_SECOND * PACED_SHARE * scale;
}

/** The documented quotas, rate and burst times the same factor. */
function scaledQuotas(scale: number): Switches['rates'] {
  return Object.fromEntries(
    Object.entries(DEFAULT_QUOTAS).map(([operation, { perSecond, burst }]) => [
      operation,
      { perSecond: perSecond * scale, burst: burst * scale },
    ]),
  );
}

/** Local services that enforce the quota, with domains of so many one-page cases, two days old. */
export async function startBenchStack(domains: readonly string[], cases: number, scale: number): Promise<BenchStack> {
  const { stack, arrive } = await startInThePast({ domains });
  const { world } = stack.cases;
  const filling = { cases, eventsACase: 2, fieldsAnEvent: 1 };
  const caseIds = Object.fromEntries(
    domains.map((domainId) => [domainId, fillDomain(stack, { domainId, ...filling })]),
  );
  arrive();
  stack.cases.set({ rates: scaledQuotas(scale) });
  const comment = (domainId: string, caseId: string) => {
    const content = { comment: { body: 'A comment', contentType: 'Text/Plain' as const } };
    createRelatedItem(world, { domainId, caseId, type: 'Comment', content });
  };
  const change = (domainId: string, caseId: string) => changeCase(stack, domainId, caseId);
  return { stack, scale, caseIds, change, comment };
}

interface TickPlan {
  readonly domainId: string;
  readonly rps: number;
  readonly seconds: number;
  readonly reserveSeconds: number;
  readonly more?: Readonly<Record<string, string>>;
}

/** One tick of the built bundle at this rate. It must not fail. */
export async function pacedTick({ stack }: BenchStack, plan: TickPlan): Promise<Tick> {
  const { domainId, rps, seconds, reserveSeconds, more } = plan;
  const tick = await runTick({
    event: { domainId },
    env: { ...stack.env, ...ratesOf(rps), COMMIT_RESERVE_SECONDS: `${reserveSeconds}`, ...more },
    timeoutMs: seconds * 1000,
  });
  if (tick.answer === null) throw new Error(`The tick ended with ${tick.error?.message ?? 'no answer'}`);
  return tick;
}
