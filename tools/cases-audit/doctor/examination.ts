/** What one call of doctor examines: the names, the domains, and what several checks ask only once. */

import { domainInKeys } from '../../../lambda/export/domain/keys';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import type { NoteKey } from '../../../lambda/export/domain/note-keys';
import { sha256 } from '../../../lambda/export/domain/stored-form';
import type { DeployConfig } from '../../../lib/config/config';
import { type Archive, ArchiveError, type Checkpoints } from '../archive/archive';
import { manifestKeyIn, noteKeyIn } from '../archive/archive-keys';
import { isUnread, manifestIn, newestBelow } from '../archive/manifests';
import { InterruptedError } from '../outcome';
import type { Account, DeployedFunction } from './account';

/** Names by the outputs of a stack or by flags; null for what neither names. */
export interface Names {
  readonly stack: string | null;
  readonly bucket: string | null;
  readonly table: string | null;
  readonly database: string | null;
  readonly workgroup: string | null;
  readonly refresh: string | null;
  readonly verifyFunction: string | null;
  readonly signingKeys: readonly string[];
  /** Functions of the exporters, by the output that names them. */
  readonly exporters: readonly { readonly output: string; readonly name: string }[];
}

/** The newest commit as its manifest and note are. */
export interface NewestCommit {
  readonly manifest: Manifest;
  /** Of the manifest's bytes, lower-case hex. */
  readonly sha256: string;
  /** Null where there is none. */
  readonly note: Uint8Array | null;
}

export interface ExaminationParts {
  readonly account: Account;
  readonly names: Names;
  /** Null where no bucket is named. */
  readonly archive: Archive | null;
  readonly checkpoints: Checkpoints | null;
  /** Ids of the domains that are examined. */
  readonly domains: readonly string[];
  readonly exporterOf: ReadonlyMap<string, string>;
  /** Functions of which nobody says what they export: they are not examined. */
  readonly unresolved: readonly string[];
  readonly config: DeployConfig | null;
  /** Public keys that the caller got another way than from the account. */
  readonly pinned: readonly NoteKey[];
  readonly now: () => number;
  /** Fires when somebody presses Ctrl-C. */
  readonly signal: AbortSignal;
  /** Epoch ms: no longer is anything waited for. */
  readonly waitUntil: number;
  /** Resolves after so many ms, or when the signal fires. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Answers that several checks share. A rejected one is asked again by the next. */
export class Examination {
  readonly #functions = new Map<string, Promise<DeployedFunction>>();
  readonly #newest = new Map<string, Promise<NewestCommit | null>>();
  readonly #once = new Map<string, Promise<unknown>>();
  readonly #waiting = new AbortController();

  readonly account;
  readonly names;
  readonly archive;
  readonly checkpoints;
  readonly unresolved;
  readonly domains;
  readonly config;
  readonly pinned;
  readonly signal;
  readonly now;

  constructor(private readonly parts: ExaminationParts) {
    this.account = parts.account;
    this.names = parts.names;
    this.archive = parts.archive;
    this.checkpoints = parts.checkpoints;
    this.unresolved = parts.unresolved;
    this.domains = parts.domains;
    this.config = parts.config;
    this.pinned = parts.pinned;
    this.signal = parts.signal;
    this.now = parts.now;
  }

  /** Fires when nobody waits for an answer any more. */
  get waiting(): AbortSignal {
    return AbortSignal.any([this.#waiting.signal, this.signal]);
  }

  /** Lets go of every answer that is still awaited. */
  close(): void {
    this.#waiting.abort();
  }

  /** Waits a moment; false, and no wait, once the time for waiting is over. Rejects with InterruptedError. */
  async pause(ms: number): Promise<boolean> {
    const left = this.parts.waitUntil - this.now();
    if (left <= 0) return false;
    await this.parts.sleep(Math.min(ms, left), this.signal);
    if (this.signal.aborted) throw new InterruptedError();
    return true;
  }

  /** What is done once in a call, whatever comes of it. */
  once<T>(what: string, work: () => Promise<T>): Promise<T> {
    const done = (this.#once.get(what) as Promise<T> | undefined) ?? work();
    this.#once.set(what, done);
    return done;
  }

  /** Name of the domain's function; null where nothing names it. */
  exporterOf(domainId: string): string | null {
    return this.parts.exporterOf.get(domainId) ?? null;
  }

  functionNamed(name: string): Promise<DeployedFunction> {
    return shared(this.#functions, name, () => this.account.functionNamed(name));
  }

  /** Null without a commit. */
  newest(domainId: string): Promise<NewestCommit | null> {
    return shared(this.#newest, domainId, () => this.#readNewest(domainId));
  }

  /** A commit may have come: the next question reads again. */
  forgetNewest(domainId: string): void {
    this.#newest.delete(domainId);
  }

  /** The newest commit that has rows; null if none has. */
  async newestWithRows(domainId: string): Promise<Manifest | null> {
    const partition = domainInKeys(domainId);
    return this.#manifest(partition, await newestBelow(this.#archive(), `field_changes/domain_id=${partition}/`));
  }

  async #readNewest(domainId: string): Promise<NewestCommit | null> {
    const archive = this.#archive();
    const partition = domainInKeys(domainId);
    const newest = await newestBelow(archive, `manifests/domain_id=${partition}/`);
    const manifest = await this.#manifest(partition, newest);
    if (manifest === null) return null;
    const [stored, note] = await Promise.all([
      archive.get(manifestKeyIn(partition, newest)),
      archive.get(noteKeyIn(partition, newest)),
    ]);
    return { manifest, sha256: sha256(stored?.bytes ?? new Uint8Array()), note: note?.bytes ?? null };
  }

  async #manifest(partition: string, seq: number): Promise<Manifest | null> {
    if (seq < 1) return null;
    const found = await manifestIn(this.#archive(), partition, seq);
    if (found !== null && isUnread(found)) throw new ArchiveError(found.problem, 'unavailable');
    return found;
  }

  #archive(): Archive {
    if (this.parts.archive === null) throw new Error('A check that needs an archive was asked without one.');
    return this.parts.archive;
  }
}

function shared<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const before = known.get(key);
  if (before !== undefined) return before;
  const answer = ask();
  known.set(key, answer);
  answer.catch(() => known.delete(key));
  return answer;
}
