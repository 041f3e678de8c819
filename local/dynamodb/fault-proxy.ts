/** The proxy as DynamoDB has it: requests by operation and input, counted, and its own way of telling of an error. */
import { setTimeout as delay } from 'node:timers/promises';
import { type ProxiedAnswer, type ProxiedRequest, startProxy } from '../proxy/proxy';

/** One request, as the fault hook and the log see it. */
export interface DynamoDBCall {
  /** `GetItem`, `UpdateItem` … */
  readonly operation: string;
  /** The request's JSON. */
  readonly input: Readonly<Record<string, unknown>>;
  /** From 1, over all requests. */
  readonly number: number;
}

export interface LoggedDynamoDBCall extends DynamoDBCall {
  /** Of the answer, also where it was lost on its way. */
  readonly status: number;
}

export type DynamoDBFault =
  | { readonly kind: 'reset-before' }
  | { readonly kind: 'apply-then-reset' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'error'; readonly status: number; readonly type: string };

/** Asked once a request, before it goes on; may wait, so that others act in between. */
export type DynamoDBFaultHook = (call: DynamoDBCall) => DynamoDBFault | undefined | Promise<DynamoDBFault | undefined>;

interface FaultProxy {
  readonly url: string;
  readonly calls: readonly LoggedDynamoDBCall[];
  setFault(hook: DynamoDBFaultHook | undefined): void;
  close(): Promise<void>;
}

/** `port` 0 = any free port. */
export async function startFaultProxy(target: string, port = 0): Promise<FaultProxy> {
  const proxy = await startProxy(target, port);
  const calls: LoggedDynamoDBCall[] = [];
  let hook: DynamoDBFaultHook | undefined;
  proxy.setHook(async (request) => {
    const fault = await hook?.(callOf(request));
    if (fault?.kind === 'delay') await delay(fault.ms);
    if (fault?.kind === 'error') return { kind: 'answer', answer: errorAnswer(fault) };
    return fault?.kind === 'delay' ? undefined : fault;
  });
  proxy.setObserver((request, { status }) => void calls.push({ ...callOf(request), status }));
  return {
    url: proxy.url,
    calls,
    setFault: (next) => {
      hook = next;
    },
    close: proxy.close,
  };
}

function callOf({ headers, body, number }: ProxiedRequest): DynamoDBCall {
  return {
    operation: String(headers['x-amz-target'] ?? '').replace(/^.*\./, ''),
    input: parseInput(body),
    number,
  };
}

function parseInput(body: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function errorAnswer({ status, type }: { status: number; type: string }): ProxiedAnswer {
  const body = Buffer.from(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'Injected' }));
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body };
}
