/** What becomes of each request on its way to a service and back, decided by seed, service and number of the request alone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Draws } from '../../local/cases/model/random';
import type { ProxiedAnswer, ProxyFault, ProxyHook } from '../../local/proxy/proxy';
import { SERVICES, type Service } from './requests';

/** Shares of all requests, 0 … 1; together at most 1. */
export interface DropRates {
  /** The connection is cut before the request took effect … */
  readonly before: number;
  /** … or after it did, before the answer. */
  readonly after: number;
  /** Refused by an error that may pass: 500, 503, throttling. */
  readonly error: number;
  /** Goes on a little later. */
  readonly delay: number;
  /** Nobody answers for a while, then the connection is cut; it never took effect. */
  readonly hang: number;
  /** Nobody answers for a while, then it takes effect, whether its sender still lives or not. */
  readonly late: number;
}

type Fate = keyof DropRates;
export const FATES = ['before', 'after', 'error', 'delay', 'hang', 'late'] as const satisfies readonly Fate[];

export type DropCounts = Readonly<Record<Service, Readonly<Record<Fate | 'requests', number>>>>;

interface Dropping {
  hook(service: Service): ProxyHook;
  readonly counts: DropCounts;
  /** From now on every request passes. */
  calm(): void;
}

export function noDrops(): Record<Service, Record<Fate | 'requests', number>> {
  const none = { requests: 0, before: 0, after: 0, error: 0, delay: 0, hang: 0, late: 0 };
  return Object.fromEntries(SERVICES.map((service) => [service, { ...none }])) as ReturnType<typeof noDrops>;
}

/** Hooks for the proxies of one world. */
export function createDropping(seed: number, rates: Readonly<Record<Service, DropRates>>): Dropping {
  const counts = noDrops();
  let isCalm = false;
  return {
    counts,
    calm: () => {
      isCalm = true;
    },
    hook: (service) => (request) => {
      counts[service].requests += 1;
      if (isCalm) return undefined;
      const draws = new Draws(seed, `${service} ${request.number}`);
      const fate = fateOf(rates[service], draws.unit());
      if (fate === undefined) return undefined;
      counts[service][fate] += 1;
      return faultOf(fate, service, draws);
    },
  };
}

function fateOf(rates: DropRates, unit: number): Fate | undefined {
  let below = 0;
  return FATES.find((fate) => {
    below += rates[fate];
    return unit < below;
  });
}

async function faultOf(fate: Fate, service: Service, draws: Draws): Promise<ProxyFault | undefined> {
  switch (fate) {
    case 'before':
      return { kind: 'reset-before' };
    case 'after':
      return { kind: 'apply-then-reset' };
    case 'error':
      return { kind: 'answer', answer: draws.pick(ERRORS[service]) };
    case 'delay':
      await sleep(draws.between(5, 120));
      return undefined;
    case 'hang':
      await sleep(draws.between(200, 2_000));
      return { kind: 'reset-before' };
    case 'late':
      await sleep(draws.between(200, 3_000));
      return undefined;
  }
}

function answer(status: number, headers: ProxiedAnswer['headers'], body: string): ProxiedAnswer {
  return { status, headers, body: Buffer.from(body) };
}

function casesError(status: number, type: string): ProxiedAnswer {
  return answer(status, { 'content-type': 'application/json', 'x-amzn-errortype': type }, '{"message":"Injected"}');
}

function dynamodbError(status: number, type: string): ProxiedAnswer {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'Injected' });
  return answer(status, { 'content-type': 'application/x-amz-json-1.0' }, body);
}

function s3Error(status: number, code: string): ProxiedAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>Injected</Message></Error>`;
  return answer(status, { 'content-type': 'application/xml' }, body);
}

/** As something between the client and the service says it, in words of its own. */
const GATEWAY_ERROR = answer(503, { 'content-type': 'text/html' }, '<html>Service Unavailable</html>');

const ERRORS: Readonly<Record<Service, readonly [ProxiedAnswer, ...ProxiedAnswer[]]>> = {
  cases: [casesError(500, 'InternalServerException'), casesError(429, 'ThrottlingException'), GATEWAY_ERROR],
  s3: [s3Error(500, 'InternalError'), s3Error(503, 'SlowDown'), GATEWAY_ERROR],
  dynamodb: [
    dynamodbError(500, 'InternalServerError'),
    dynamodbError(400, 'ProvisionedThroughputExceededException'),
    GATEWAY_ERROR,
  ],
};
