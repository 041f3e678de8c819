/** The few kinds of states that the refresh is made of. */

/** What CloudFormation fills into the definition. */
export const SUBSTITUTIONS = ['Partition', 'ArchiveBucket', 'CuratedLocation', 'Database', 'Workgroup'] as const;
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

/** Where CloudFormation fills something in. */
export function substituted(name: Substitution): string {
  return `\${${name}}`;
}

/** An expression, as the language marks it. */
export function jsonata(expression: string): string {
  return `{% ${expression} %}`;
}

/**
 * Again after any failure: commits that met another (Iceberg refuses the later one), throttling, and OPTIMIZE or VACUUM that want
 * more runs. Every statement may be repeated; one that is wrong fails after some minutes.
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

/** For a query: hands its id to the state that reads its results. */
export function thenResults(next: string): Fields {
  return { Output: jsonata('$states.result.QueryExecution.QueryExecutionId'), Next: next };
}

/** Reads what the query before gave: the first rows, the very first with the names of the columns. */
export function results(fields: Fields): State {
  return task('athena:getQueryResults', {
    Arguments: { QueryExecutionId: jsonata('$states.input'), MaxResults: 2 },
    ...fields,
  });
}

/** What a column may hold: it goes into the next statement, which runs with the rights of the refresh. */
const FORMS = { number: '^[0-9]+$', date: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' } as const;

/**
 * A column of the one row that the query before gave, by its place: text, as Athena gives all, of the form that it must have.
 * Anything else is an error: somebody else has written the answer.
 */
export function column(place: number, form: keyof typeof FORMS): string {
  const value = `$states.result.ResultSet.Rows[1].Data[${place}].VarCharValue`;
  return `($contains(${value}, /${FORMS[form]}/) ? ${value} : $error('Column ${place} is no ${form}: ' & ${value}))`;
}

/** Calls a service as it is. */
export function sdk(action: string, fields: Fields): State {
  return task(`aws-sdk:${action}`, fields);
}

/** Glue's answer where there is no such table. */
const NO_TABLE = 'Glue.EntityNotFoundException';

/**
 * Asks Glue for a table and assigns: `always`, and `found` if it is there; else false for each name of `found`. Not a query of
 * information_schema: where Lake Formation governs the catalog, that denies what is not there yet.
 */
export function askCatalog(table: Fields, always: Fields, found: Fields, next: string): State {
  const missing = Object.fromEntries(Object.keys(found).map((name) => [name, false]));
  return {
    ...sdk('glue:getTable', { Arguments: table, Assign: { ...always, ...found }, Output: {}, Next: next }),
    Retry: [{ ErrorEquals: [NO_TABLE], MaxAttempts: 0 }, AGAIN],
    Catch: [{ ErrorEquals: [NO_TABLE], Assign: { ...always, ...missing }, Output: {}, Next: next }],
  };
}

/** Goes on with the first condition that holds. */
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
