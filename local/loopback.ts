/**
 * HTTP on a loopback port of this machine, for every stand-in. Services start so that a failure leaves nothing open: an
 * open server would keep the process alive for ever.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Loopback {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  /** Ends every connection, including hanging ones. Safe to repeat. */
  close(): Promise<void>;
}

/**
 * Starts listening; `port` 0 is any free one. If `serve` rejects, the connection ends. Rejects when the port is taken.
 */
export async function listenOnLoopback(
  serve: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>,
  port = 0,
): Promise<Loopback> {
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', listening);
  });
  const { port: given } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${given}`,
    port: given,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** The whole body of a request or an answer. Rejects where it breaks off. */
export async function readBody(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Parses a JSON object; empty if the bytes are none. */
export function jsonObject(body: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Something that has been started. */
interface Started {
  close(): Promise<void>;
}

/** Resolves once all have started. If one fails, closes the others and rejects with the first error. */
export async function startAll<const Parts extends readonly Promise<Started>[]>(
  parts: Parts,
): Promise<{ -readonly [Index in keyof Parts]: Awaited<Parts[Index]> }> {
  const settled = await Promise.allSettled(parts);
  const failed = settled.find((part) => part.status === 'rejected');
  if (failed !== undefined) {
    await Promise.allSettled(settled.map((part) => (part.status === 'fulfilled' ? part.value.close() : undefined)));
    throw failed.reason;
  }
  return settled.map((part) => (part.status === 'fulfilled' ? part.value : undefined)) as never;
}

/**
 * Resolves with the result of `next`. If it rejects, closes the service started before and rejects with the same error.
 */
export async function closedOnError<Value>(started: Started, next: () => Promise<Value>): Promise<Value> {
  try {
    return await next();
  } catch (error) {
    await started.close().catch(() => undefined);
    throw error;
  }
}
