/** The archive as files on disk: manifests and rows. `cases-audit verify` checks their integrity. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { MANIFEST, type Manifest } from '../../lambda/export/domain/manifest';
import { readStored, sha256 } from '../../lambda/export/domain/stored-form';
import type { QueryResult } from '../../tools/query/field-changes';
import type { Cell, Row } from './expected-rows';

export interface StoredManifest extends Manifest {
  /** SHA-256 of its own bytes, lower-case hex. */
  readonly sha256: string;
}

/**
 * All manifests of a domain, in the order of their numbers. @throws IntegrityError with key and reason if one cannot be
 * read.
 */
export function readManifests(archiveFolder: string, domainId: string, form = MANIFEST): StoredManifest[] {
  const prefix = `manifests/domain_id=${domainId}`;
  const folder = join(archiveFolder, prefix);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      return { ...readStored(form, `${prefix}/${name}`, bytes), sha256: sha256(bytes) };
    });
}

/** Keys of all objects in the archive, sorted. */
export function filesOf(archiveFolder: string): string[] {
  if (!existsSync(archiveFolder)) return [];
  return readdirSync(archiveFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(archiveFolder.length + 1)
        .replaceAll(sep, '/'),
    )
    .sort();
}

/** Rows as plain values: timestamps as epoch milliseconds, counts as numbers. */
export function plainRows({ columns, rows }: QueryResult): Row[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, plainCell(row[index])])));
}

function plainCell(value: unknown): Cell {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value === null || value === undefined) return null;
  // Microseconds stay visible: a time that is not whole milliseconds must not look equal.
  if (typeof value === 'object' && 'micros' in value) return Number(value.micros) / 1000;
  return String(value);
}
