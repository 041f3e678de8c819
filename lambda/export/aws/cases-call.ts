import type { ConnectCasesClient, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-connectcases';
import { type CallTarget, EndedBySignal, type Exchange, translateFailure } from './cases-errors';
import { type HttpAnswer, readAnswers, wholeAnswer } from './http-answer';
import { parseHttpDate } from './time-formats';
import { parseWireJson } from './wire-json';

type Sendable<I extends ServiceInputTypes, O extends ServiceOutputTypes> = Parameters<
  typeof ConnectCasesClient.prototype.send<I, O>
>[0];

/** The decoded output of an answer, and the time of its `Date` header. */
interface CaseAnswer<O> {
  readonly output: O;
  readonly serviceTime: number | null;
}

/**
 * Sends one command: one HTTP request where the client has `maxAttempts: 1`. Ends as soon as the signal fires, whatever
 * the call is waiting for.
 * @throws CasesCallError for every failure.
 */
export async function callCases<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
  client: ConnectCasesClient,
  command: Sendable<I, O>,
  target: CallTarget,
  signal: AbortSignal,
): Promise<CaseAnswer<O>> {
  const exchange: Exchange = { status: undefined, headers: {}, bodyRead: false };
  readAnswers(command, (answer) => readWhole(answer, exchange));
  return answerOf(client, exchange, target, () =>
    untilSignal(signal, () => client.send(command, { abortSignal: signal })),
  );
}

/**
 * Works as `callCases`, but keeps the answer away from the SDK's decoder, which silently changes some values. The
 * output is the body's JSON as received (`parseWireJson`), or `{}` for an empty body.
 */
export async function callForJson<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
  client: ConnectCasesClient,
  command: Sendable<I, O>,
  target: CallTarget,
  signal: AbortSignal,
): Promise<CaseAnswer<unknown>> {
  const exchange: Exchange = { status: undefined, headers: {}, bodyRead: false };
  let body: Uint8Array = NOTHING;
  readAnswers(command, async (answer) => {
    const bytes = await readWhole(answer, exchange);
    // The SDK reads the bodies of errors.
    if (answer.statusCode >= 300) return bytes;
    body = bytes;
    return NOTHING;
  });
  return answerOf(client, exchange, target, async () => {
    await untilSignal(signal, () => client.send(command, { abortSignal: signal }));
    return body.length === 0 ? {} : parseWireJson(body);
  });
}

const NOTHING = new Uint8Array();

async function answerOf<O>(
  client: ConnectCasesClient,
  exchange: Exchange,
  target: CallTarget,
  work: () => Promise<O>,
): Promise<CaseAnswer<O>> {
  try {
    const output = await work();
    return { output, serviceTime: parseHttpDate(exchange.headers['date']) };
  } catch (error) {
    throw translateFailure(error, exchange, target, await regionOf(client));
  }
}

/** Reads the body here and not in the decoder, whose errors do not tell a broken connection from a broken answer. */
async function readWhole(answer: HttpAnswer, exchange: Exchange): Promise<Uint8Array> {
  exchange.status = answer.statusCode;
  exchange.headers = answer.headers;
  const bytes = await wholeAnswer(answer);
  exchange.bodyRead = true;
  return bytes;
}

/** The SDK heeds the signal only during the request, not while it looks for credentials. */
async function untilSignal<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (signal.aborted) {
    throw new EndedBySignal();
  }
  let onAbort: () => void = () => {};
  const ended = new Promise<never>((_, reject) => {
    onAbort = () => reject(new EndedBySignal());
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work(), ended]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function regionOf(client: ConnectCasesClient): Promise<string> {
  try {
    return await client.config.region();
  } catch {
    return '(none: set AWS_REGION)';
  }
}
