/**
 * Encodes a view as Athena keeps it in Glue: a table whose text is a comment around base64 JSON, in the form of Presto
 * and Trino. Sources: Trino's `ConnectorViewDefinition`, and the entries that Athena itself leaves in Glue after CREATE
 * VIEW.
 */
import { ALL_DICTIONARIES, ALL_MANIFESTS, CURATED_TABLE } from '../curated/curated-statements';
import { DICTIONARY_TABLE, MANIFEST_TABLE } from './json-tables';
import { RAW_TABLE } from './raw-table';
import { fillIn, type ViewFile, type ViewType } from './sql-files';

/** The table that the views read. Timestamps have milliseconds in the raw one, microseconds in the curated one. */
export type Flavour = 'raw' | 'curated';

/** The content of the comment. */
export interface ViewDefinition {
  readonly originalSql: string;
  readonly catalog: 'awsdatacatalog';
  readonly schema: string;
  /** Types as Trino names them: Athena refuses the view if the columns of its SELECT have other types. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** The metastore shows this in place of a text. */
export const EXPANDED_TEXT = '/* Presto View */';

/** Engines recognise a view by these parameters. */
export const VIEW_PARAMETERS = { presto_view: 'true', comment: 'Presto View' } as const;

/** What a view's text leaves open, by flavour. */
export const VIEW_SOURCES: Readonly<Record<Flavour, Readonly<Record<string, string>>>> = {
  raw: { changes: RAW_TABLE, manifests: MANIFEST_TABLE, dictionaries: DICTIONARY_TABLE },
  curated: { changes: CURATED_TABLE, manifests: ALL_MANIFESTS, dictionaries: ALL_DICTIONARIES },
};

/** A view of a database. */
export function viewDefinition(view: ViewFile, schema: string, flavour: Flavour): ViewDefinition {
  return {
    originalSql: fillIn(view.body, VIEW_SOURCES[flavour]),
    catalog: 'awsdatacatalog',
    schema,
    columns: view.columns.map(({ name, type }) => ({ name, type: trinoType(type, flavour) })),
  };
}

/** Returns the text of the table that represents the view. */
export function encodeView(definition: ViewDefinition): string {
  return `/* Presto View: ${Buffer.from(JSON.stringify(definition)).toString('base64')} */`;
}

/** Names the type of a view's column as Trino does. */
export function trinoType(type: ViewType, flavour: Flavour): string {
  if (type === 'timestamp') return flavour === 'curated' ? 'timestamp(6)' : 'timestamp(3)';
  return type;
}

const GLUE_TYPES: Partial<Record<ViewType, string>> = { varchar: 'string', integer: 'int' };

/** Names the type of a view's column as Glue and Hive do. */
export function glueType(type: ViewType): string {
  return GLUE_TYPES[type] ?? type;
}
