/**
 * The note of a commit: twelve lines from its manifest, to be signed, mailed, mirrored and filed. It holds no case id
 * and no value. Its shape is that of C2SP signed-note: text, an empty line, signature lines. A note without signature
 * lines is also whole.
 */

import { RETRY_CAUSES } from './case-items';
import { historyOf } from './completeness';
import { IntegrityError } from './errors';
import { domainInKeys } from './keys';
import type { Manifest } from './manifest';

const FIRST_LINE = 'connect-cases-audit-export/commit/v1';
const NO_PREVIOUS = '0'.repeat(64);
/** Stands for a time not reached yet, or a member that an earlier build did not write. */
const NONE = 'none';
const UNKNOWN = '-';

/** Names of the lines after the first, in their order. */
const LINES = [
  'domain',
  'commit',
  'previous',
  'manifest',
  'cases',
  'exported',
  'live',
  'related',
  'history',
  'gaps',
  'half-read',
  'quarantine',
] as const;

/** The lines of a note as text, by their names. */
export type NoteLines = Readonly<Record<(typeof LINES)[number], string>>;

/** One signature of a note. */
interface NoteSignature {
  /** The key's name, as its signer calls it. No signature covers it: never trust it. */
  readonly name: string;
  /** First 4 bytes of the SHA-256 of the key's SubjectPublicKeyInfo, 8 lower-case hex digits. */
  readonly keyId: string;
  /** DER for the exporter's own keys. */
  readonly signature: Uint8Array;
}

export interface Note {
  /** The signed text, including its last newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/**
 * The text of a commit's note, the same for ever for the same manifest. Each line is a name, a blank and
 * - `domain`: the id, as the archive's keys hold it; `commit`: its number, plain decimal
 * - `previous`: `previousSha256`, 64 zeros for the first; `manifest`: SHA-256 of the manifest's bytes
 * - `cases`: count and SHA-256 of `Manifest.cases`; `0 -` without cases, `- -` where the manifest has no `cases`
 * - `exported`: `exportedAt`; `live`, `related`: the lane's watermark, ISO 8601 with milliseconds and `Z`, or `none`
 * - `history`: `complete` iff the backfill is finished and left nothing out, by the rule of `judgePeriod` (under the
 *   account of debts,
 * without EXPORT_FROM, every counted case found); else the time up to which it has gone through the cases by their
 * creation: the
 *   start of a finished scan that left something out, the resume point of one under way; else `none`
 * - `gaps`: open entries of the retry list, also those that the manifest has no room to name; `half-read`: cases saved
 *   partly read;
 *   `quarantine`: quarantined events that no row holds. `-` where the manifest does not say.
 *
 * @param manifestSha256 of the manifest's bytes, lower-case hex.
 */
export function noteText(manifest: Manifest, manifestSha256: string): string {
  const { lanes } = manifest;
  const lines: NoteLines = {
    domain: domainInKeys(manifest.domainId),
    commit: String(manifest.seq),
    previous: manifest.previousSha256 ?? NO_PREVIOUS,
    manifest: manifestSha256,
    cases: casesLine(manifest.cases),
    exported: manifest.exportedAt,
    live: timeLine(lanes.live.watermark),
    related: timeLine(lanes.related.watermark),
    history: historyLine(manifest),
    gaps: String(gapCount(manifest)),
    'half-read': String(manifest.halfRead?.length ?? UNKNOWN),
    quarantine: String(manifest.openQuarantine),
  };
  return [FIRST_LINE, ...LINES.map((name) => `${name} ${lines[name]}`), ''].join('\n');
}

function casesLine(cases: Manifest['cases']): string {
  if (cases === undefined) return `${UNKNOWN} ${UNKNOWN}`;
  return `${cases.count} ${cases.count === 0 ? UNKNOWN : cases.sha256}`;
}

function timeLine(time: number | null): string {
  return time === null ? NONE : new Date(time).toISOString();
}

function historyLine(manifest: Manifest): string {
  const { isFinished, from, casesNotFound, reached } = historyOf(manifest);
  const isComplete = isFinished && from === null && (casesNotFound ?? 0) === 0;
  return isComplete ? 'complete' : timeLine(reached);
}

const RETRIED: ReadonlySet<string> = new Set(RETRY_CAUSES);

/** The account counts every entry of the retry list; manifests without an account name all of their entries. */
function gapCount({ gaps, debts }: Manifest): number {
  if (debts === undefined) return gaps.length;
  return debts.filter(({ cause }) => RETRIED.has(cause)).reduce((sum, { cases }) => sum + cases, 0);
}

/**
 * Parses the lines of a note's text.
 * @throws IntegrityError unless it is the text of a commit's note in this version: its first line, then every line, in
 * order.
 */
export function parseNoteText(text: string): NoteLines {
  const [first = '', ...rest] = text.split('\n');
  if (first !== FIRST_LINE) {
    throw malformed(`its first line is not "${FIRST_LINE}". It is no note of this exporter, or of a newer version`);
  }
  const lines: Partial<Record<(typeof LINES)[number], string>> = {};
  for (const [index, name] of LINES.entries()) {
    const line = rest[index] ?? '';
    if (!line.startsWith(`${name} `)) throw malformed(`line ${index + 2} does not begin with "${name} "`);
    lines[name] = line.slice(name.length + 1);
  }
  if (rest.length !== LINES.length + 1 || rest.at(-1) !== '') {
    throw malformed(`its text does not end after line ${LINES.length + 1}`);
  }
  return lines as NoteLines;
}

/** Builds the bytes of a note. `signatureLines` are those of `signatureLine`; without any the note is unsigned. */
export function signedNote(text: string, signatureLines: readonly string[]): Uint8Array {
  return Buffer.from(`${text}\n${signatureLines.join('')}`);
}

const DASH = '\u2014';
const KEY_ID_BYTES = 4;

/**
 * `— <name> <base64(key id ‖ signature)>` and a newline.
 * @throws RangeError for a name that is empty or holds a blank or `+`, and for a key id that is not 8 lower-case hex
 * digits.
 */
export function signatureLine(name: string, keyId: string, derSignature: Uint8Array): string {
  if (!isKeyName(name)) throw new RangeError('A key name is not empty and holds no blank, control character or "+"');
  if (!/^[0-9a-f]{8}$/.test(keyId)) throw new RangeError('A key id is 8 lower-case hex digits');
  const payload = Buffer.concat([Buffer.from(keyId, 'hex'), derSignature]);
  return `${DASH} ${name} ${payload.toString('base64')}\n`;
}

function isKeyName(name: string): boolean {
  return /^[^\s\p{Cc}\p{Z}+]+$/u.test(name);
}

const MAX_NOTE_BYTES = 1_000_000;

/**
 * Takes a note apart without verifying it. It keeps signatures of every key, because the verifier decides which keys it
 * knows; all of them may be unknown.
 * @throws IntegrityError, with the reason and at most names and numbers of the note, if the bytes are not a note: too
 * long, not UTF-8, a control character, truncated, no empty line, or a line below it without the shape of a signature.
 */
export function parseNote(bytes: Uint8Array): Note {
  const whole = decode(bytes);
  const split = whole.lastIndexOf('\n\n');
  if (split < 0) {
    throw malformed('there is no empty line between its text and its signatures. It was cut off, or it is no note');
  }
  if (!whole.endsWith('\n')) throw malformed('its last line has no end. It was cut off, or something was added to it');
  const lines = whole.slice(split + 2, -1).split('\n');
  const signatures = whole.length === split + 2 ? [] : lines.map(parseSignature);
  return { text: whole.slice(0, split + 1), signatures };
}

function decode(bytes: Uint8Array): string {
  if (bytes.length > MAX_NOTE_BYTES)
    throw malformed(`it has ${bytes.length} bytes, expected ${MAX_NOTE_BYTES} at most`);
  const text = Buffer.from(bytes).toString('utf8');
  if (!Buffer.from(text).equals(bytes)) throw malformed('it is not UTF-8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) throw malformed('it holds a control character');
  return text;
}

function parseSignature(line: string, index: number): NoteSignature {
  const [dash, name = '', base64 = '', ...more] = line.split(' ');
  const payload = Buffer.from(base64, 'base64');
  const isSignature =
    dash === DASH &&
    isKeyName(name) &&
    more.length === 0 &&
    payload.length > KEY_ID_BYTES &&
    payload.toString('base64') === base64;
  if (!isSignature) {
    throw malformed(`line ${index + 1} below the empty line is not "${DASH} <name> <base64>"`);
  }
  return {
    name,
    keyId: payload.subarray(0, KEY_ID_BYTES).toString('hex'),
    signature: new Uint8Array(payload.subarray(KEY_ID_BYTES)),
  };
}

function malformed(what: string): IntegrityError {
  return new IntegrityError(`The note is malformed: ${what}. Compare it with a copy that somebody else holds.`);
}
