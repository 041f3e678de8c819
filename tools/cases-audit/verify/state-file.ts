/** What a check leaves for the next one: where each domain stood, so that nothing can be taken back unseen and only what is new is read. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import * as z from 'zod';
import { WrongCallError } from '../outcome';

const FORMAT = 'cases-audit-state/v1';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.int().nullable();

/** What a commit hands to the next one, as far as it is checked: within a check, and between two. */
export type Carry = z.output<typeof carry>;
const carry = z.object({
  seq: z.int().min(1),
  /** SHA-256 of the manifest. */
  sha256,
  exportDate: z.string(),
  exportedAt: z.string(),
  live: time,
  provenUntil: time,
  related: time,
  openQuarantine: z.int(),
  /** Ids of the cases that are named as gaps, with since when; null where the manifest has no room to name all. */
  gaps: z.record(z.string(), z.string()).nullable(),
  /** A note stood beside this commit or one before: so one has to stand beside each that follows. */
  hasNotes: z.boolean(),
});

/** The newest commit that a trusted key has signed. */
export type SignedThrough = z.output<typeof signedThrough>;
const signedThrough = z.object({ seq: z.int(), exportedAt: z.string(), keyIds: z.array(z.string()).readonly() });

const stateJson = z.object({
  format: z.literal(FORMAT),
  checkedAt: z.string(),
  domains: z.record(
    z.string(),
    z.object({
      domain: z.string(),
      carry,
      signed: signedThrough.nullable(),
      /** SHA-256 of keys that signed commits introduced. */
      introduced: z.array(sha256),
    }),
  ),
});

/** By the domain as keys name it. */
export type HeldState = z.output<typeof stateJson>;
export type HeldDomain = HeldState['domains'][string];

/**
 * Null where there is no such file yet.
 * @throws WrongCallError if the file is no state: it is never overwritten then.
 */
export function readStateFile(path: string): HeldState | null {
  if (!existsSync(path)) return null;
  return parseState(`--state ${path}`, () => readFileSync(path, 'utf8'));
}

/**
 * The state in a text, wherever that lies.
 * @param where names the place in a message.
 * @throws WrongCallError if it is no state.
 */
export function parseState(where: string, read: () => string): HeldState {
  let json: unknown;
  try {
    json = JSON.parse(read());
  } catch (error) {
    throw refused(where, 'it cannot be read as JSON', error);
  }
  const { data, error } = stateJson.safeParse(json);
  if (data !== undefined) return data;
  throw refused(where, `its member ${error.issues[0]?.path.join('.') || '(all)'} is not as expected`, error);
}

/** The text of a state, as `parseState` reads it. */
export function stateText(state: Omit<HeldState, 'format'>): string {
  return `${JSON.stringify({ format: FORMAT, ...state }, null, 1)}\n`;
}

/** Replaces the file whole or not at all: whoever reads it meanwhile sees the one before. */
export function replaceStateFile(path: string, state: Omit<HeldState, 'format'>): void {
  const temporary = `${path}.${process.pid}.new`;
  try {
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeSync(file, stateText(state));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const why = error instanceof Error ? error.message : String(error);
    throw new WrongCallError(`--state ${path} could not be written: ${why}`, { cause: error });
  }
}

function refused(where: string, why: string, cause: unknown): WrongCallError {
  return new WrongCallError(
    `${where} is no state of an earlier check: ${why}; expected a file that "cases-audit verify" wrote (${FORMAT}), or none yet. It was left as it is.`,
    { cause },
  );
}
