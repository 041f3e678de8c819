/** DynamoDB on a loopback port, in memory: dynalite, with a proxy in front that can lose requests and answers. */
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  paginateScan,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import dynalite from 'dynalite';
import { localClientSettings } from '../aws-settings';
import { closedOnError, jsonObject } from '../loopback';
import { type ProxiedAnswer, type ProxiedRequest, startProxy } from '../proxy/proxy';

interface DynamoDBOptions {
  /** 0 = any free port. */
  readonly port?: number;
  readonly fault?: DynamoDBFaultHook;
}

export interface LocalDynamoDB {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Every request of other clients so far, in the order of their answers. */
  readonly calls: readonly LoggedDynamoDBCall[];
  setFault(hook: DynamoDBFaultHook | undefined): void;
  /**
   * Creates a table with the exporter's keys (`pk`, `sk`, strings, on demand), ready for use. Harmless if it exists.
   */
  createTable(name: string): Promise<void>;
  /** Every item of a table. */
  items(table: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function startDynamoDB(options: DynamoDBOptions = {}): Promise<LocalDynamoDB> {
  const engine = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((listening, failed) => {
    engine.once('error', failed);
    engine.listen(0, '127.0.0.1', listening);
  });
  const engineUrl = `http://127.0.0.1:${(engine.address() as AddressInfo).port}`;
  const closeEngine = () => new Promise<void>((closed) => engine.close(() => closed()));
  const proxy = await closedOnError({ close: closeEngine }, () => startFaultProxy(engineUrl, options.port));
  proxy.setFault(options.fault);
  const admin = localClient(engineUrl);
  return {
    url: proxy.url,
    calls: proxy.calls,
    setFault: proxy.setFault,
    createTable: (name) => createCheckpointTable(admin, name),
    items: (table) => scanAll(admin, table),
    async close() {
      admin.destroy();
      await proxy.close();
      await closeEngine();
    },
  };
}

/** A client for a server on this machine, which checks no credentials. */
export function localClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient(localClientSettings(endpoint));
}

/** Creates the checkpoint table with the given client; resolves when it can be used. */
export async function createCheckpointTable(client: DynamoDBClient, name: string): Promise<void> {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    if (Table?.TableStatus === 'ACTIVE') return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function scanAll(client: DynamoDBClient, table: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for await (const page of paginateScan({ client }, { TableName: table, ConsistentRead: true })) {
    items.push(...(page.Items ?? []).map((item) => unmarshall(item)));
  }
  return items;
}

/** A proxy for DynamoDB: it counts requests by operation and input, and formats errors as DynamoDB does. */

/** One request, as the fault hook and the log see it. */
export interface DynamoDBCall {
  /** `GetItem`, `UpdateItem` … */
  readonly operation: string;
  /** The request's JSON. */
  readonly input: Readonly<Record<string, unknown>>;
  /** From 1, over all requests. */
  readonly number: number;
}

interface LoggedDynamoDBCall extends DynamoDBCall {
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
type DynamoDBFaultHook = (call: DynamoDBCall) => DynamoDBFault | undefined | Promise<DynamoDBFault | undefined>;

interface FaultProxy {
  readonly url: string;
  readonly calls: readonly LoggedDynamoDBCall[];
  setFault(hook: DynamoDBFaultHook | undefined): void;
  close(): Promise<void>;
}

/** `port` 0 = any free port. */
async function startFaultProxy(target: string, port = 0): Promise<FaultProxy> {
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
