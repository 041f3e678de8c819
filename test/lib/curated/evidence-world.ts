/** What the views over manifests and dictionaries have to say: what a reader of all files would. */
import { MANIFEST_COLUMNS } from '../../../lib/athena/json-tables';
import type { RefreshWorld } from './refresh-world';

const MANIFEST = [...MANIFEST_COLUMNS.map(({ name }) => name), 'domain_id'].join(', ');
const DICTIONARY = 'version, domainid, seq, fields, options, templates, domain_id';

/** The first column of each row as text, sorted. */
export async function linesOf({ connection }: RefreshWorld, sql: string): Promise<string[]> {
  return (await connection.runAndReadAll(sql))
    .getRowsJson()
    .map(([value]) => String(value))
    .sort();
}

/**
 * Both views have every column of every object that is published, each as often as it is stored. With `ifThere`, where they can
 * be read at all: between the drop of the table and the next refresh they cannot.
 */
export async function expectEvidence(world: RefreshWorld, { ifThere = false } = {}): Promise<void> {
  for (const [view, table, columns] of [
    ['all_manifests', 'manifest_files', MANIFEST],
    ['all_dictionaries', 'dictionary_files', DICTIONARY],
  ] as const) {
    const rows = async (of: string) => rowsOf(world, `SELECT ${columns} FROM ${of}`);
    const seen = ifThere ? await rows(view).catch(() => undefined) : await rows(view);
    if (seen !== undefined) expect(seen).toEqual(await rows(table));
  }
}

async function rowsOf({ connection }: RefreshWorld, sql: string): Promise<string[]> {
  return (await connection.runAndReadAll(sql))
    .getRowsJson()
    .map((row) => JSON.stringify(row))
    .sort();
}
