/** An HTTP proxy in front of DynamoDB on a loopback port: it counts the calls, and loses requests and answers when told to. */
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

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

export interface FaultProxy {
  readonly url: string;
  readonly calls: readonly LoggedDynamoDBCall[];
  setFault(hook: DynamoDBFaultHook | undefined): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** `port` 0 = any free port. */
export async function startFaultProxy(target: string, port = 0): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true });
  const calls: LoggedDynamoDBCall[] = [];
  let hook: DynamoDBFaultHook | undefined;
  let requests = 0;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readAll(incoming);
    const call: DynamoDBCall = {
      operation: String(incoming.headers['x-amz-target'] ?? '').replace(/^.*\./, ''),
      input: parseInput(body),
      number: ++requests,
    };
    const fault = await hook?.(call);
    if (fault?.kind === 'reset-before') {
      incoming.socket.destroy();
      return;
    }
    if (fault?.kind === 'delay') await delay(fault.ms);
    const answer = fault?.kind === 'error' ? errorAnswer(fault) : await forward(agent, target, incoming, body);
    calls.push({ ...call, status: answer.status });
    if (fault?.kind === 'apply-then-reset') incoming.socket.destroy();
    else outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  }

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', listening);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    setFault: (next) => {
      hook = next;
    },
    close: () =>
      new Promise((closed, failed) => {
        agent.destroy();
        server.close((error) => (error ? failed(error) : closed()));
        server.closeAllConnections();
      }),
  };
}

function forward(agent: Agent, target: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((answered, failed) => {
    const { method, url, headers } = incoming;
    const outgoing = request(new URL(url ?? '/', target), { agent, method, headers }, (response) => {
      readAll(response).then(
        (bytes) => answered({ status: response.statusCode ?? 500, headers: response.headers, body: bytes }),
        failed,
      );
    });
    outgoing.once('error', failed);
    outgoing.end(body);
  });
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function parseInput(body: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function errorAnswer({ status, type }: { status: number; type: string }): Answer {
  const body = Buffer.from(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'Injected' }));
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body };
}
