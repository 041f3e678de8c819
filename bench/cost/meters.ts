import type { LocalStack } from '../../local/exporter/stack';
import { type ProxiedRequest, startProxy } from '../../local/proxy/proxy';

/** What a bill counts. */
export interface Units {
  readonly writeRequestUnits: number;
  readonly readRequestUnits: number;
  /** Writes whose condition failed; they are in the write units, as one each. */
  readonly failedConditions: number;
  readonly puts: number;
  readonly gets: number;
  readonly deletes: number;
  /** Request bodies of puts. */
  readonly putBytes: number;
}

export interface Meters {
  /** Environment that leads through the meters. */
  readonly env: Readonly<Record<string, string>>;
  /** Since the last call of this. */
  take(): Units;
  close(): Promise<void>;
}

type Counts = { -readonly [K in keyof Units]: number };

const NOTHING: Units = {
  writeRequestUnits: 0,
  readRequestUnits: 0,
  failedConditions: 0,
  puts: 0,
  gets: 0,
  deletes: 0,
  putBytes: 0,
};

/** Proxies in front of S3 and DynamoDB that count at the servers' door what a bill counts. */
export async function startMeters(stack: LocalStack): Promise<Meters> {
  let counts: Counts = { ...NOTHING };
  const s3 = await startProxy(stack.s3.url);
  s3.setObserver(({ method, body }) => {
    if (method === 'PUT') {
      counts.puts += 1;
      counts.putBytes += body.length;
    } else if (method === 'DELETE') counts.deletes += 1;
    else counts.gets += 1;
  });
  const dynamodb = await startProxy(stack.dynamodb.url);
  dynamodb.setHook(async (request) => {
    const { answer, operation } = await askForCapacity(stack.dynamodb.url, request);
    addCapacity(counts, operation, JSON.parse(answer.body.toString('utf8')));
    return { kind: 'answer', answer };
  });
  return {
    env: { AWS_ENDPOINT_URL_S3: s3.url, AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url },
    take() {
      const taken = counts;
      counts = { ...NOTHING };
      return taken;
    },
    async close() {
      await Promise.all([s3.close(), dynamodb.close()]);
    },
  };
}

/** The same request, which also asks what it costs: the local engine counts as DynamoDB does, by the size of items. */
async function askForCapacity(target: string, { headers, body }: ProxiedRequest) {
  const asked = String(headers['x-amz-target'] ?? '');
  const input = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  const response = await fetch(target, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': asked,
      authorization: String(headers['authorization'] ?? ''),
      'x-amz-date': String(headers['x-amz-date'] ?? ''),
    },
    body: JSON.stringify({ ...input, ReturnConsumedCapacity: 'TOTAL' }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const crc = response.headers.get('x-amz-crc32');
  const answer = {
    status: response.status,
    headers: { 'content-type': 'application/x-amz-json-1.0', ...(crc === null ? {} : { 'x-amz-crc32': crc }) },
    body: bytes,
  };
  return { answer, operation: asked.replace(/^.*\./, '') };
}

interface Consumed {
  readonly CapacityUnits?: number;
}

function addCapacity(counts: Counts, operation: string, answer: unknown): void {
  const { ConsumedCapacity: consumed, __type: failure = '' } = answer as {
    ConsumedCapacity?: Consumed | readonly Consumed[];
    __type?: string;
  };
  const units = [consumed ?? []].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
  // Every request costs at least one unit here, as all reads are strongly consistent: also a query that finds nothing.
  const charged = Math.max(1, units);
  if (failure.endsWith('ConditionalCheckFailedException')) counts.failedConditions += 1;
  if (['PutItem', 'BatchWriteItem', 'UpdateItem', 'DeleteItem'].includes(operation))
    counts.writeRequestUnits += charged;
  else counts.readRequestUnits += charged;
}
