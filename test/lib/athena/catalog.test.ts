/** Promises: what Athena thinks a file holds is what a file holds, and analysts find questions and views at hand. */
import { readdirSync } from 'node:fs';
import type { Template } from 'aws-cdk-lib/assertions';
import { COLUMNS } from '../../../lambda/export/domain/columns';
import { readCuratedStatements } from '../../../lib/curated/curated-statements';
import { readText } from '../../../lib/text-file';
import { EVERYTHING } from '../configurations';
import { resource, resources, templateOf } from '../templates';

const template = templateOf('minimal');
const full = templateOf('everything');
const TABLES = ['field_changes', 'manifest_files', 'dictionary_files', 'user_names'];

describe('the raw table', () => {
  test('has the columns of the one list, in its order, with its types', () => {
    const { Columns } = table(template, 'field_changes').StorageDescriptor;
    expect(Columns).toEqual(
      COLUMNS.map(({ name, type, description }) => ({ Name: name, Type: type, Comment: description })),
    );
  });

  test('finds every day since the first export and every domain, also retired ones, without a crawler', () => {
    const { 'storage.location.template': location, ...parameters } = table(full, 'field_changes').Parameters;
    expect(parameters).toEqual({
      EXTERNAL: 'TRUE',
      classification: 'parquet',
      'projection.enabled': 'true',
      'projection.domain_id.type': 'enum',
      'projection.domain_id.values': [...EVERYTHING.domains, ...EVERYTHING.retiredDomains].join(','),
      'projection.export_date.type': 'date',
      'projection.export_date.format': 'yyyy-MM-dd',
      'projection.export_date.range': '2026-01-01,NOW+1DAYS',
      'projection.export_date.interval': '1',
      'projection.export_date.interval.unit': 'DAYS',
    });
    // The layout of the stored keys.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Athena's own placeholders.
    const path = 'domain_id=${domain_id}/export_date=${export_date}/';
    expect(plain(location)).toBe(`s3://<archive-bucket>/field_changes/${path}`);
  });

  test('is in a database named after the prefix, in letters that need no quotes', () => {
    expect(resource(template, 'AWS::Glue::Database').Properties.DatabaseInput.Name).toBe('case_audit');
    for (const { Properties } of resources(template, 'AWS::Glue::Table').values()) {
      expect(Properties.DatabaseName).toBe('case_audit');
    }
  });
});

describe.each([
  ['manifest_files', 'manifests'],
  ['dictionary_files', 'fields'],
])('%s', (name, prefix) => {
  test('finds the files of every domain, also of retired ones', () => {
    const { Parameters, PartitionKeys, StorageDescriptor } = table(full, name);
    expect(Parameters['projection.domain_id.values']).toBe(
      [...EVERYTHING.domains, ...EVERYTHING.retiredDomains].join(','),
    );
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Athena's own placeholder.
    const partition = 'domain_id=${domain_id}/';
    expect(plain(Parameters['storage.location.template'])).toBe(`s3://<archive-bucket>/${prefix}/${partition}`);
    expect(plain(StorageDescriptor.Location)).toBe(`s3://<archive-bucket>/${prefix}/`);
    expect(PartitionKeys.map(({ Name }: { Name: string }) => Name)).toEqual(['domain_id']);
  });

  test('is read without regard to capitals, as Hive has none', () => {
    const { SerdeInfo } = table(template, name).StorageDescriptor;
    expect(SerdeInfo).toEqual({
      SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe',
      Parameters: { 'case.insensitive': 'TRUE' },
    });
  });
});

test('the owner’s list of people lies in the work bucket, where its first line is not a person', () => {
  const { Parameters, StorageDescriptor } = table(template, 'user_names');
  expect(plain(StorageDescriptor.Location)).toBe('s3://<work-bucket>/users/');
  expect(Parameters['skip.header.line.count']).toBe('1');
  expect(StorageDescriptor.Columns.map(({ Name }: { Name: string }) => Name)).toEqual(['user_arn', 'name', 'team']);
});

describe.each(TABLES)('%s', (name) => {
  test('has names and comments that Glue takes', () => {
    const { StorageDescriptor, PartitionKeys, Description } = table(template, name);
    for (const { Name, Type, Comment } of [...StorageDescriptor.Columns, ...PartitionKeys]) {
      expect(Name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(Type).toMatch(/^[a-z0-9_<>,:]+$/);
      expect(Comment.length).toBeLessThanOrEqual(255);
    }
    expect(Description.length).toBeLessThanOrEqual(2048);
  });

  test('is the same in Glue and in the statement for a catalog that is kept by hand', () => {
    const { StorageDescriptor, PartitionKeys, Parameters } = table(template, name);
    const { Columns, Location, InputFormat, OutputFormat, SerdeInfo } = StorageDescriptor;
    const ddl = readText(`sql/tables/${name}.sql`);
    expect(ddl).toContain(`\nCREATE EXTERNAL TABLE ${name} (\n`);
    expect(columnsIn(ddl)).toEqual([...Columns, ...PartitionKeys]);
    expect(ddl.includes('PARTITIONED BY')).toBe(PartitionKeys.length > 0);
    expect(ddl).toContain(`ROW FORMAT SERDE '${SerdeInfo.SerializationLibrary}'`);
    expect(ddl).toContain(`STORED AS INPUTFORMAT '${InputFormat}'\nOUTPUTFORMAT '${OutputFormat}'`);
    expect(ddl).toContain(`LOCATION '${plain(Location)}'`);

    const written = Object.fromEntries(
      [...ddl.matchAll(/^ {2}'([^']+)' = '([^']*)',?$/gm)].map(([, key, value]) => [key, value]),
    );
    const { EXTERNAL, ...made } = { ...Parameters, ...SerdeInfo.Parameters };
    const values: Record<string, string> = {
      'projection.domain_id.values': '<domain-ids>',
      'projection.export_date.range': '<first-export-date>,NOW+1DAYS',
    };
    expect(EXTERNAL).toBe('TRUE');
    expect(written).toEqual(
      Object.fromEntries(Object.entries(made).map(([key, value]) => [key, values[key] ?? plain(value)])),
    );
  });
});

test('a statement for each table that the archive is read by, and no other', () => {
  expect(readdirSync('sql/tables').sort()).toEqual(TABLES.map((name) => `${name}.sql`).sort());
});

describe('the curated table', () => {
  const { schemaChanges, merge } = readCuratedStatements();

  test('is made with the columns of the raw one, in its order, with its types', () => {
    const { StorageDescriptor, PartitionKeys } = table(template, 'field_changes');
    const [create] = schemaChanges;
    expect(create?.name).toBe('001-create');
    expect(columnsIn(create?.statement ?? '')).toEqual([...StorageDescriptor.Columns, ...PartitionKeys]);
  });

  test('is given each later column where it was made before, as a column of the raw table that may be null', () => {
    const later = schemaChanges.filter(({ applied: { table, column } }) => table === 'field_changes_curated' && column);
    expect(later.map(({ name }) => name)).toEqual(['002-other']);
    for (const { statement, applied } of later) {
      const [, name, type] = /^ALTER TABLE field_changes_curated ADD COLUMNS \((\w+) (\w+)\)$/.exec(statement) ?? [];
      expect(COLUMNS).toContainEqual(expect.objectContaining({ name, type, nullable: true }));
      expect(applied).toEqual({ table: 'field_changes_curated', column: name });
    }
  });

  test('is an Iceberg table by months of the time of the change, compressed with zstd', () => {
    expect(schemaChanges[0]?.statement).toContain(
      `)\nPARTITIONED BY (month(performed_time))\nLOCATION '\${location}'\n`,
    );
    for (const property of ["'table_type' = 'ICEBERG'", "'format' = 'parquet'", "'write_compression' = 'zstd'"]) {
      expect(schemaChanges[0]?.statement).toContain(property);
    }
  });

  test('gets every column of the raw table, with microseconds', () => {
    const names = [...COLUMNS.map(({ name }) => name), 'domain_id', 'export_date'];
    expect(merge).toContain(`INSERT (${names.join(', ')})`);
    expect(merge).toContain(`VALUES (${names.map((name) => `source.${name}`).join(', ')})`);
    const cast = COLUMNS.filter(({ type }) => type === 'timestamp').map(({ name }) => name);
    expect([...merge.matchAll(/cast\((\w+) AS timestamp\(6\)\) AS \1/g)].map(([, name]) => name)).toEqual(cast);
  });
});

describe('the table of commits', () => {
  const { schemaChanges, mergeCommits } = readCuratedStatements();
  const create = schemaChanges.find(({ applied }) => applied.table === 'commits_curated');
  const made = columnsIn(create?.statement ?? '');

  test('is made with the columns of manifests, those of dictionaries and the domain, with their types', () => {
    const manifests = table(template, 'manifest_files').StorageDescriptor.Columns;
    const dictionaries = table(template, 'dictionary_files').StorageDescriptor.Columns;
    const own = ({ Name }: { readonly Name: string }) => !['domainid', 'seq', 'version'].includes(Name);
    expect(made.slice(0, manifests.length)).toEqual(manifests);
    expect(made.slice(manifests.length + 1, -1)).toEqual(dictionaries.filter(own));
    expect([made[manifests.length]?.['Name'], made.at(-1)?.['Name']]).toEqual(['dictionaryversion', 'domain_id']);
  });

  test('is an Iceberg table by domain, compressed with zstd', () => {
    expect(create?.statement).toContain(`)\nPARTITIONED BY (domain_id)\nLOCATION '\${commits_location}'\n`);
    for (const property of ["'table_type' = 'ICEBERG'", "'format' = 'parquet'", "'write_compression' = 'zstd'"]) {
      expect(create?.statement).toContain(property);
    }
  });

  test('gets every one of its columns', () => {
    const names = made.map(({ Name }) => Name);
    expect(mergeCommits).toContain(`INSERT (${names.join(', ')})`);
    expect(mergeCommits).toContain(`VALUES (${names.map((name) => `source.${name}`).join(', ')})`);
  });
});

describe('the workgroup', () => {
  test('puts encrypted results into the work area, whatever the client asks for, and bounds what a query reads', () => {
    const { WorkGroupConfiguration, Name } = workgroup(template, 'ExportWorkgroup');
    expect(Name).toBe('case-audit');
    expect(WorkGroupConfiguration).toMatchObject({
      EnforceWorkGroupConfiguration: true,
      EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
      BytesScannedCutoffPerQuery: 100 * 1024 ** 3,
      ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_S3' } },
    });
    const { 'Fn::Join': parts } = WorkGroupConfiguration.ResultConfiguration.OutputLocation;
    expect(parts[1]).toEqual(['s3://', { Ref: expect.stringMatching(/^ExportWorkArea/) }, '/athena/']);
  });

  test('of the refresh is the same, in a place of its own and without the bound, which would stop a large merge', () => {
    const { Name, WorkGroupConfiguration } = workgroup(full, 'ExportCurated');
    expect(Name).toBe('regulated-curated');
    const { BytesScannedCutoffPerQuery, ...others } = workgroup(full, 'ExportWorkgroup').WorkGroupConfiguration;
    expect(BytesScannedCutoffPerQuery).toBe(5 * 1024 ** 3);
    const { ResultConfiguration: mine, ...same } = WorkGroupConfiguration;
    const { ResultConfiguration: theirs, ...expected } = others;
    expect(same).toEqual(expected);
    expect(mine.EncryptionConfiguration).toEqual(theirs.EncryptionConfiguration);
    expect(mine.OutputLocation['Fn::Join'][1].at(-1)).toBe('/curated-results/');
  });

  test('encrypts with the customer’s key where there is one', () => {
    const { WorkGroupConfiguration } = workgroup(full, 'ExportWorkgroup');
    expect(WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration).toEqual({
      EncryptionOption: 'SSE_KMS',
      KmsKey: EVERYTHING.kmsKeyArn,
    });
  });

  test('offers every query of the folder, with the question that it answers', () => {
    const offered = [...resources(template, 'AWS::Athena::NamedQuery').values()].map(({ Properties }) => Properties);
    expect(offered.map(({ Name }) => `${Name}.sql`)).toEqual(readdirSync('sql/queries').sort());
    for (const { Name, Description, QueryString, WorkGroup, Database } of offered) {
      expect(QueryString).toBe(readText(`sql/queries/${Name}.sql`));
      expect(Description).toMatch(/\?/);
      expect(Description.length).toBeLessThanOrEqual(1024);
      expect({ WorkGroup, Database }).toEqual({ WorkGroup: 'case-audit', Database: 'case_audit' });
    }
  });
});

function workgroup(of: Template, idPrefix: string) {
  return resource(of, 'AWS::Athena::WorkGroup', idPrefix).Properties;
}

function table(of: Template, name: string) {
  const inputs = [...resources(of, 'AWS::Glue::Table').values()].map(({ Properties }) => Properties.TableInput);
  const found = inputs.filter(({ Name }) => Name === name);
  expect(found).toHaveLength(1);
  return found[0];
}

/** The columns of a statement as Glue has them. */
function columnsIn(ddl: string): Record<string, unknown>[] {
  const lines = [...ddl.matchAll(/^ {2}(\w+) (\S+) COMMENT '((?:[^']|'')*)',?$/gm)];
  return lines.map(([, Name, Type, Comment]) => ({ Name, Type, Comment: Comment?.replaceAll("''", "'") }));
}

/** A location, the buckets' references standing as the placeholders of the written statements. */
function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  const [separator, parts] = (value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      return (part as { Ref: string }).Ref.startsWith('ExportArchive') ? '<archive-bucket>' : '<work-bucket>';
    })
    .join(separator);
}
