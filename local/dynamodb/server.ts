/** DynamoDB on a loopback port, in memory: dynalite, with a proxy in front that can lose requests and answers. */
import type { AddressInfo } from 'node:net';
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
import { closedOnError } from '../loopback';
import { type DynamoDBFaultHook, type LoggedDynamoDBCall, startFaultProxy } from './fault-proxy';

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
