import * as sdk from '@aws-sdk/client-connectcases';

/**
 * Holds raw wire JSON against a runtime schema of the client package, which itself checks nothing in an answer.
 *
 * How those schemas look (client-connectcases 3.1138.0): a number is a simple type, 0 string, 1 number, 2 boolean,
 * 4–7 timestamp; + 64 a list of it, + 128 a map of it. An array is `[kind, namespace, name, traits, …]`: kind 0 a named
 * simple type `[…, type]`, 1 a list and 2 a map `[…, (key,) value]`, 3 a structure and −3 an error `[…, member names,
 * member schemas, how many of the first are required]`, 4 a union. A schema may stand behind a function, and in a pair
 * `[schema, traits]`.
 */
type Schema = number | readonly unknown[] | (() => unknown);

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;
const SPECIAL_NUMBERS = ['NaN', 'Infinity', '-Infinity'];

/** Everything that is missing, unknown or of the wrong type, each as `path: what`; empty for a sound answer. */
export function findMismatches(schema: unknown, value: unknown, path = '$'): string[] {
  const resolved = resolve(schema);
  if (value === null || value === undefined) return [`${path}: is null`];
  if (typeof resolved === 'number') return checkSimple(resolved, value, path);
  const [kind, , , traits] = resolved;
  switch (kind) {
    case 0:
      return findMismatches(resolved[4], value, path);
    case 1:
      return checkList(resolved[4], isSparse(traits), value, path);
    case 2:
      return checkMap(resolved[5], isSparse(traits), value, path);
    case 4:
      return checkUnion(resolved, value, path);
    default:
      return checkStructure(resolved, value, path);
  }
}

/** The schema of that name, such as `GetCaseAuditEventsResponse`. Throws if the package has none. */
export function schemaNamed(name: string): unknown {
  const schema = (sdk as unknown as Readonly<Record<string, unknown>>)[`${name}$`];
  if (schema === undefined) throw new Error(`@aws-sdk/client-connectcases exports no schema ${name}$`);
  return schema;
}

function resolve(schema: unknown): number | readonly unknown[] {
  const current = typeof schema === 'function' ? (schema() as Schema) : (schema as Schema);
  // A pair is [schema, traits]; every schema that is an array has four elements or more.
  if (Array.isArray(current) && current.length === 2) return resolve(current[0]);
  if (typeof current === 'function') return resolve(current);
  return current;
}

function isSparse(traits: unknown): boolean {
  return typeof traits === 'object' && traits !== null && 'sparse' in traits;
}

function checkSimple(type: number, value: unknown, path: string): string[] {
  if (type >= 128) return checkMap(type - 128, false, value, path);
  if (type >= 64) return checkList(type - 64, false, value, path);
  const sound =
    (type === 0 && typeof value === 'string') ||
    (type === 1 && (typeof value === 'number' || SPECIAL_NUMBERS.includes(String(value)))) ||
    (type === 2 && typeof value === 'boolean') ||
    (type >= 4 && type <= 7 && typeof value === 'string' && DATE_TIME.test(value) && !Number.isNaN(Date.parse(value)));
  return sound ? [] : [`${path}: ${JSON.stringify(value)} is not of simple type ${type}`];
}

function checkList(element: unknown, sparse: boolean, value: unknown, path: string): string[] {
  if (!Array.isArray(value)) return [`${path}: is not a list`];
  return value.flatMap((each: unknown, index) =>
    sparse && each === null ? [] : findMismatches(element, each, `${path}[${index}]`),
  );
}

function checkMap(element: unknown, sparse: boolean, value: unknown, path: string): string[] {
  if (typeof value !== 'object' || Array.isArray(value)) return [`${path}: is not a map`];
  return Object.entries(value as object).flatMap(([key, each]: [string, unknown]) =>
    sparse && each === null ? [] : findMismatches(element, each, `${path}.${key}`),
  );
}

function checkUnion(schema: readonly unknown[], value: unknown, path: string): string[] {
  const count = typeof value === 'object' ? Object.keys(value as object).length : 0;
  return [
    ...(count === 1 ? [] : [`${path}: has ${count} members, not exactly one`]),
    ...checkStructure(schema, value, path),
  ];
}

function checkStructure(schema: readonly unknown[], value: unknown, path: string): string[] {
  if (typeof value !== 'object' || Array.isArray(value)) return [`${path}: is not a structure`];
  const names = schema[4] as readonly string[];
  const members = schema[5] as readonly unknown[];
  const inBody = names.map((name, index) => ({
    name,
    member: members[index],
    required: index < requiredCount(schema),
  }));
  const known = new Map(inBody.filter(({ member }) => !isInHeader(member)).map((entry) => [entry.name, entry]));
  const present = Object.entries(value as object);
  return [
    ...[...known.values()]
      .filter(({ name, required }) => required && !(name in (value as object)))
      .map(({ name }) => `${path}.${name}: is missing`),
    ...present.flatMap(([name, each]: [string, unknown]) => {
      const entry = known.get(name);
      return entry === undefined
        ? [`${path}.${name}: is unknown`]
        : findMismatches(entry.member, each, `${path}.${name}`);
    }),
  ];
}

function requiredCount(schema: readonly unknown[]): number {
  return typeof schema[6] === 'number' ? schema[6] : 0;
}

function isInHeader(member: unknown): boolean {
  const traits: unknown = Array.isArray(member) && member.length === 2 ? member[1] : undefined;
  return typeof traits === 'object' && traits !== null && 'httpHeader' in traits;
}
