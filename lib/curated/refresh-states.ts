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

/** A column of the one row that the query before gave, by its place. Text, as Athena gives all. */
export function column(place: number): string {
  return `$states.result.ResultSet.Rows[1].Data[${place}].VarCharValue`;
}

/** Calls a service as it is. */
export function sdk(action: string, fields: Fields): State {
  return task(`aws-sdk:${action}`, fields);
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
