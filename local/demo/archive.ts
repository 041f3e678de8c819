/** The archive as files on disk, read as an auditor would: manifests, their chain, and the rows. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { MANIFEST, type Manifest } from '../../lambda/export/domain/manifest';
import { readStored, sha256 } from '../../lambda/export/domain/stored-form';
import type { QueryResult } from '../../tools/query/field-changes';
import type { Cell, Row } from './expected-rows';

export interface StoredManifest extends Manifest {
  /** Of its own bytes, lower-case hex. */
  readonly sha256: string;
}

/** All manifests of a domain, in the order of their numbers. @throws IntegrityError with key and reason if one cannot be read. */
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

/** What is wrong with the chain, a line each: numbers, links, hashes of the files, files that no manifest lists. */
export function chainProblems(archiveFolder: string, manifests: readonly StoredManifest[]): string[] {
  const links = manifests.flatMap((manifest, index) => [
    ...(manifest.seq === index + 1 ? [] : [`manifest ${manifest.seq} stands at place ${index + 1}`]),
    ...(manifest.previousSha256 === (manifests[index - 1]?.sha256 ?? null)
      ? []
      : [`manifest ${manifest.seq} does not carry the hash of the one before it`]),
  ]);
  const objects = manifests.flatMap((manifest) => manifest.objects);
  const files = objects.flatMap(({ key, sha256: expected }) => {
    const path = join(archiveFolder, key);
    if (!existsSync(path)) return [`${key} is missing`];
    return sha256(readFileSync(path)) === expected ? [] : [`${key} has other bytes than its manifest says`];
  });
  const listed = new Set(objects.map(({ key }) => key));
  const unlisted = filesOf(archiveFolder).filter((key) => !key.startsWith('manifests/') && !listed.has(key));
  return [...links, ...files, ...unlisted.map((key) => `${key} is in no manifest`)];
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
