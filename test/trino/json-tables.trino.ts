/** Manifests and dictionaries are read as they were written, by the columns that Glue has. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JSON_FORMAT } from '../../lib/athena/json-tables';
import { filesOf } from '../../local/demo/archive';
import { ARCHIVE_BUCKET } from '../../local/exporter/stack';
import type { TrinoResult, Value } from './client';
import { clientOf, DATABASES, readContext } from './context';
import { javaOf } from './server';

const context = readContext();
const client = clientOf(context, DATABASES.raw);
const archive = join(context.buckets, ARCHIVE_BUCKET);

type Json = null | string | number | boolean | readonly Json[] | { readonly [name: string]: Json };

/** Every object below the prefix, in the order of domain and number. */
function keysOf(prefix: string): string[] {
  return filesOf(archive).filter((key) => key.startsWith(prefix));
}

function textOf(key: string): string {
  return readFileSync(join(archive, key), 'utf8');
}

function objects(prefix: string): { readonly [name: string]: Json }[] {
  return keysOf(prefix).map((key) => JSON.parse(textOf(key)));
}

/** What stands in a row at this place, as the JSON that it came from: by the names that the type has for its members. */
function asJson(type: string, value: Value): Json {
  return plain(parseType(type), value);
}

describe.each([
  ['manifest_files', 'manifests/'],
  ['dictionary_files', 'fields/'],
])('%s', (table, prefix) => {
  test('holds every member of every object, at every depth', async () => {
    const { columns, rows } = await client.query(`SELECT * FROM ${table} ORDER BY domain_id, seq`);
    const stored = objects(prefix);
    expect(stored.length).toBeGreaterThan(1);
    expect(rows.map((row) => row.at(-1))).toEqual(stored.map(({ domainId }) => domainId));
    expect(rows.map((row) => membersOfRow(columns, row))).toEqual(stored.map(expected));
  });

  test('holds them by the SerDe that Athena uses, too', async () => {
    const { columns } = await client.query(`SELECT * FROM ${table} LIMIT 0`);
    const ofFiles = columns.filter(({ name }) => name !== 'domain_id');
    const keys = keysOf(prefix);
    const rows = openXRows(context.home, JSON_FORMAT.serdeParameters, ofFiles, keys.map(textOf));
    expect(keys.length).toBeGreaterThan(1);
    expect(rows.map((row) => membersOfRow(ofFiles, row))).toEqual(objects(prefix).map(expected));
  });
});

/** What the SerDe makes of objects of one line each. */
function openXRows(
  home: string,
  parameters: object,
  columns: TrinoResult['columns'],
  objectTexts: readonly string[],
): readonly (readonly Value[])[] {
  const table = { parameters, columns: columns.map(({ name, type }) => [name, type]) };
  const classPath = ['openx', 'openx/*', 'plugin/hive/*', 'lib/*'].map((part) => join(home, part)).join(':');
  const output = execFileSync(javaOf(), ['-cp', classPath, 'OpenXRows'], {
    input: `${JSON.stringify(table)}\n${objectTexts.join('')}`,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as readonly Value[]);
}

/** By name, without nulls and without the partition. */
function membersOfRow(columns: TrinoResult['columns'], row: readonly Value[]): Json {
  const members = columns
    .map(({ name, type }, place) => [name, asJson(type, row[place] ?? null)] as const)
    .filter(([name]) => name !== 'domain_id');
  return withoutNulls(Object.fromEntries(members));
}

function expected(stored: Json): Json {
  return withoutNulls(lowerCased(stored));
}

/** Members in lower case, as Hive's names are; the keys of `calls` are data. */
function lowerCased(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(lowerCased);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.toLowerCase(), name === 'calls' ? member : lowerCased(member)]),
  );
}

/** A member that is absent reads as null. */
function withoutNulls(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(withoutNulls);
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}

type Type =
  | { readonly kind: 'scalar' }
  | { readonly kind: 'map' }
  | { readonly kind: 'array'; readonly of: Type }
  | { readonly kind: 'row'; readonly members: readonly (readonly [name: string, type: Type])[] };

function plain(type: Type, value: Value): Json {
  if (value === null || type.kind === 'scalar' || type.kind === 'map') return value as Json;
  const values = value as readonly Value[];
  if (type.kind === 'array') return values.map((each) => plain(type.of, each));
  return Object.fromEntries(type.members.map(([name, member], index) => [name, plain(member, values[index] ?? null)]));
}

/** `array(row(name varchar, …))` and so on. */
function parseType(text: string): Type {
  const [, outer, inner = ''] = /^(row|array|map)\((.*)\)$/.exec(text) ?? [];
  if (outer === 'array') return { kind: 'array', of: parseType(inner) };
  if (outer === 'map') return { kind: 'map' };
  if (outer !== 'row') return { kind: 'scalar' };
  return {
    kind: 'row',
    members: membersOf(inner).map((member) => {
      const [, name = '', type = ''] = /^"?(\w+)"? (.*)$/.exec(member) ?? [];
      return [name, parseType(type)];
    }),
  };
}

/** Split at the commas that no bracket encloses. */
function membersOf(text: string): string[] {
  const members = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) members.push('');
    else members[members.length - 1] += character;
  }
  return members.map((member) => member.trim());
}
