/**
 * IAM as far as the stack's policies use it: Allow and Deny, wildcards in actions and resources, the condition operators that
 * are listed. What it does not know is an error, never a guess. Source: IAM User Guide, policy evaluation logic and condition
 * operators.
 */

/** One action on one resource, with the condition keys that the request carries and their values. Names of keys in lower case. */
export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/** Lists are lists, references are resolved. */
export interface Statement {
  readonly sid: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** By operator, then by key. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Everything that decides on a role's requests. */
export interface Policies {
  /** Of the role. */
  readonly identity: readonly Statement[];
  /** Of the resources, for everybody. Only their denials count here: a role needs its own leave. */
  readonly guards: readonly Statement[];
}

const KNOWN_MEMBERS = new Set(['Sid', 'Effect', 'Action', 'Resource', 'Condition', 'Principal']);

/** A statement as it stands in a policy document. @throws Error for NotAction, NotResource, policy variables and the like. */
export function parseStatement(document: Readonly<Record<string, unknown>>): Statement {
  const unknown = Object.keys(document).filter((name) => !KNOWN_MEMBERS.has(name));
  if (unknown.length > 0) throw new Error(`Statement members that are not known here: ${unknown.join(', ')}`);
  if (JSON.stringify(document).includes('${')) throw new Error('Policy variables are not known here');
  const { Sid, Effect, Action, Resource, Condition = {} } = document;
  if (Effect !== 'Allow' && Effect !== 'Deny') throw new Error(`An effect that is not known here: ${String(Effect)}`);
  const conditions = Object.entries(Condition as Record<string, Record<string, unknown>>).map(([operator, keys]) => {
    if (!(operator in OPERATORS)) throw new Error(`A condition operator that is not known here: ${operator}`);
    return [
      operator,
      Object.fromEntries(Object.entries(keys).map(([key, values]) => [key.toLowerCase(), texts(values)])),
    ];
  });
  return {
    sid: String(Sid ?? ''),
    effect: Effect,
    actions: texts(Action),
    resources: texts(Resource),
    conditions: Object.fromEntries(conditions),
  };
}

/** Whether the request is allowed: something allows it and nothing denies it. */
export function isAllowed({ identity, guards }: Policies, request: IamRequest): boolean {
  const applying = [...identity, ...guards.filter(({ effect }) => effect === 'Deny')].filter((it) =>
    applies(it, request),
  );
  return applying.some(({ effect }) => effect === 'Allow') && !applying.some(({ effect }) => effect === 'Deny');
}

/** Whether the statement speaks of this request. */
export function applies({ actions, resources, conditions }: Statement, request: IamRequest): boolean {
  return (
    actions.some((pattern) => matches(pattern.toLowerCase(), request.action.toLowerCase())) &&
    resources.some((pattern) => matches(pattern, request.resource)) &&
    Object.entries(conditions).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => OPERATORS[operator]?.(request.context[key] ?? [], values)),
    )
  );
}

/** `*` stands for any number of characters, `?` for one. */
export function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Of the values that the request has under one key: none if the key is not there. */
type Operator = (found: readonly string[], values: readonly string[]) => boolean;
type Fits = (found: string, value: string) => boolean;

const equals: Fits = (found, value) => found === value;
const like: Fits = (found, value) => matches(value, found);
const sameBoolean: Fits = (found, value) => found.toLowerCase() === value.toLowerCase();
const less: Fits = (found, value) => Number(found) < Number(value);

/** True if one value of the policy fits; a key that is not there fits none. */
function oneOf(fits: Fits): Operator {
  return (found, values) => found.length > 0 && values.some((value) => fits(single(found), value));
}

/** True if no value of the policy fits; so also if the key is not there. */
function noneOf(fits: Fits): Operator {
  return (found, values) => found.length === 0 || !values.some((value) => fits(single(found), value));
}

function ifExists(operator: Operator): Operator {
  return (found, values) => found.length === 0 || operator(found, values);
}

/** Every value of the request has to fit; so also if there is none. */
function forAllValues(fits: Fits): Operator {
  return (found, values) => found.every((one) => values.some((value) => fits(one, value)));
}

function single(found: readonly string[]): string {
  const [only = ''] = found;
  if (found.length === 1) return only;
  throw new Error(`A key with ${found.length} values needs ForAllValues or ForAnyValue`);
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: oneOf(equals),
  StringNotEquals: noneOf(equals),
  StringLike: oneOf(like),
  StringLikeIfExists: ifExists(oneOf(like)),
  StringNotLike: noneOf(like),
  'ForAllValues:StringEquals': forAllValues(equals),
  'ForAllValues:StringLike': forAllValues(like),
  ArnEquals: oneOf(like),
  ArnLike: oneOf(like),
  ArnNotEquals: noneOf(like),
  ArnNotLike: noneOf(like),
  Bool: oneOf(sameBoolean),
  NumericLessThan: oneOf(less),
  Null: (found, values) => values.some((value) => (value === 'true') === (found.length === 0)),
};

function texts(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((one) => {
    if (typeof one === 'string' || typeof one === 'boolean' || typeof one === 'number') return String(one);
    throw new Error(`Expected text in a statement, got ${JSON.stringify(one)}`);
  });
}

/** Lambda's own calls, as the role of a function: what it prints, and failed asynchronous invocations. By action. */
export const CALLED_BY_LAMBDA: ReadonlySet<string> = new Set([
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'sqs:SendMessage',
]);

/** One action on one resource that a statement allows, by itself. */
export interface Grant {
  readonly name: string;
  readonly action: string;
  readonly statement: Statement;
}

/** Each action on each resource that the statements allow. */
export function grantsOf({ identity }: Policies): Grant[] {
  return identity.flatMap((statement) =>
    statement.actions.flatMap((action) =>
      statement.resources.map((resource) => ({
        name: `${statement.sid}: ${action} on ${resource}`,
        action,
        statement: { ...statement, actions: [action], resources: [resource] },
      })),
    ),
  );
}

/** Grants that none of the requests needs, but for actions that others call. */
export function unusedGrants(
  policies: Policies,
  requests: readonly IamRequest[],
  calledByOthers = CALLED_BY_LAMBDA,
): Grant[] {
  return grantsOf(policies).filter(
    ({ action, statement }) => !calledByOthers.has(action) && !requests.some((it) => applies(statement, it)),
  );
}

/** What the policies deny of these requests, as `<action> <resource>`. */
export function denied(policies: Policies, requests: readonly IamRequest[]): string[] {
  return requests.filter((it) => !isAllowed(policies, it)).map(({ action, resource }) => `${action} ${resource}`);
}

/** Each once. */
export function distinct(requests: readonly IamRequest[]): IamRequest[] {
  return [...new Map(requests.map((request) => [JSON.stringify(request), request])).values()];
}
