import type { ConnectCasesClient, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-connectcases';
import { CasesCallError, type CasesFailure } from '../domain/errors';
import { type HttpAnswer, readAnswers, wholeAnswer } from './http-answer';
import { parseHttpDate, parseRetryAfter, parseWireJson } from './wire-formats';

type Sendable<I extends ServiceInputTypes, O extends ServiceOutputTypes> = Parameters<
  typeof ConnectCasesClient.prototype.send<I, O>
>[0];

/** The decoded output of an answer to a call, and the time of its `Date` header. */
export interface CaseAnswer<O> {
  readonly output: O;
  readonly target: CallTarget;
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
    return { output, target, serviceTime: parseHttpDate(exchange.headers['date']) };
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

/** The observed facts of one call, also when the SDK turned the answer into an error. */
interface Exchange {
  /** Undefined until the head of an answer arrived. */
  status: number | undefined;
  headers: Readonly<Record<string, string | undefined>>;
  /** The whole body arrived: from here on a failure is the fault of the answer, not of the network. */
  bodyRead: boolean;
}

/** The subject of a call, for messages: ids only. */
interface CallTarget {
  readonly operation: string;
  readonly domainId: string;
  readonly caseId?: string | undefined;
  /** The call carried a nextToken, which the service may refuse. */
  readonly withToken: boolean;
}

/** A call ended by its signal. */
class EndedBySignal extends Error {
  override readonly name = 'EndedBySignal';
}

const THROTTLED = /^(Throttl|TooManyRequests|RequestThrottled|RequestLimitExceeded|SlowDown)/;
/** AWS answers some of these errors with 400. */
const NOT_TRUSTED =
  /^(AccessDenied|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken|ExpiredToken|RequestExpired|NotAuthorized|OptInRequired)/;
/** Errors that the SDK throws before it sends anything. */
const NO_CREDENTIALS = /CredentialsProviderError|TokenProviderError|credential|Region is missing/i;

const GIVE_CREDENTIALS =
  'Expected both in the environment: give the function a role, or set the standard AWS variables.';

/**
 * Turns any failure into the one error that callers know. It keeps status, error name, request id and times of the
 * service's answer, never its text: error messages can echo customer data, and decoders quote their input. For the same
 * reason it sets `cause` only where no answer arrived whole.
 */
function translateFailure(error: unknown, exchange: Exchange, target: CallTarget, region: string): CasesCallError {
  const serviceTime = parseHttpDate(exchange.headers['date']);
  const retryAfterMs = parseRetryAfter(exchange.headers['retry-after'], serviceTime ?? Date.now());
  const errorName = nameOf(error, exchange);
  const failure = failureOf(error, exchange, errorName);
  const what = describeFailure(failure, error, exchange, errorName);
  return new CasesCallError(
    `${describeTarget(target)} in region ${region} failed: ${what}. ${
      failure === 'denied' && exchange.status === undefined ? GIVE_CREDENTIALS : advise(failure, target, region)
    }`,
    failure,
    target.operation,
    {
      serviceTime,
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
      ...(exchange.bodyRead ? {} : { cause: error }),
    },
  );
}

/** Reports an answer that the SDK could decode but that does not have the shape of the service model. */
export function malformedAnswer(target: CallTarget, expected: string, serviceTime: number | null): CasesCallError {
  return new CasesCallError(
    `${describeTarget(target)} failed: the answer came without ${expected}, as the service model has it. ${advise('malformed', target, '')}`,
    'malformed',
    target.operation,
    { serviceTime },
  );
}

function failureOf(error: unknown, exchange: Exchange, errorName: string | undefined): CasesFailure {
  const { status } = exchange;
  if (error instanceof EndedBySignal) {
    return 'unavailable';
  }
  if (status === undefined) {
    return isCredentialsProblem(error) ? 'denied' : 'unavailable';
  }
  if (status < 300) {
    return exchange.bodyRead ? 'malformed' : 'unavailable';
  }
  return failureOfStatus(status, errorName);
}

function failureOfStatus(status: number, errorName = ''): CasesFailure {
  if (status === 429 || THROTTLED.test(errorName)) {
    return 'throttled';
  }
  if (status === 401 || status === 403 || status === 407 || NOT_TRUSTED.test(errorName)) {
    return 'denied';
  }
  if (status < 400 || status === 408 || status >= 500) {
    return 'unavailable';
  }
  // A 404 that names another error (an operation or path unknown to the server) says nothing about the case.
  return status === 404 && /^(ResourceNotFound.*)?$/.test(errorName) ? 'not-found' : 'refused';
}

function isCredentialsProblem(error: unknown): boolean {
  return error instanceof Error && NO_CREDENTIALS.test(`${error.name} ${error.message}`);
}

/** The service's name of the error; undefined where it gives none. */
function nameOf(error: unknown, exchange: Exchange): string | undefined {
  const header = exchange.headers['x-amzn-errortype'];
  const fromSdk = error instanceof Error && '$fault' in error && error.name !== 'Unknown' ? error.name : undefined;
  const name = header === undefined ? fromSdk : header.replace(/[:,].*$/, '').replace(/^.*#/, '');
  return name !== undefined && /^[A-Za-z]\w{0,99}$/.test(name) ? name : undefined;
}

function describeTarget({ operation, domainId, caseId }: CallTarget): string {
  return `${operation} of domain ${domainId}${caseId === undefined ? '' : `, case ${caseId},`}`;
}

function describeFailure(
  failure: CasesFailure,
  error: unknown,
  exchange: Exchange,
  errorName: string | undefined,
): string {
  if (error instanceof EndedBySignal) {
    return 'no whole answer came before the time limit of the call';
  }
  if (exchange.status === undefined) {
    return failure === 'denied'
      ? `no credentials or region to call with (${codeOf(error)})`
      : `no answer came (${codeOf(error)})`;
  }
  if (exchange.status < 300) {
    return failure === 'malformed'
      ? `the answer (HTTP ${exchange.status}${requestId(exchange)}) could not be decoded (${codeOf(error)})`
      : `the connection broke while the answer was read (${codeOf(error)})`;
  }
  return `the service answered HTTP ${exchange.status} ${errorName ?? 'without an error name'}${requestId(exchange)}`;
}

function requestId(exchange: Exchange): string {
  const id = exchange.headers['x-amzn-requestid'] ?? exchange.headers['x-amzn-request-id'];
  return id !== undefined && /^[\w-]{1,100}$/.test(id) ? `, request id ${id}` : '';
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return typeof error;
  }
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name;
}

function advise(failure: CasesFailure, target: CallTarget, region: string): string {
  switch (failure) {
    case 'throttled':
      return 'Expected an answer within the quota; the call is made again later. If this goes on, lower the RPS setting of this operation or have the quota raised.';
    case 'unavailable':
      return 'Expected an answer; the call is made again later. If this goes on, check the way to the endpoint and the health of the service.';
    case 'denied':
      return `Expected a permitted call: allow cases:${target.operation} on ${resourcesOf(target, region)} to the function's role, and check its credentials.`;
    case 'not-found':
      return target.caseId === undefined
        ? `There is no domain ${target.domainId} in region ${region} for this account: correct the domainId of the event, or AWS_REGION.`
        : `Expected case ${target.caseId} to be there: it may have been deleted. What was exported of it stays.`;
    case 'refused':
      return target.withToken
        ? 'Expected the nextToken to be still good: begin again at the first page.'
        : 'Expected the request to be valid: check the domainId of the event and the version of this exporter.';
    case 'malformed':
      return 'Expected JSON as in the service model: the call is made again later. If this goes on, check what stands between here and the service.';
  }
}

function resourcesOf({ operation, domainId }: CallTarget, region: string): string {
  const domain = `arn:aws:cases:${region}:<account>:domain/${domainId}`;
  const below: Readonly<Record<string, string>> = { GetCaseAuditEvents: '/case/*', BatchGetField: '/field/*' };
  return below[operation] === undefined ? domain : `${domain} and ${domain}${below[operation]}`;
}
