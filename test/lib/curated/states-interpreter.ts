/**
 * Runs a state machine as Step Functions does, as far as the refresh of the curated table goes: JSONata, variables with their
 * scopes, Pass, Task, Choice, Wait, Map, Parallel, Succeed and Fail, Retry and Catch. What it does not know is refused, so that
 * nothing is passed over. Sources: Amazon States Language; Step Functions Developer Guide, JSONata and variables.
 */
import jsonata from 'jsonata';

type Json = unknown;
type Fields = Readonly<Record<string, Json>>;

/** What a service answers. @throws TaskError for an answer that is an error. */
export type Service = (resource: string, args: Fields) => Json | Promise<Json>;

/** An error by its name, as Retry and Catch know it. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
  constructor(
    readonly error: string,
    override readonly cause: string,
  ) {
    super(`${error}: ${cause}`);
  }
}

interface Execution {
  readonly id: string;
  readonly stateMachineId: string;
  readonly input: Json;
}

export interface Ended {
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  /** Names of the states in the order in which they were entered; a retry enters again. */
  readonly entered: readonly string[];
}

interface Run {
  readonly service: Service;
  readonly context: Json;
  readonly entered: string[];
}

/** Variables of a scope; those of the outer scopes can be read, and no inner one may have the name of an outer one. */
interface Scope {
  readonly own: Map<string, Json>;
  readonly outer: Scope | undefined;
}

const COMMON = ['Type', 'Comment', 'Next', 'End', 'Output', 'Assign'];
/** Fields that each kind of state may have. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Pass: COMMON,
  Task: [...COMMON, 'Resource', 'Arguments', 'Retry', 'Catch'],
  Choice: ['Type', 'Comment', 'Choices', 'Default'],
  Wait: ['Type', 'Comment', 'Next', 'Seconds'],
  Map: [...COMMON, 'Items', 'MaxConcurrency', 'ItemProcessor', 'Catch'],
  Parallel: [...COMMON, 'Branches', 'Catch'],
  Succeed: ['Type', 'Comment'],
  Fail: ['Type', 'Comment', 'Error', 'Cause'],
};
/** A state's input, result and output: 256 KiB. */
const LARGEST_PAYLOAD = 256 * 1024;

/** Runs an execution to its end. Waits take no time. @throws Error for a definition that Step Functions would refuse. */
export async function execute(definition: Fields, execution: Execution, service: Service): Promise<Ended> {
  checkNames(definition);
  const run: Run = {
    service,
    context: {
      Execution: { Id: execution.id, Input: execution.input },
      StateMachine: { Id: execution.stateMachineId },
    },
    entered: [],
  };
  try {
    const output = await runStates(run, definition, execution.input, { own: new Map(), outer: undefined });
    return { status: 'SUCCEEDED', output, entered: run.entered };
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    return { status: 'FAILED', error: error.error, cause: error.cause, entered: run.entered };
  }
}

async function runStates(run: Run, machine: Fields, input: Json, scope: Scope): Promise<Json> {
  const states = machine['States'] as Readonly<Record<string, Fields>>;
  let name = String(machine['StartAt']);
  let value = input;
  for (;;) {
    const state = states[name];
    if (state === undefined) throw new Error(`There is no state ${name} here`);
    run.entered.push(name);
    const { output, next } = await runState(run, name, state, value, scope);
    value = sized(name, output);
    if (next === undefined) return value;
    name = next;
  }
}

interface Step {
  readonly output: Json;
  /** Undefined at the end. */
  readonly next: string | undefined;
}

async function runState(run: Run, name: string, state: Fields, input: Json, scope: Scope): Promise<Step> {
  checkFields(name, state);
  const evaluate = evaluator(run, input, scope);
  switch (state['Type']) {
    case 'Choice':
      return { output: input, next: await chosen(name, state, evaluate) };
    case 'Wait':
      return { output: input, next: String(state['Next']) };
    case 'Succeed':
      return { output: input, next: undefined };
    case 'Fail':
      throw new TaskError(String(await evaluate(state['Error'])), String(await evaluate(state['Cause'])));
    default:
      return withResult(run, name, state, input, scope);
  }
}

/** Pass, Task, Map and Parallel: their result goes into variables and output, their error to a catcher. */
async function withResult(run: Run, name: string, state: Fields, input: Json, scope: Scope): Promise<Step> {
  try {
    const result = await again(run, name, state, () => resultOf(run, state, input, scope));
    const evaluate = evaluator(run, input, scope, { result: sized(name, result) });
    return await left(state, evaluate, scope, result);
  } catch (error) {
    const catcher = catcherOf(state, error);
    if (catcher === undefined || !(error instanceof TaskError)) throw error;
    const errorOutput = { Error: error.error, Cause: error.cause };
    return left(catcher, evaluator(run, input, scope, { errorOutput }), scope, errorOutput);
  }
}

/** Expressions see the variables as they were on entry; the new values hold from the next state on. */
async function left(fields: Fields, evaluate: Evaluate, scope: Scope, plain: Json): Promise<Step> {
  const assigned = (await evaluate(fields['Assign'] ?? {})) as Fields;
  const output = 'Output' in fields ? await evaluate(fields['Output']) : plain;
  for (const [name, value] of Object.entries(assigned)) assign(scope, name, value);
  return { output, next: fields['Next'] as string | undefined };
}

async function resultOf(run: Run, state: Fields, input: Json, scope: Scope): Promise<Json> {
  const evaluate = evaluator(run, input, scope);
  switch (state['Type']) {
    case 'Task':
      return structuredClone(
        await run.service(String(state['Resource']), (await evaluate(state['Arguments'])) as Fields),
      );
    case 'Map':
      return eachInTurn(run, state['ItemProcessor'] as Fields, (await evaluate(state['Items'])) as Json[], scope);
    case 'Parallel':
      return branches(run, state['Branches'] as Fields[], input, scope);
    default:
      return input;
  }
}

async function eachInTurn(run: Run, processor: Fields, items: readonly Json[], scope: Scope): Promise<Json[]> {
  const results: Json[] = [];
  for (const item of items) results.push(await runStates(run, processor, item, { own: new Map(), outer: scope }));
  return results;
}

async function branches(run: Run, all: readonly Fields[], input: Json, scope: Scope): Promise<Json[]> {
  const results: Json[] = [];
  for (const branch of all) results.push(await runStates(run, branch, input, { own: new Map(), outer: scope }));
  return results;
}

async function chosen(name: string, state: Fields, evaluate: Evaluate): Promise<string> {
  for (const { Condition, Next } of state['Choices'] as { Condition: string; Next: string }[]) {
    const holds = await evaluate(Condition);
    if (typeof holds !== 'boolean') throw new TaskError('States.QueryEvaluationError', `${name}: not a boolean`);
    if (holds) return Next;
  }
  return String(state['Default']);
}

async function again<T>(run: Run, name: string, state: Fields, attempt: () => Promise<T>): Promise<T> {
  const retries = new Map<Json, number>();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const retrier = ((state['Retry'] ?? []) as Fields[]).find((each) => matches(each, error));
      const done = retries.get(retrier) ?? 0;
      if (retrier === undefined || done >= Number(retrier['MaxAttempts'] ?? 3)) throw error;
      retries.set(retrier, done + 1);
      run.entered.push(name);
    }
  }
}

function catcherOf(state: Fields, error: unknown): Fields | undefined {
  return ((state['Catch'] ?? []) as Fields[]).find((each) => matches(each, error));
}

function matches({ ErrorEquals }: Fields, error: unknown): boolean {
  if (!(error instanceof TaskError) || error.error === 'States.DataLimitExceeded') return false;
  const names = ErrorEquals as readonly string[];
  const isTaskFailed = error.error !== 'States.Timeout' && !error.error.startsWith('States.Query');
  return names.some(
    (name) => name === 'States.ALL' || name === error.error || (name === 'States.TaskFailed' && isTaskFailed),
  );
}

type Evaluate = (value: Json) => Promise<Json>;

/** Evaluates what is marked as JSONata, however deep; a value that is undefined is an error. */
function evaluator(run: Run, input: Json, scope: Scope, states: Fields = {}): Evaluate {
  const bindings = { ...visible(scope), states: { input, context: run.context, ...states } };
  return async function evaluate(value: Json): Promise<Json> {
    if (typeof value === 'string')
      return /^{%[\s\S]*%}$/.test(value) ? evaluateOne(value.slice(2, -2), bindings) : value;
    if (Array.isArray(value)) return Promise.all(value.map(evaluate));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(async ([key, member]) => [key, await evaluate(member)] as const);
    return Object.fromEntries(await Promise.all(entries));
  };
}

async function evaluateOne(expression: string, bindings: Record<string, unknown>): Promise<Json> {
  const failed = (cause: string) => new TaskError('States.QueryEvaluationError', `${expression}: ${cause}`);
  let result: unknown;
  try {
    result = await jsonata(expression).evaluate(undefined, bindings);
  } catch (error) {
    throw failed((error as { message: string }).message);
  }
  if (result === undefined) throw failed('gives nothing');
  // Without what the library adds to its arrays.
  return JSON.parse(JSON.stringify(result));
}

function visible(scope: Scope | undefined): Record<string, Json> {
  return scope === undefined ? {} : { ...visible(scope.outer), ...Object.fromEntries(scope.own) };
}

function assign(scope: Scope, name: string, value: Json): void {
  if (name in visible(scope.outer)) throw new Error(`${name} is a variable of an outer scope`);
  scope.own.set(name, value);
}

function sized(name: string, value: Json): Json {
  const size = Buffer.byteLength(JSON.stringify(value) ?? '');
  if (size > LARGEST_PAYLOAD) throw new TaskError('States.DataLimitExceeded', `${name}: ${size} bytes`);
  return value;
}

function checkFields(name: string, state: Fields): void {
  const allowed = FIELDS[String(state['Type'])] ?? [];
  const unknown = Object.keys(state).filter((field) => !allowed.includes(field));
  if (unknown.length > 0) throw new Error(`${name}: ${unknown.join(', ')} of a ${state['Type']} is not known here`);
  const ends = [state['Next'], state['End'], state['Default']].filter((it) => it !== undefined).length;
  const expected = state['Type'] === 'Succeed' || state['Type'] === 'Fail' ? 0 : 1;
  if (ends !== expected) throw new Error(`${name}: expected one of Next, End and Default`);
}

/** Names are unique in a whole machine, and all that is named exists. */
function checkNames(machine: Fields, seen = new Set<string>()): void {
  const states = machine['States'] as Readonly<Record<string, Fields>>;
  for (const [name, state] of Object.entries(states)) {
    if (seen.has(name)) throw new Error(`Two states are named ${name}`);
    seen.add(name);
    for (const target of targets(state)) {
      if (!(target in states)) throw new Error(`${name} goes to ${target}, which is not there`);
    }
    const inner = [state['ItemProcessor'], ...((state['Branches'] ?? []) as Fields[])];
    for (const each of inner) if (each !== undefined) checkNames(each as Fields, seen);
  }
  if (!(String(machine['StartAt']) in states)) throw new Error('StartAt names no state');
}

function targets(state: Fields): string[] {
  const further = [...((state['Choices'] ?? []) as Fields[]), ...((state['Catch'] ?? []) as Fields[])];
  return [state['Next'], state['Default'], ...further.map(({ Next }) => Next)].filter((it) => typeof it === 'string');
}
