/** Manifests and dictionaries as tables of DuckDB, with the types that Glue has and the path of each row's file. */
import { DICTIONARY_COLUMNS, type GlueColumn, MANIFEST_COLUMNS } from '../../../lib/athena/json-tables';

/** The statements that make both tables, empty. */
export function makeJsonTables(): string[] {
  return Object.entries({ manifest_files: MANIFEST_COLUMNS, dictionary_files: DICTIONARY_COLUMNS }).map(
    ([table, columns]) => `CREATE TABLE ${table} (${definitions(columns)}, domain_id string, "$path" string)`,
  );
}

function definitions(columns: readonly GlueColumn[]): string {
  return columns.map(({ name, type }) => `${name} ${duckDbType(type)}`).join(', ');
}

/** A manifest as a row, at its path in the bucket `archive`. */
export function insertManifest(domainId: string, seq: number, key: string): string {
  const debts =
    seq % 3 === 0 ? 'NULL' : `[{'cause': 'denied', 'cases': ${seq}, 'neverread': 0, 'since': 1, 'missingfrom': NULL}]`;
  return `INSERT INTO manifest_files (version, domainid, seq, exportedat, lanes, counts, debts, gone, domain_id, "$path")
    SELECT 1, '${domainId}', ${seq}, '2026-06-01T00:00:00.000Z', {'live': {'watermark': ${seq}}},
      {'calls': MAP {'SearchCases': ${seq}}, 'rows': ${seq}}, ${debts}, [], '${domainId}', 's3://archive/${key}'`;
}

/** A dictionary as a row; `key` is that of its manifest. */
export function insertDictionary(domainId: string, seq: number, key: string): string {
  return `INSERT INTO dictionary_files (version, domainid, seq, fields, domain_id, "$path")
    SELECT 1, '${domainId}', ${seq}, [{'fieldid': 'status', 'name': 'Status ${seq}'}], '${domainId}',
      's3://archive/${key.replace('manifests/', 'fields/')}'`;
}

/** Types of Glue's columns as DuckDB names them: `struct<a:int>` is `STRUCT("a" int)`, `array<T>` is `T[]`, `map<K,V>` is `MAP(K, V)`. */
export function duckDbType(type: string): string {
  const [, outer, inner = ''] = /^(struct|array|map)<(.*)>$/.exec(type) ?? [];
  if (outer === undefined) return type;
  const parts = splitAtTop(inner);
  if (outer === 'array') return `${duckDbType(inner)}[]`;
  if (outer === 'map') return `MAP(${parts.map(duckDbType).join(', ')})`;
  const members = parts.map((part) => {
    const colon = part.indexOf(':');
    return `"${part.slice(0, colon)}" ${duckDbType(part.slice(colon + 1))}`;
  });
  return `STRUCT(${members.join(', ')})`;
}

/** At the commas that no bracket encloses. */
export function splitAtTop(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '<') depth += 1;
    if (character === '>') depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}
