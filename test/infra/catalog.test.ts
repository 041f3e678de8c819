/** Promises: what Athena thinks a file holds is what a file holds, and analysts can ask without doing harm. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Template } from 'aws-cdk-lib/assertions';
import { COLUMNS } from '../../lambda/export/domain/columns';
import { readQueries } from '../../lib/sql-files';
import { EVERYTHING, emptyFolder, MINIMAL, resource, resources, synthesize } from './synthesize';

const template = synthesize(MINIMAL);
const full = synthesize(EVERYTHING);
const ddl = readFileSync('sql/tables/field_changes.sql', 'utf8');

const COLUMN_LINE = /^ {2}(\w+) (\w+) COMMENT '((?:[^']|'')*)',?$/;
const PROPERTY_LINE = /^ {2}'([^']+)' = '([^']*)',?$/;

describe('the raw table', () => {
  test('has the columns of the one list, in its order, with its types', () => {
    const { Columns } = table(template).StorageDescriptor;
    expect(Columns).toEqual(
      COLUMNS.map(({ name, type, description }) => ({ Name: name, Type: type, Comment: description })),
    );
  });

  test('has names and comments that Glue takes', () => {
    for (const { name, description } of COLUMNS) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(description.length).toBeLessThanOrEqual(255);
    }
  });

  test('is the same in Glue and in the statement for a catalog that is kept by hand', () => {
    const { Columns, Location, InputFormat, OutputFormat, SerdeInfo } = table(template).StorageDescriptor;
    const glue = [...Columns, ...table(template).PartitionKeys];
    const lines = ddl.split('\n').flatMap((line) => [line.match(COLUMN_LINE)].filter((match) => match !== null));
    expect(lines.map(([, Name, Type, Comment]) => ({ Name, Type, Comment: Comment?.replaceAll("''", "'") }))).toEqual(
      glue,
    );
    expect(ddl).toContain(`ROW FORMAT SERDE '${SerdeInfo.SerializationLibrary}'`);
    expect(ddl).toContain(`STORED AS INPUTFORMAT '${InputFormat}'\nOUTPUTFORMAT '${OutputFormat}'`);
    expect(ddl).toContain(`LOCATION '${plain(Location)}'`);

    const properties = ddl.split('\n').flatMap((line) => [line.match(PROPERTY_LINE)].filter((match) => match !== null));
    const written = Object.fromEntries(properties.map(([, key, value]) => [key, value]));
    const { EXTERNAL, ...made } = table(template).Parameters;
    expect(EXTERNAL).toBe('TRUE');
    expect(written).toEqual({
      ...Object.fromEntries(Object.entries(made).map(([key, value]) => [key, plain(value)])),
      'projection.domain_id.values': '<domain-ids>',
      'projection.export_date.range': '<first-export-date>,NOW+1DAYS',
    });
  });

  test('finds every day since the first export and every domain, also retired ones, without a crawler', () => {
    const { 'storage.location.template': location, ...parameters } = table(full).Parameters;
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
    const path = 'domain_id=${domain_id}/export_date=${export_date}';
    expect(plain(location)).toBe(`s3://<archive-bucket>/field_changes/${path}`);
  });

  test('is in a database named after the prefix, in letters that need no quotes', () => {
    expect(resource(template, 'AWS::Glue::Database').Properties.DatabaseInput.Name).toBe('case_audit');
    expect(resource(template, 'AWS::Glue::Table').Properties.DatabaseName).toBe('case_audit');
  });
});

describe('the workgroup', () => {
  test('puts encrypted results into the work area, whatever the client asks for, and bounds what a query reads', () => {
    const { WorkGroupConfiguration, Name } = resource(template, 'AWS::Athena::WorkGroup').Properties;
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

  test('encrypts with the customer’s key where there is one', () => {
    const { WorkGroupConfiguration } = resource(full, 'AWS::Athena::WorkGroup').Properties;
    expect(WorkGroupConfiguration.BytesScannedCutoffPerQuery).toBe(5 * 1024 ** 3);
    expect(WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration).toEqual({
      EncryptionOption: 'SSE_KMS',
      KmsKey: EVERYTHING.kmsKeyArn,
    });
  });

  test('offers every query of the folder, with the question that it answers', () => {
    const offered = [...resources(template, 'AWS::Athena::NamedQuery').values()].map(({ Properties }) => Properties);
    expect(offered.map(({ Name }) => `${Name}.sql`)).toEqual(readdirSync('sql/queries').sort());
    for (const { Name, Description, QueryString, WorkGroup, Database } of offered) {
      expect(QueryString).toBe(readFileSync(`sql/queries/${Name}.sql`, 'utf8'));
      expect(Description).toMatch(/\?/);
      expect({ WorkGroup, Database }).toEqual({ WorkGroup: 'case-audit', Database: 'case_audit' });
    }
  });
});

describe('the queries', () => {
  test('read whole days by partition, unless they ask for one case over all time', () => {
    for (const { name, sql } of readQueries()) {
      expect([name, sql.includes('export_date >=')]).toEqual([name, name !== 'case-history']);
    }
  });

  test('name only columns that exist, and give the right answer', async () => {
    const run = await smallWorld();
    expect(await run('latest-changes')).toEqual([
      { case_id: 'c2', event_type: 'Case.Updated', field_name: 'Status', new_value: 'closed', performed_by: 'arn:bob' },
      { case_id: 'c1', event_type: 'Case.Updated', field_name: 'Priority', new_value: 'high', performed_by: 'arn:ann' },
    ]);
    expect(await run('case-history', 'c1')).toEqual([
      { event_type: 'Case.Created', field_name: 'Title', new_value: 'Broken lamp', performed_by: 'arn:iam' },
      { event_type: 'Case.Updated', field_name: 'State', new_value: 'closed', performed_by: 'arn:ann' },
      { event_type: 'Case.Updated', field_name: 'Status', new_value: 'open', performed_by: 'arn:ann' },
      { event_type: 'Case.Updated', field_name: 'Priority', new_value: 'high', performed_by: 'arn:ann' },
    ]);
    expect(await run('status-changes-by-person')).toEqual([
      { performed_by: 'arn:ann', status_changes: 2, cases: 1 },
      { performed_by: 'arn:bob', status_changes: 1, cases: 1 },
    ]);
    expect(await run('changes-by-field-per-day')).toEqual([
      { day: '2026-06-15', field_id: 'priority', field_name: 'Priority', changes: 1, cases: 1 },
      { day: '2026-06-15', field_id: 'status', field_name: 'Status', changes: 1, cases: 1 },
      // The name of the later commit.
      { day: '2026-06-10', field_id: 'status', field_name: 'Status', changes: 2, cases: 1 },
    ]);
  });

  test('a file without its question is refused', () => {
    const directory = emptyFolder();
    writeFileSync(join(directory, 'mute.sql'), 'SELECT 1');
    expect(() => readQueries(directory)).toThrow('mute.sql: expected an opening comment');
  });
});

function table(of: Template) {
  return resource(of, 'AWS::Glue::Table').Properties.TableInput;
}

/** A location, the bucket's reference standing as the placeholder of the written statement. */
function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  const [separator, parts] = (value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
  return parts.map((part) => (typeof part === 'string' ? part : '<archive-bucket>')).join(separator);
}

/** Case, event type, time, field name, new value, who, commit. Exported on the day that they were made. */
const CHANGES: readonly [string, string, string, string, string, string, number][] = [
  ['c1', 'Case.Created', '2025-12-01 08:00:00', 'Title', 'Broken lamp', 'iam', 1],
  ['c1', 'Case.Updated', '2026-06-10 08:00:00', 'State', 'closed', 'ann', 2],
  ['c1', 'Case.Updated', '2026-06-10 23:59:59.999', 'Status', 'open', 'ann', 3],
  ['c1', 'Case.Updated', '2026-06-15 10:00:00', 'Priority', 'high', 'ann', 4],
  ['c2', 'Case.Updated', '2026-06-15 11:59:00', 'Status', 'closed', 'bob', 5],
];

/**
 * The table in DuckDB with a few changes, and a function that runs a query over it as if it were noon of 15 June 2026.
 * Answers leave out what a case does not turn on. `State` is what the field `status` was called in an earlier commit.
 */
async function smallWorld(): Promise<(name: string, parameter?: string) => Promise<Record<string, unknown>[]>> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const columns = COLUMNS.map(({ name, type }) => `${name} ${type === 'string' ? 'varchar' : type}`);
  await connection.run(`CREATE TABLE field_changes (${columns.join(', ')}, domain_id varchar, export_date varchar)`);
  for (const [caseId, type, at, field, value, who, seq] of CHANGES) {
    const user = who === 'iam' ? 'NULL' : `'arn:${who}'`;
    const id = field === 'State' ? 'status' : field.toLowerCase();
    await connection.run(
      `INSERT INTO field_changes (case_id, event_id, event_type, performed_time, performed_by_user_arn,
         performed_by_iam_principal_arn, field_index, field_id, field_name, new_value, commit_seq, domain_id, export_date)
       VALUES ('${caseId}', 'e${seq}', '${type}', '${at}', ${user}, 'arn:iam', 0, '${id}', '${field}', '${value}', ${seq},
         'd', '${at.slice(0, 10)}')`,
    );
  }
  return async (name, parameter) => {
    const sql = readQueries().find((each) => each.name === name)?.sql ?? '';
    const atNoon = sql
      .replaceAll('current_date', "DATE '2026-06-15'")
      .replaceAll('localtimestamp', "TIMESTAMP '2026-06-15 12:00:00'");
    const result = await connection.runAndReadAll(atNoon, parameter === undefined ? [] : [parameter]);
    return result.getRowObjectsJson().map((row) => {
      const {
        performed_time: _at,
        event_id: _id,
        old_value: _old,
        related_item_type: _kind,
        last_change: _last,
        ...rest
      } = row;
      return Object.fromEntries(
        Object.entries(rest).map(([key, value]) => [
          key,
          /^(changes|cases|status_changes)$/.test(key) ? Number(value) : value,
        ]),
      );
    });
  };
}
