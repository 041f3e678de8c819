/** Manifests and dictionaries are read as they were written, by the columns that Glue has. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf } from '../../local/demo/archive';
import { ARCHIVE_BUCKET } from '../../local/exporter/stack';
import type { Value } from './client';
import { clientOf, DATABASES, readContext } from './context';

const context = readContext();
const client = clientOf(context, DATABASES.raw);
const archive = join(context.buckets, ARCHIVE_BUCKET);

type Json = null | string | number | boolean | readonly Json[] | { readonly [name: string]: Json };

/** Every object below the prefix, in the order of domain and number, with the members sorted as the columns are. */
function objects(prefix: string): { readonly [name: string]: Json }[] {
  return filesOf(archive)
    .filter((key) => key.startsWith(prefix))
    .map((key) => JSON.parse(readFileSync(join(archive, key), 'utf8')));
}

/** What stands in a row at this place, as the JSON that it came from: by the names that the type has for its members. */
function asJson(type: string, value: Value): Json {
  return plain(parseType(type), value);
}

test.each([
  ['manifest_files', 'manifests/'],
  ['dictionary_files', 'fields/'],
])('%s holds every member of every object, at every depth', async (table, prefix) => {
  const { columns, rows } = await client.query(`SELECT * FROM ${table} ORDER BY domain_id, seq`);
  const stored = objects(prefix);
  expect(rows.length).toBe(stored.length);
  expect(stored.length).toBeGreaterThan(1);
  rows.forEach((row, index) => {
    const found = Object.fromEntries(
      columns
        .map(({ name, type }, place) => [name, asJson(type, row[place] ?? null)])
        .filter(([name]) => name !== 'domain_id'),
    );
    expect(withoutNulls(found)).toEqual(withoutNulls(lowerCased(stored[index] ?? null)));
    expect(row.at(-1)).toBe(stored[index]?.['domainId']);
  });
});

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
