/**
 * The slice of a case: everything that one commit says of one case, as text that proves itself without the other cases.
 * It is never stored; anyone who holds the commit's rows can make it again, byte by byte. The manifest's `cases` binds
 * it (`digestList`).
 *
 * A slice is JSON Lines, UTF-8, every line ended by LF:
 * 1. `{"format":"case-slice/v1","domain_id":…,"commit_seq":…,"case_id":…,"salt":…}`
 * 2. a line per row of the case, in the order performed_time, event_id, field_index, with the columns of
 *    `SLICE_COLUMNS`
 * 3. a line per quarantined event of the case, raw, as the quarantine object holds its `event`, in that object's order
 *
 * Each member is one JSON text without blanks, as JSON.stringify writes it: columns without a value are left out,
 * `performed_time` is ISO 8601 with milliseconds and `Z`, `field_index` is a JSON integer, everything else is a JSON
 * string.
 */
import { createHash, createHmac } from 'node:crypto';
import { COLUMNS } from './columns';
import { IntegrityError } from './errors';
import type { QuarantinedEvent } from './quarantine';
import { compareCodeUnits } from './values';

const FORMAT = 'case-slice/v1';
const SEED_BYTES = 32;

/**
 * Key of the commit's seed (64 hex digits) in a Parquet file's key-value metadata; the quarantine object has it as
 * `caseSalt`.
 */
export const SEED_METADATA_KEY = 'case_salt';

/**
 * Columns that describe the commit, not the case: a reader finds them in the manifest, and `commit_seq` in the slice's
 * first line.
 */
const OF_THE_COMMIT: ReadonlySet<string> = new Set(['exported_at', 'run_id', 'commit_seq']);

/**
 * Columns of a slice's rows, in the order of the data dictionary: all that say something of the case. Left out are
 * - `exported_at`, `run_id`, `commit_seq`, which vary by commit;
 * - `old_value_double`, `new_value_double`, `old_value_boolean`, `new_value_boolean`, which repeat `old_value` and
 *   `new_value` in
 *   another type, and a double has many texts where its column of text has one.
 *
 * `template_id`, `field_name`, `field_type` and `field_namespace` are in, though another commit may know other names:
 * they never change in a row that was written, and whoever gets a slice has no other source for what a field was
 * called. A column that is added later is null in older rows, so their slices stay as they are.
 */
export const SLICE_COLUMNS: readonly string[] = COLUMNS.filter(
  ({ name, type }) => type !== 'double' && type !== 'boolean' && !OF_THE_COMMIT.has(name),
).map(({ name }) => name);

/**
 * A row by column name: a `FieldChange`, or a row from a reader of Parquet or JSON. `performed_time` may be a Date,
 * epoch milliseconds (number or bigint) or the ISO text itself; null and undefined are alike; columns outside a slice
 * are ignored. Texts must be as stored: some readers of Parquet drop a leading byte order mark.
 */
type SliceRow = object;

/** The members that identify a slice. */
interface SliceHeader {
  readonly domainId: string;
  readonly commitSeq: number;
  readonly caseId: string;
  /** `caseSalt` of the commit's seed and this case. */
  readonly salt: string;
}

/** The parts of a commit that its slices depend on. */
interface SlicedCommit {
  readonly domainId: string;
  readonly seq: number;
  /** 32 random bytes, drawn when the commit is planned. */
  readonly seed: Uint8Array;
}

/** `Manifest.cases`, and the list whose hash it holds. */
interface DigestList {
  readonly count: number;
  /** SHA-256 of `text` in UTF-8; without cases, of no bytes. Lower-case hex. */
  readonly sha256: string;
  /** The digests in ascending order, each on a line of its own; `sha256sum` and `grep` check it. */
  readonly text: string;
}

/**
 * HMAC-SHA256 of the case's id (UTF-8) under the seed, 64 hex digits. It keeps holders of a digest from guessing its
 * content.
 * @throws RangeError unless the seed is 32 bytes.
 */
export function caseSalt(seed: Uint8Array, caseId: string): string {
  if (seed.length !== SEED_BYTES) throw new RangeError(`A seed is ${SEED_BYTES} bytes, not ${seed.length}`);
  return createHmac('sha256', seed).update(caseId.toWellFormed()).digest('hex');
}

/**
 * Parses the seed of a commit from its stored text.
 * @throws IntegrityError if that is not 64 hex digits; the message does not hold it.
 */
export function parseSeed(text: unknown): Uint8Array {
  if (typeof text !== 'string' || !/^[0-9a-f]{64}$/.test(text)) {
    throw new IntegrityError(
      `The seed of a commit's case digests is ${typeof text === 'string' ? `a text of ${text.length} characters` : typeof text}, expected 64 hex digits. Without it no case of the commit can be checked by itself.`,
    );
  }
  return Buffer.from(text, 'hex');
}

/**
 * Builds the bytes of a slice. Rows may come in any order, all of this case; quarantined events are the raw events, in
 * the order of the quarantine object.
 * @throws IntegrityError that names a column, never a value, if a row holds something that no row of an archive does.
 */
export function sliceOf(
  header: SliceHeader,
  rows: readonly SliceRow[],
  quarantinedRaw: readonly unknown[] = [],
): Uint8Array {
  return Buffer.concat([...parts(header, rows, quarantinedRaw)].map((part) => Buffer.from(part)));
}

/**
 * Computes the SHA-256 of the slice that `sliceOf` returns, lower-case hex, without holding the whole slice in memory.
 */
export function sliceDigest(
  header: SliceHeader,
  rows: readonly SliceRow[],
  quarantinedRaw: readonly unknown[] = [],
): string {
  const digest = createHash('sha256');
  for (const part of parts(header, rows, quarantinedRaw)) digest.update(part);
  return digest.digest('hex');
}

/**
 * Computes, by case id, the digest of every case with a row or a quarantined event in the commit.
 * @throws IntegrityError as `sliceOf` does.
 */
export function caseDigests(
  { domainId, seq, seed }: SlicedCommit,
  rows: Iterable<SliceRow>,
  quarantined: Iterable<Pick<QuarantinedEvent, 'caseId' | 'event'>> = [],
): Map<string, string> {
  const cases = new Map<string, { rows: SliceRow[]; raw: unknown[] }>();
  const entryOf = (caseId: string) => {
    const known = cases.get(caseId);
    if (known !== undefined) return known;
    const entry = { rows: [], raw: [] };
    cases.set(caseId, entry);
    return entry;
  };
  for (const row of rows) entryOf(textOf(row, 'case_id') ?? missing('case_id')).rows.push(row);
  for (const { caseId, event } of quarantined) {
    if (typeof caseId !== 'string') throw new IntegrityError('A quarantined event names no case.');
    entryOf(caseId.toWellFormed()).raw.push(event);
  }
  const digests = new Map<string, string>();
  for (const [caseId, entry] of cases) {
    const header = { domainId, commitSeq: seq, caseId, salt: caseSalt(seed, caseId) };
    digests.set(caseId, sliceDigest(header, entry.rows, entry.raw));
  }
  return digests;
}

/** Builds the list of these digests, whatever order they come in. */
export function digestList(digests: Iterable<string>): DigestList {
  const sorted = [...digests].sort(compareCodeUnits);
  const text = sorted.map((digest) => `${digest}\n`).join('');
  return { count: sorted.length, sha256: createHash('sha256').update(text).digest('hex'), text };
}

/** `Manifest.cases` of a commit that mentions no case; such a commit stores no seed. */
export const NO_CASES: Omit<DigestList, 'text'> = { count: 0, sha256: createHash('sha256').digest('hex') };

/**
 * Builds `Manifest.cases` of a commit with these rows and quarantined events.
 * @throws IntegrityError as `sliceOf` does.
 */
export function caseList(
  commit: SlicedCommit,
  rows: Iterable<SliceRow>,
  quarantined: Iterable<Pick<QuarantinedEvent, 'caseId' | 'event'>>,
): Omit<DigestList, 'text'> {
  const { count, sha256 } = digestList(caseDigests(commit, rows, quarantined).values());
  return { count, sha256 };
}

/** Number of characters hashed or encoded at once: each update costs about as much as a line. */
const PART_CHARACTERS = 65_536;

function* parts(header: SliceHeader, rows: readonly SliceRow[], raw: readonly unknown[]): Generator<string> {
  const { domainId, commitSeq, caseId, salt } = header;
  const first = { format: FORMAT, domain_id: domainId, commit_seq: commitSeq, case_id: caseId.toWellFormed(), salt };
  let part = `${JSON.stringify(first)}\n`;
  for (const row of inOrder(rows)) {
    part += rowLine(row);
    if (part.length >= PART_CHARACTERS) {
      yield part;
      part = '';
    }
  }
  for (const event of raw) {
    yield part;
    part = `${JSON.stringify(event)}\n`;
  }
  yield part;
}

/** Rows of a commit are sorted, and so are those of one case among them: then nothing is copied. */
function inOrder(rows: readonly SliceRow[]): readonly SliceRow[] {
  for (let index = 1; index < rows.length; index += 1) {
    if (compareRows(rows[index - 1] as SliceRow, rows[index] as SliceRow) > 0) return rows.toSorted(compareRows);
  }
  return rows;
}

function compareRows(a: SliceRow, b: SliceRow): number {
  return (
    timeOf(a) - timeOf(b) ||
    compareCodeUnits(textOf(a, 'event_id') ?? '', textOf(b, 'event_id') ?? '') ||
    indexOf(a) - indexOf(b)
  );
}

const PREFIXES = SLICE_COLUMNS.map((name): [name: string, prefix: string] => [name, `,${JSON.stringify(name)}:`]);

function rowLine(row: SliceRow): string {
  let line = '';
  for (const [name, prefix] of PREFIXES) {
    if (name === 'performed_time') line += `${prefix}"${new Date(timeOf(row)).toISOString()}"`;
    else if (name === 'field_index') line += prefix + indexOf(row);
    else {
      const text = textOf(row, name);
      if (text !== null) line += prefix + JSON.stringify(text);
    }
  }
  return `{${line.slice(1)}}\n`;
}

function columnOf(row: SliceRow, column: string): unknown {
  return (row as Readonly<Record<string, unknown>>)[column];
}

function textOf(row: SliceRow, column: string): string | null {
  const value = columnOf(row, column);
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? null : otherType(column, value, 'text');
}

function indexOf(row: SliceRow): number {
  const value = columnOf(row, 'field_index');
  const index = typeof value === 'bigint' ? Number(value) : value;
  return Number.isSafeInteger(index) ? (index as number) : otherType('field_index', value, 'a whole number');
}

function timeOf(row: SliceRow): number {
  const value = columnOf(row, 'performed_time');
  const time = value instanceof Date ? value.getTime() : typeof value === 'string' ? isoTime(value) : Number(value);
  const isTime = (value ?? null) !== null && Number.isInteger(time) && Math.abs(time) <= 8.64e15;
  return isTime ? time : otherType('performed_time', value, 'a time of whole milliseconds');
}

function isoTime(text: string): number {
  const time = Date.parse(text);
  return Number.isFinite(time) && new Date(time).toISOString() === text ? time : Number.NaN;
}

function otherType(column: string, value: unknown, expected: string): never {
  if (value === null || value === undefined) return missing(column);
  throw new IntegrityError(
    `A row holds ${typeof value} in column ${column}, expected ${expected}. The rows are not those of an archive.`,
  );
}

function missing(column: string): never {
  throw new IntegrityError(`A row has no value in column ${column}. The rows are not those of an archive.`);
}
