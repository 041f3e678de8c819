/** The archive of the small export, signed, as tests that tamper with it begin: what each changes, and what a check then finds. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestKey, noteKey } from '../../../lambda/export/domain/keys';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import type { Finding, FindingKind } from '../../../tools/cases-audit/verify/findings';
import type { VerifySummary } from '../../../tools/cases-audit/verify/summary';
import { saveFiles, scratchOfFile } from '../../support/scratch';
import { answerOf, NOW } from './command-line';
import {
  copyOf,
  DOMAIN,
  exportModel,
  type Files,
  type ModelCommit,
  newSigner,
  type RenderOptions,
  render,
  type Signer,
} from './signed-archive';

/** Changes the model, from which all hashes are made anew. */
export type ModelChange = (commits: ModelCommit[]) => void;

interface VerifyOptions {
  /** Whose keys are given; that of the archive's signer by default. */
  readonly signers?: readonly Signer[];
  readonly args?: readonly string[];
  readonly now?: number;
}

/** For the tests of this file: one archive of eight commits, exported before them. */
export function soundArchiveOfFile(change: ModelChange = () => undefined) {
  const scratch = scratchOfFile();
  const signer = newSigner();
  let commits: ModelCommit[];
  let sound: Files;
  beforeAll(async () => {
    commits = await exportModel();
    change(commits);
    sound = await render(commits, { signers: () => [signer] });
  });

  const bytesOf = (key: string) => sound.get(key) as Uint8Array;
  const textOf = (key: string) => Buffer.from(bytesOf(key)).toString();
  const manifestOf = (seq: number) => JSON.parse(textOf(manifestKey(DOMAIN, seq))) as Manifest;

  /** A file with the public key. */
  const keyFile = ({ pem }: Signer): string => {
    const file = join(scratch.emptyFolder(), 'key.pem');
    writeFileSync(file, pem);
    return file;
  };
  const folderOf = (files: Files): string => {
    const folder = join(scratch.emptyFolder(), 'archive');
    saveFiles(folder, files);
    return folder;
  };

  return {
    scratch,
    keyFile,
    folderOf,
    signer,
    /** The model, which no test changes. */
    get commits() {
      return commits;
    },
    /** All files, each commit signed by `signer`. */
    get sound() {
      return sound;
    },
    bytesOf,
    textOf,
    /** Of a note: its text, and the lines of its signatures. */
    halvesOf: (seq: number) => textOf(noteKey(DOMAIN, seq)).split(/(?<=\n\n)/) as [string, string],
    manifestOf,
    /** The lists of cases as they were written, for manifests that keep them whatever becomes of the rows. */
    casesOf: () => new Map(commits.map(({ manifest: { seq } }) => [seq, manifestOf(seq).cases] as const)),
    /** The sound files with some of them changed: hashes stay as they were. */
    changed(alter: (files: Files) => void): Files {
      const files = new Map(sound);
      alter(files);
      return files;
    },
    without: (...keys: string[]): Files => new Map([...sound].filter(([key]) => !keys.includes(key))),
    /** The model changed and all hashes made anew; signed by `signer` unless the options say otherwise. */
    forged(alter: ModelChange, options: RenderOptions = { signers: () => [signer] }): Promise<Files> {
      const copy = copyOf(commits);
      alter(copy);
      return render(copy, options);
    },
    stateFile: () => join(scratch.emptyFolder(), 'state.json'),
    verify(files: Files = sound, { signers = [signer], args = [], now = NOW }: VerifyOptions = {}) {
      const keys = signers.flatMap((each) => ['--key', keyFile(each)]);
      return answerOf<VerifySummary>(['verify', '--offline', folderOf(files), ...keys, ...args], { now });
    },
  };
}

/** A finding of the small domain; words as a text are the whole of them. */
export function finding(kind: FindingKind, commit: number, key: string | null, words: string | RegExp): Finding {
  return {
    kind,
    domain: DOMAIN,
    commit,
    key,
    words: typeof words === 'string' ? words : expect.stringMatching(words),
  };
}

/** A contradiction, and these findings among whatever else was found. */
export function expectFound({ exitCode, findings }: VerifySummary, ...expected: Finding[]): void {
  expect({ exitCode, findings }).toEqual({ exitCode: 1, findings: expect.arrayContaining(expected) });
}

/** One commit of a model. */
export function at(commits: readonly ModelCommit[], seq: number): ModelCommit {
  return commits[seq - 1] as ModelCommit;
}

/** Sets members of one manifest of a model. */
export function inManifest(
  seq: number,
  change: Partial<Manifest> | ((manifest: Manifest) => Partial<Manifest>),
): ModelChange {
  return (commits) => {
    const { manifest } = at(commits, seq);
    Object.assign(manifest, typeof change === 'function' ? change(manifest) : change);
  };
}

/** The model of another domain, otherwise the same. */
export function asDomain(domainId: string): ModelChange {
  return (commits) => {
    for (const { manifest, fields } of commits) {
      manifest.domainId = domainId;
      if (fields !== null) Object.assign(fields, { domainId });
    }
  };
}

/** As after a replay, which the small export never makes: nothing stands against its periods. */
export const nothingQuarantined: ModelChange = (commits) => {
  for (const { manifest } of commits) manifest.openQuarantine = 0;
};

/** A chain of so many quiet commits that whoever presses a key while it is checked does so before the end. */
export async function saveLongChain(folder: string): Promise<void> {
  const first = at(await exportModel(), 1);
  const chain = Array.from({ length: 4_000 }, (_, index) => {
    const manifest = { ...first.manifest, seq: index + 1, counts: { ...first.manifest.counts, rows: 0 } };
    return { ...first, rows: [], fields: null, manifest };
  });
  saveFiles(folder, await render(chain));
}
