import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../loopback';
import type { Call, CallRecorder, TokenBuckets } from './calls';
import { type Fault, type FaultFunction, faultError } from './calls';
import { ApiError, internalError, throttled, unknownOperation } from './model/api-error';
import type { World } from './model/world';
import { handle } from './operations/operations';
import { type Matched, matchRoute } from './routes';

/** Represents -0, which JSON has and JSON.stringify does not write. */
const NEGATIVE_ZERO = '\u0000negative zero\u0000';
const NEGATIVE_ZERO_JSON = JSON.stringify(NEGATIVE_ZERO);

export interface ServiceState {
  readonly world: World;
  readonly calls: CallRecorder;
  readonly buckets: TokenBuckets;
  /** Number of requests received, by operation. */
  readonly arrivals: Map<string, number>;
  fault: FaultFunction | undefined;
  tamper: ((request: Matched, body: object) => unknown) | undefined;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Handles one request from its first byte to its entry in the call log. */
export async function answer(state: ServiceState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const time = state.world.now();
  const url = new URL(request.url ?? '/', 'http://localhost');
  const matched = matchRoute(request.method ?? '', url.pathname);
  const text = (await readBody(request)).toString('utf8');
  if (matched === undefined) {
    send(state, response, errorAnswer(unknownOperation(request.method ?? '', url.pathname)));
    return;
  }
  const { domainId, caseId } = matched.labels;
  const log = (status: Call['status']) =>
    state.calls.add({
      operation: matched.operation,
      ...(domainId === undefined ? {} : { domainId }),
      ...(caseId === undefined ? {} : { caseId }),
      time,
      status,
    });
  const body = parseBody(text);
  const input = { ...queryOf(url.searchParams), ...body, ...matched.labels };
  const fault = faultOf(state, matched, input);
  if (fault === 'hang') {
    response.once('close', () => log('aborted'));
    return;
  }
  const result =
    fault === 'reset' ? undefined : resultOf(state, matched, body === undefined ? undefined : input, fault);
  if (typeof fault === 'object' && 'delayMs' in fault) await new Promise((done) => setTimeout(done, fault.delayMs));
  if (result === undefined || (typeof fault === 'object' && 'applyThenReset' in fault)) {
    log('reset');
    request.socket.resetAndDestroy();
    return;
  }
  log(response.destroyed ? 'aborted' : result.status);
  send(state, response, result);
}

function resultOf(state: ServiceState, matched: Matched, input: object | undefined, fault: Fault | undefined): Answer {
  try {
    if (typeof fault === 'object' && 'errorType' in fault) throw faultError(fault);
    const rate = state.world.switches.rates[matched.operation];
    if (rate !== undefined && !state.buckets.take(matched.operation, rate)) throw throttled(matched.operation);
    if (input === undefined) throw new ApiError('SerializationException', 400, 'The body is not a JSON object');
    const body = handle(state.world, matched.operation, input);
    return { status: 200, headers: {}, body: toWireJson(state.tamper?.(matched, body) ?? body) };
  } catch (error) {
    return errorAnswer(error);
  }
}

function faultOf(state: ServiceState, { operation, labels }: Matched, input: Readonly<Record<string, unknown>>) {
  const count = (state.arrivals.get(operation) ?? 0) + 1;
  state.arrivals.set(operation, count);
  const nextToken = typeof input['nextToken'] === 'string' ? input['nextToken'] : undefined;
  return state.fault?.({ operation, domainId: labels['domainId'], caseId: labels['caseId'], nextToken, count });
}

function errorAnswer(error: unknown): Answer {
  const known =
    error instanceof ApiError ? error : internalError(error instanceof Error ? error.message : String(error));
  const retryAfter = known.retryAfterSeconds;
  return {
    status: known.status,
    headers: {
      'x-amzn-errortype': known.type,
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    },
    body: toWireJson({ message: known.message, ...known.members }),
  };
}

/**
 * JSON as restJson1 sends it: NaN and the infinities as strings, -0 as -0, undefined left out, lone surrogates escaped.
 */
export function toWireJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'number') return member;
    if (Object.is(member, -0)) return NEGATIVE_ZERO;
    return Number.isFinite(member) ? member : String(member);
  });
  return text.replaceAll(NEGATIVE_ZERO_JSON, '-0');
}

function send({ world }: ServiceState, response: ServerResponse, { status, headers, body }: Answer): void {
  const { dateOffsetMs } = world.switches;
  response.sendDate = false;
  if (dateOffsetMs !== null) response.setHeader('date', new Date(world.now() + dateOffsetMs).toUTCString());
  response.setHeader('content-type', 'application/json');
  response.setHeader('x-amzn-requestid', world.newPassingId());
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.statusCode = status;
  response.end(body);
}

/** Members bound to the query string. A repeated name, or a list in the model, becomes a list. */
function queryOf(parameters: URLSearchParams): Record<string, string | string[]> {
  const lists = new Set(['status', 'values']);
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => {
      const values = parameters.getAll(name);
      return [name, lists.has(name) || values.length > 1 ? values : (values[0] ?? '')];
    }),
  );
}

/** The body's members; none for an empty body, undefined for a body that is not a JSON object. */
function parseBody(text: string): Record<string, unknown> | undefined {
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
