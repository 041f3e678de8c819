/** Promises: each view of the folder is a view of the catalog, in the form that Athena writes, over the table that there is. */
import type { Template } from 'aws-cdk-lib/assertions';
import { readViews, type ViewType } from '../../../lib/athena/sql-files';
import { encodeView, glueType, trinoType, viewDefinition } from '../../../lib/athena/view-encoding';
import { resources, templateOf } from '../templates';
import { decodeView } from './decode-view';

const curated = templateOf('minimal');
const raw = templateOf('without curated table');
const files = readViews();

test('there is a view for each file', () => {
  expect(files.length).toBeGreaterThan(0);
  for (const each of [curated, raw]) expect([...views(each).keys()].sort()).toEqual(files.map(({ name }) => name));
});

describe.each(files.map((file) => [file.name, file] as const))('%s', (name, file) => {
  test('is marked as engines know it, and says what question it answers', () => {
    const view = views(curated).get(name);
    expect(view).toMatchObject({
      Description: file.description,
      TableType: 'VIRTUAL_VIEW',
      Parameters: { presto_view: 'true', comment: 'Presto View' },
      ViewExpandedText: '/* Presto View */',
    });
    expect(view.ViewOriginalText).toMatch(/^\/\* Presto View: [A-Za-z0-9+/]+={0,2} \*\/$/);
    expect(view.Description.length).toBeLessThanOrEqual(2048);
    // Glue's limit.
    expect(view.ViewOriginalText.length).toBeLessThanOrEqual(409_600);
  });

  test('has its columns in Glue’s words outside and in Trino’s inside, in the same order', () => {
    const view = views(curated).get(name);
    const { columns } = decodeView(view.ViewOriginalText);
    expect(columns).toEqual(file.columns.map(({ name, type }) => ({ name, type: trinoType(type, 'curated') })));
    expect(view.StorageDescriptor.Columns).toEqual(
      file.columns.map(({ name, type, description }) => ({ Name: name, Type: glueType(type), Comment: description })),
    );
    for (const { description } of file.columns) expect(description.length).toBeLessThanOrEqual(255);
  });

  test('reads the curated table where there is one, else the raw one', () => {
    for (const [template, table, manifests, dictionaries, timestamp] of [
      [curated, 'field_changes_curated', 'all_manifests', 'all_dictionaries', 'timestamp(6)'],
      [raw, 'field_changes', 'manifest_files', 'dictionary_files', 'timestamp(3)'],
    ] as const) {
      const { originalSql, catalog, schema, columns } = decodeView(views(template).get(name).ViewOriginalText);
      expect([catalog, schema]).toEqual(['awsdatacatalog', 'case_audit']);
      expect(originalSql).not.toMatch(/\$\{/);
      const sources: Readonly<Record<string, string>> = { changes: table, manifests, dictionaries };
      expect(originalSql).toBe(file.body.replace(/\$\{(\w+)\}/g, (_, name: string) => String(sources[name])));
      expect(columns.map(({ type }) => type).filter((type) => type.startsWith('timestamp('))).toEqual(
        file.columns.filter(({ type }) => type === 'timestamp').map(() => timestamp),
      );
    }
  });
});

test('types are those of the two worlds', () => {
  const types: readonly ViewType[] = ['varchar', 'bigint', 'integer', 'double', 'boolean', 'date', 'timestamp'];
  expect(types.map(glueType)).toEqual(['string', 'bigint', 'int', 'double', 'boolean', 'date', 'timestamp']);
  expect(types.map((type) => trinoType(type, 'raw'))).toEqual([...types.slice(0, -1), 'timestamp(3)']);
});

test('a view is read back as it was written, also with letters beyond ASCII', () => {
  const file = {
    name: 'v',
    description: 'Wer?',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder of a statement.
    body: "SELECT 'Grüße „✓“' AS a FROM ${changes}",
    sql: '',
    columns: [{ name: 'a', type: 'varchar', description: 'A.' }],
  } as const;
  const definition = viewDefinition(file, 'db', 'raw');
  expect(decodeView(encodeView(definition))).toEqual(definition);
  expect(definition.originalSql).toBe("SELECT 'Grüße „✓“' AS a FROM field_changes");
  expect(() => decodeView('SELECT 1')).toThrow('expected "/* Presto View: <base64> */"');
});

function views(of: Template) {
  const inputs = [...resources(of, 'AWS::Glue::Table').values()].map(({ Properties }) => Properties.TableInput);
  return new Map(inputs.filter(({ TableType }) => TableType === 'VIRTUAL_VIEW').map((input) => [input.Name, input]));
}
