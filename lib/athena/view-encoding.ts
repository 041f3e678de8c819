/**
 * A view as Athena keeps it in Glue: a table whose text is a comment around base64 JSON, the form that Presto and Trino write.
 * Sources: `ConnectorViewDefinition` of Trino, and what Athena itself leaves in Glue after CREATE VIEW.
 */
import { CURATED_TABLE } from '../curated/curated-statements';
import { RAW_TABLE } from './raw-table';
import { fillIn, type ViewFile, type ViewType } from './sql-files';

/** Which table the views read. Their timestamps have milliseconds in the raw one, microseconds in the curated one. */
export type Flavour = 'raw' | 'curated';

/** What is inside the comment. */
export interface ViewDefinition {
  readonly originalSql: string;
  readonly catalog: 'awsdatacatalog';
  readonly schema: string;
  /** Types as Trino names them: Athena refuses the view if what its SELECT gives does not fit them. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** What the metastore shows in place of a text. */
export const EXPANDED_TEXT = '/* Presto View */';

/** By which engines know such a view. */
export const VIEW_PARAMETERS = { presto_view: 'true', comment: 'Presto View' } as const;

/** The table that `${changes}` stands for. */
function changesTable(flavour: Flavour): string {
  return flavour === 'curated' ? CURATED_TABLE : RAW_TABLE;
}

/** A view of a database. */
export function viewDefinition(view: ViewFile, schema: string, flavour: Flavour): ViewDefinition {
  return {
    originalSql: fillIn(view.body, { changes: changesTable(flavour) }),
    catalog: 'awsdatacatalog',
    schema,
    columns: view.columns.map(({ name, type }) => ({ name, type: trinoType(type, flavour) })),
  };
}

/** The text of the table that stands for the view. */
export function encodeView(definition: ViewDefinition): string {
  return `/* Presto View: ${Buffer.from(JSON.stringify(definition)).toString('base64')} */`;
}

/** The type of a view's column as Trino names it. */
export function trinoType(type: ViewType, flavour: Flavour): string {
  if (type === 'timestamp') return flavour === 'curated' ? 'timestamp(6)' : 'timestamp(3)';
  return type;
}

const GLUE_TYPES: Partial<Record<ViewType, string>> = { varchar: 'string', integer: 'int' };

/** The type of a view's column as Glue and Hive name it. */
export function glueType(type: ViewType): string {
  return GLUE_TYPES[type] ?? type;
}
