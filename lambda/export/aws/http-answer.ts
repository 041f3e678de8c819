import { finished, Readable } from 'node:stream';

/** An answer as the SDK's HTTP handler gives it, before anything is decoded. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Record<string, string | undefined>;
  body: AsyncIterable<Uint8Array> | Uint8Array;
}

/** The part of an SDK middleware stack that is used here; it fits the stack of every client and command. */
interface DeserializeStack {
  add(
    middleware: <A, R extends { response: unknown }>(next: (args: A) => Promise<R>) => (args: A) => Promise<R>,
    options: { readonly step: 'deserialize'; readonly priority: 'low'; readonly name: string },
  ): void;
}

/** Puts `read` between the SDK's decoder and the wire: the decoder gets the body that `read` returns. */
export function readAnswers(
  { middlewareStack }: { readonly middlewareStack: DeserializeStack },
  read: (answer: HttpAnswer) => Promise<Uint8Array>,
): void {
  middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      if (isHttpAnswer(result.response)) result.response.body = await read(result.response);
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'readAnswers' },
  );
}

/**
 * Reads a whole body. It listens to events, because iterating over the stream, or piping it as the SDK does, costs a
 * small answer more than decoding it. Rejects if the body breaks off, also if that happened before the call.
 */
export async function wholeAnswer({ body }: Pick<HttpAnswer, 'body'>): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const stream = body instanceof Readable ? body : Readable.from(body);
  const chunks: Uint8Array[] = [];
  await new Promise<void>((resolve, reject) => {
    finished(stream, { writable: false }, (error) => (error ? reject(error) : resolve()));
    stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  });
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
}

/**
 * Removes from a client the middleware that prepares each call for a logger, a tenth of a call's CPU; none of our
 * clients has a logger. Returns the client itself.
 */
export function withoutLogger<C extends { readonly middlewareStack: { remove(name: string): boolean } }>(client: C): C {
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}

function isHttpAnswer(response: unknown): response is HttpAnswer {
  return typeof response === 'object' && response !== null && 'statusCode' in response && 'headers' in response;
}
