/** A proxy for DynamoDB: it counts requests by operation and input, and formats errors as DynamoDB does. */
import { setTimeout as delay } from 'node:timers/promises';
import { jsonObject } from '../loopback';
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
  /** Status of the answer, even if it was lost on its way. */
  readonly status: number;
}

/** `unprocessed`: nothing of a batch is done, and the answer says so, as from a throttled table. */
export type DynamoDBFault =
  | { readonly kind: 'unprocessed' }
  | { readonly kind: 'reset-before' }
  | { readonly kind: 'apply-then-reset' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'error'; readonly status: number; readonly type: string };

/** Called once per request, before it is forwarded; may wait, so that others act in between. */
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
    const call = callOf(request);
    const fault = await hook?.(call);
    if (fault?.kind === 'delay') await delay(fault.ms);
    if (fault?.kind === 'error') return { kind: 'answer', answer: errorAnswer(fault) };
    if (fault?.kind === 'unprocessed') return { kind: 'answer', answer: unprocessedAnswer(call) };
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
    input: jsonObject(body),
    number,
  };
}

function errorAnswer({ status, type }: { status: number; type: string }): ProxiedAnswer {
  return jsonAnswer(status, { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'Injected' });
}

function unprocessedAnswer({ operation, input }: DynamoDBCall): ProxiedAnswer {
  const { RequestItems } = input;
  if (operation === 'BatchWriteItem') return jsonAnswer(200, { UnprocessedItems: RequestItems });
  if (operation === 'BatchGetItem') return jsonAnswer(200, { Responses: {}, UnprocessedKeys: RequestItems });
  throw new Error(`Only a batch leaves something unprocessed, not ${operation}`);
}

function jsonAnswer(status: number, body: object): ProxiedAnswer {
  const headers = { 'content-type': 'application/x-amz-json-1.0' };
  return { status, headers, body: Buffer.from(JSON.stringify(body)) };
}
