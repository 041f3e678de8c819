/** The few kinds of states in the refresh. */

/** What CloudFormation fills into the definition. */
export const SUBSTITUTIONS = [
  'Partition',
  'ArchiveBucket',
  'CuratedLocation',
  'CommitsLocation',
  'Database',
  'Workgroup',
] as const;
export type Substitution = (typeof SUBSTITUTIONS)[number];

/** A state of the Amazon States Language. */
export type State = Readonly<Record<string, unknown>> & { readonly Type: string };

/** A state machine of the Amazon States Language. */
export interface Machine {
  readonly Comment: string;
  readonly QueryLanguage: 'JSONata';
  readonly TimeoutSeconds: number;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

type Fields = Readonly<Record<string, unknown>>;

/** Marks a value for CloudFormation to fill in. */
export function substituted(name: Substitution): string {
  return `\${${name}}`;
}

/** Marks an expression as the language does. */
export function jsonata(expression: string): string {
  return `{% ${expression} %}`;
}

/**
 * Repeats after any failure: commits that met another (Iceberg refuses the later one), throttling, and OPTIMIZE or
 * VACUUM that need more runs. Every statement may be repeated; a wrong one fails after some minutes.
 */
const AGAIN = {
  ErrorEquals: ['States.TaskFailed'],
  IntervalSeconds: 10,
  BackoffRate: 2,
  MaxAttempts: 4,
  JitterStrategy: 'FULL',
} as const;

/** Runs a statement to its end, in the workgroup and database of the refresh. */
export function query(statement: string, fields: Fields): State {
  return task('athena:startQueryExecution.sync', {
    Arguments: {
      QueryString: statement,
      WorkGroup: substituted('Workgroup'),
      QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: substituted('Database') },
    },
    ...fields,
  });
}

/** For a query: passes its id to the state that reads its results. */
export function thenResults(next: string): Fields {
  return { Output: jsonata('$states.result.QueryExecution.QueryExecutionId'), Next: next };
}

/** Reads what the query before gave: the first rows, the very first with the names of the columns. */
export function results(fields: Fields, rows = 2): State {
  return task('athena:getQueryResults', {
    Arguments: { QueryExecutionId: jsonata('$states.input'), MaxResults: rows },
    ...fields,
  });
}

/** Allowed forms of a column: it goes into the next statement, which runs with the rights of the refresh. */
const FORMS = { number: '^[0-9]+$', date: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' } as const;

/**
 * Returns a column of the one row of the query before, by its place: text, as all of Athena's results, of the required
 * form. Anything else is an error, because somebody else has written the result.
 */
export function column(place: number, form: keyof typeof FORMS): string {
  const value = `$states.result.ResultSet.Rows[1].Data[${place}].VarCharValue`;
  return `($contains(${value}, /${FORMS[form]}/) ? ${value} : $error('Column ${place} is no ${form}: ' & ${value}))`;
}

/** The statement of a variable with expressions in place of its `{name}`s. */
export function filled(statement: string, ...values: readonly Filling[]): string {
  return jsonata(fillingIn(statement, ...values));
}

/** The same as an expression. */
export function fillingIn(statement: string, ...values: readonly Filling[]): string {
  return [`$${statement}`, ...values.map(([name, value]) => `$replace('{${name}}', ${value})`)].join(' ~> ');
}

type Filling = readonly [name: string, expression: string];

/** Prefix of the manifests of a domain, whose id is an expression. */
export function manifestsOf(domainId: string): string {
  return `'manifests/domain_id=' & ${domainId} & '/'`;
}

/** A commit's number as the files of the archive are named. */
export function nameOf(seq: string): string {
  return `$pad($string(${seq}), -12, '0')`;
}

/**
 * The number of the commit whose manifest has this key, below that prefix. With a 1 in front, because strict readers do not
 * take text that begins with zeros as a number.
 */
export function numberOf(key: string, prefix: string): string {
  return `$number('1' & $substring($substringAfter(${key}, ${prefix}), 0, 12)) - 1000000000000`;
}

/** Calls a service as it is. */
export function sdk(action: string, fields: Fields): State {
  return task(`aws-sdk:${action}`, fields);
}

/** Glue's answer for a missing table. */
const NO_TABLE = 'Glue.EntityNotFoundException';

/**
 * Asks Glue for a table and assigns: `always`, and `found` if it exists; else false for each name of `found`. It does
 * not query information_schema, which Lake Formation denies for missing tables.
 */
export function askCatalog(table: Fields, always: Fields, found: Fields, next: string): State {
  const missing = Object.fromEntries(Object.keys(found).map((name) => [name, false]));
  return {
    ...sdk('glue:getTable', { Arguments: table, Assign: { ...always, ...found }, Output: {}, Next: next }),
    Retry: [{ ErrorEquals: [NO_TABLE], MaxAttempts: 0 }, AGAIN],
    Catch: [{ ErrorEquals: [NO_TABLE], Assign: { ...always, ...missing }, Output: {}, Next: next }],
  };
}

/** Takes the first branch whose condition holds. */
export function choice(conditions: readonly (readonly [condition: string, next: string])[], otherwise: string): State {
  return {
    Type: 'Choice',
    Choices: conditions.map(([condition, next]) => ({ Condition: jsonata(condition), Next: next })),
    Default: otherwise,
  };
}

function task(resource: string, fields: Fields): State {
  return { Type: 'Task', Resource: `arn:${substituted('Partition')}:states:::${resource}`, Retry: [AGAIN], ...fields };
}
