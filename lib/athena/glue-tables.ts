import type { CfnTable } from 'aws-cdk-lib/aws-glue';
import { USERS_PREFIX } from '../storage/work-area';
import {
  CSV_FORMAT,
  DICTIONARY_COLUMNS,
  DICTIONARY_TABLE,
  type GlueColumn,
  JSON_FORMAT,
  MANIFEST_COLUMNS,
  MANIFEST_TABLE,
  USER_COLUMNS,
  USER_TABLE,
} from './json-tables';
import { domainProjection, GLUE_COLUMNS, PARQUET_FORMAT, PARTITION_KEYS, RAW_TABLE, rawProjection } from './raw-table';
import type { ViewFile } from './sql-files';
import { EXPANDED_TEXT, encodeView, type Flavour, glueType, VIEW_PARAMETERS, viewDefinition } from './view-encoding';

/** A table of the catalog, without its database. */
export type TableInput = CfnTable.TableInputProperty & { readonly name: string };

/** Inputs of the tables. */
export interface TablePlaces {
  readonly archiveBucketName: string;
  readonly workBucketName: string;
  /** Includes retired domains. */
  readonly domains: readonly string[];
  readonly firstExportDate: string;
}

const [DOMAIN_KEY] = PARTITION_KEYS;

/** One row per changed field. */
export function rawTable(of: TablePlaces): TableInput {
  const location = `s3://${of.archiveBucketName}/${RAW_TABLE}/`;
  return external({
    name: RAW_TABLE,
    description: 'One row per changed field of a case. Filter on export_date.',
    location,
    columns: GLUE_COLUMNS,
    partitionKeys: PARTITION_KEYS,
    format: PARQUET_FORMAT,
    parameters: { classification: 'parquet', ...rawProjection({ ...of, location }) },
  });
}

/** The chain of manifests, one row per commit. */
export function manifestTable(of: TablePlaces): TableInput {
  return jsonTable(
    MANIFEST_TABLE,
    'Manifests as they are stored, one per commit. Read the view export_commits instead.',
    MANIFEST_COLUMNS,
    `s3://${of.archiveBucketName}/manifests/`,
    of,
  );
}

/** Names of fields, select values and templates, one row per change of them. */
export function dictionaryTable(of: TablePlaces): TableInput {
  return jsonTable(
    DICTIONARY_TABLE,
    'Field dictionaries as they are stored. The views field_dictionary, option_labels and template_names read better.',
    DICTIONARY_COLUMNS,
    `s3://${of.archiveBucketName}/fields/`,
    of,
  );
}

/** Names of people, where the owner keeps a list of them; otherwise no rows. */
export function userTable({ workBucketName }: TablePlaces): TableInput {
  return external({
    name: USER_TABLE,
    description: 'Names of Amazon Connect users, from CSV files that the owner may put there: user_arn,name,team.',
    location: `s3://${workBucketName}/${USERS_PREFIX}`,
    columns: USER_COLUMNS,
    partitionKeys: [],
    format: CSV_FORMAT,
    parameters: { classification: 'csv', 'skip.header.line.count': '1' },
  });
}

/** A view as a table of the catalog. */
export function viewTable(view: ViewFile, databaseName: string, flavour: Flavour): TableInput {
  return {
    name: view.name,
    description: view.description,
    tableType: 'VIRTUAL_VIEW',
    parameters: VIEW_PARAMETERS,
    viewOriginalText: encodeView(viewDefinition(view, databaseName, flavour)),
    viewExpandedText: EXPANDED_TEXT,
    storageDescriptor: {
      columns: view.columns.map(({ name, type, description }) => ({
        name,
        type: glueType(type),
        comment: description,
      })),
      location: '',
      // Engines refuse a table without a serialiser, even where they read nothing by it.
      serdeInfo: { name: '-', serializationLibrary: '-' },
    },
  };
}

function jsonTable(
  name: string,
  description: string,
  columns: readonly GlueColumn[],
  location: string,
  { domains }: TablePlaces,
): TableInput {
  return external({
    name,
    description,
    location,
    columns,
    partitionKeys: [DOMAIN_KEY],
    format: JSON_FORMAT,
    parameters: { classification: 'json', ...domainProjection({ domains, location }) },
  });
}

function external(table: {
  readonly name: string;
  readonly description: string;
  readonly location: string;
  readonly columns: readonly GlueColumn[];
  readonly partitionKeys: readonly GlueColumn[];
  readonly format: typeof PARQUET_FORMAT | typeof JSON_FORMAT | typeof CSV_FORMAT;
  readonly parameters: Readonly<Record<string, string>>;
}): TableInput {
  const { name, description, location, columns, partitionKeys, format, parameters } = table;
  return {
    name,
    description,
    tableType: 'EXTERNAL_TABLE',
    parameters: { EXTERNAL: 'TRUE', ...parameters },
    partitionKeys: [...partitionKeys],
    storageDescriptor: {
      location,
      columns: [...columns],
      inputFormat: format.inputFormat,
      outputFormat: format.outputFormat,
      serdeInfo: {
        serializationLibrary: format.serde,
        ...('serdeParameters' in format && { parameters: format.serdeParameters }),
      },
    },
  };
}
