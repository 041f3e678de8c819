/** Which files of an archive on disk are its data: those that its manifests list. Names are compared, never matched as patterns. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { ARCHIVE_FOLDER } from '../../local/demo/folder';
import { QueryError } from './query-error';

/** Keys from the archive's root with `/`, each of a file that is there, sorted. */
interface ArchiveFiles {
  readonly rows: readonly string[];
  readonly dictionaries: readonly string[];
  /** Those that are JSON. */
  readonly manifests: readonly string[];
  /** What else lies among them, and what is missing: a sentence each, for people. Empty where the folder is as it was written. */
  readonly notices: readonly string[];
}

/**
 * Takes the files that the manifests list. Whatever else lies there, such as what a file manager, an office program or a sync tool
 * leaves, is no data. Files of a commit whose manifest is not there are taken by their keys, as Athena takes them, with a notice:
 * nothing proves them. Whether bytes are those that were written is for `cases-audit verify` to say.
 */
export function archiveFiles(archive: string): ArchiveFiles {
  const all = ['manifests', 'field_changes', 'fields'].flatMap((prefix) => keysBelow(archive, prefix));
  const lists = readLists(archive, all);
  const found = { data: [] as string[], strangers: [] as string[], unproven: [] as string[] };
  for (const key of all) {
    const commit = commitKeyOf(key);
    const list = commit === null ? undefined : lists.get(commitName(commit));
    if (commit?.kind === 'manifests') continue;
    if (commit === null || (list != null && !list.has(key))) found.strangers.push(key);
    else found.data.push(key);
    if (commit !== null && list == null) found.unproven.push(key);
  }
  const there = new Set(all);
  const manifests = all.filter((key) => commitKeyOf(key)?.kind === 'manifests');
  const isReadable = (key: string) => lists.get(commitName(commitKeyOf(key) as CommitKey)) != null;
  const unreadable = manifests.filter((key) => !isReadable(key));
  const listed = [...lists.values()].flatMap((list) => [...(list ?? [])]);
  return {
    rows: found.data.filter((key) => key.startsWith('field_changes/')),
    dictionaries: found.data.filter((key) => key.startsWith('fields/')),
    manifests: manifests.filter(isReadable),
    notices: [
      ...noticeOf('Not read', found.strangers, 'listed by no manifest'),
      ...noticeOf('Not there', listed.filter((key) => !there.has(key)).sort(), 'listed by a manifest'),
      ...noticeOf('Not read', unreadable, 'a manifest that is no JSON'),
      ...noticeOf('Read, and proven by nothing', found.unproven, 'the manifest of its commit is not there'),
    ],
  };
}

/**
 * The same files under names in which nothing is a pattern to DuckDB, which takes `*`, `?` and `[` for one unless bracketed, and a
 * backslash for a folder. `close` removes what this made.
 */
export function patternFree(archive: string): { pathOf(key: string): string; close(): void } {
  if (sep === '\\' || !archive.includes('\\')) {
    const root = archive.replaceAll(/[[*?]/g, '[$&]');
    return { pathOf: (key) => `${root}/${key}`, close: () => undefined };
  }
  const folder = mkdtempSync(join(tmpdir(), 'cases-audit-link-'));
  symlinkSync(archive, join(folder, 'archive'));
  return {
    pathOf: (key) => `${folder.replaceAll(/[[*?]/g, '[$&]')}/archive/${key}`,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function keysBelow(archive: string, prefix: string): string[] {
  const folder = join(archive, prefix);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => `${prefix}${join(entry.parentPath, entry.name).slice(folder.length).replaceAll(sep, '/')}`)
    .sort();
}

const SHAPES = [
  /^(field_changes)\/domain_id=([^/]+)\/export_date=\d{4}-\d{2}-\d{2}\/(\d{12})\.parquet$/,
  /^(fields|manifests)\/domain_id=([^/]+)\/(\d{12})\.json$/,
] as const;

interface CommitKey {
  readonly kind: string;
  readonly partition: string;
  readonly seq: number;
}

/** What belongs to a commit, by its key alone; null for every other name. */
function commitKeyOf(key: string): CommitKey | null {
  for (const shape of SHAPES) {
    const [, kind, partition, digits] = shape.exec(key) ?? [];
    if (kind !== undefined && partition !== undefined) return { kind, partition, seq: Number(digits) };
  }
  return null;
}

/** What each manifest lists of rows and dictionaries of its own domain; null where it cannot be read. By `commitName`. */
function readLists(archive: string, keys: readonly string[]): Map<string, ReadonlySet<string> | null> {
  const lists = new Map<string, ReadonlySet<string> | null>();
  for (const key of keys) {
    const commit = commitKeyOf(key);
    if (commit?.kind === 'manifests') lists.set(commitName(commit), listIn(join(archive, key), commit.partition));
  }
  return lists;
}

function listIn(manifest: string, partition: string): ReadonlySet<string> | null {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(manifest, 'utf8'));
  } catch {
    return null;
  }
  const { objects } = (content ?? {}) as { objects?: unknown };
  const keys = Array.isArray(objects) ? objects.map((object: { key?: unknown } | null) => object?.key) : [];
  return new Set(
    keys.filter((key): key is string => {
      const commit = typeof key === 'string' ? commitKeyOf(key) : null;
      return commit?.partition === partition && commit.kind !== 'manifests';
    }),
  );
}

function commitName({ partition, seq }: CommitKey): string {
  return `${partition}/${seq}`;
}

function noticeOf(what: string, keys: readonly string[], why: string): string[] {
  const [first] = keys;
  if (first === undefined) return [];
  const more = keys.length === 1 ? '' : ` and ${(keys.length - 1).toLocaleString('en-US')} more`;
  return [`${what}: ${first}${more} (${why}). cases-audit verify names each.`];
}

const PREFIXES = ['manifests', 'field_changes'] as const;

/**
 * Where the archive lies in a folder: the folder itself if it is a copy of an archive bucket (`aws s3 sync`), or the archive
 * inside the folder of a demo. Throws QueryError that says what was expected where it is neither.
 */
export function findArchive(folder: string): string {
  const found = [join(folder, ARCHIVE_FOLDER), folder].find((each) =>
    PREFIXES.some((prefix) => existsSync(join(each, prefix))),
  );
  if (found !== undefined) return found;
  throw new QueryError(
    `There are no exported files in ${folder}. Expected the folder of a demo (make one by npm run demo), or a copy of an archive bucket with the folders ${PREFIXES.join(' and ')} in it (aws s3 sync s3://<archive bucket> <folder>).`,
  );
}
