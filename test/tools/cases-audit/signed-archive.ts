/**
 * A small archive as a model: rows, quarantine and manifests of a few commits, exported by the exporter's own code, from which every byte
 * follows. A test alters files (then hashes stay), or the model (then all hashes are made anew), and says who signs.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { ParquetWriter } from 'parquetjs-lite';
import { caseList, SEED_METADATA_KEY } from '../../../lambda/export/domain/case-slice';
import type { FieldChange } from '../../../lambda/export/domain/columns';
import { noteText, parseNote, signatureLine, signedNote } from '../../../lambda/export/domain/commit-note';
import {
  fieldChangesKey,
  fieldsKey,
  manifestKey,
  noteKey,
  noteKeyPem,
  quarantineKey,
} from '../../../lambda/export/domain/keys';
import type { Manifest, ManifestObject } from '../../../lambda/export/domain/manifest';
import { type NoteKey, noteKeyOf, toPem } from '../../../lambda/export/domain/note-keys';
import type { QuarantinedEvent, ReplayedEvent } from '../../../lambda/export/domain/quarantine';
import { sha256, toJsonBytes } from '../../../lambda/export/domain/stored-form';
import {
  appendRows,
  ByteSink,
  parquetSchema,
  soundStatistics,
  WRITER_OPTIONS,
} from '../../../lambda/export/parquet/encode';
import { readRows } from '../../../lambda/export/parquet/read-back';
import { exportSmallDomain } from './small-export';

export { DOMAIN } from './small-export';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Of one commit: what its bytes follow from. */
export interface ModelCommit {
  /** Hashes, `objects`, `cases` and `previousSha256` are made when files are. */
  manifest: Writable<Manifest>;
  rows: Writable<FieldChange>[];
  quarantine: { events: QuarantinedEvent[]; replayed: ReplayedEvent[] } | null;
  fields: Record<string, unknown> | null;
  seed: Buffer;
}

export interface Signer {
  readonly name: string;
  readonly key: NoteKey;
  readonly pem: string;
  sign(text: string): Uint8Array;
}

export function newSigner(name = 'connect-cases-audit-export/test'): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return signerOf(name, publicKey, privateKey);
}

function signerOf(name: string, publicKey: KeyObject, privateKey: KeyObject): Signer {
  const key = noteKeyOf(publicKey.export({ type: 'spki', format: 'der' }));
  return {
    name,
    key,
    pem: toPem(key),
    sign: (text) => sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'der' }),
  };
}

export interface RenderOptions {
  /** Who signs the note of a commit; nobody by default. */
  readonly signers?: (seq: number) => readonly Signer[];
  /** Signature lines are taken from the notes of these files, whatever they sign. */
  readonly signaturesOf?: ReadonlyMap<string, Uint8Array>;
  /** Bytes of objects that are not made from the model, by key; their hashes are. */
  readonly replaced?: ReadonlyMap<string, Uint8Array>;
  /** The lists of case digests are those of these manifests. */
  readonly casesOf?: ReadonlyMap<number, Manifest['cases']>;
  /** As builds wrote before there were notes and lists of cases. */
  readonly withoutEvidence?: boolean;
}

/** All files of an archive, by key. */
export type Files = Map<string, Uint8Array>;

/** Makes every byte of the archive from the model: hashes, links, lists and notes fit. */
export async function render(commits: readonly ModelCommit[], options: RenderOptions = {}): Promise<Files> {
  const files: Files = new Map();
  let previous: string | null = null;
  for (const commit of commits) previous = await renderCommit(files, commit, previous, options);
  for (const seq of commits.map(({ manifest }) => manifest.seq)) {
    for (const { key, pem } of options.signers?.(seq) ?? []) files.set(noteKeyPem(key.id), Buffer.from(pem));
  }
  return files;
}

async function renderCommit(files: Files, commit: ModelCommit, previous: string | null, options: RenderOptions) {
  const { domainId, seq } = commit.manifest;
  const objects = (await objectsOf(commit, options)).map((object) => ({
    ...object,
    bytes: options.replaced?.get(object.key) ?? object.bytes,
  }));
  for (const { key, bytes } of objects) files.set(key, bytes);
  const manifest: Writable<Manifest> = {
    ...commit.manifest,
    previousSha256: previous,
    objects: objects.map(({ key, bytes, facts }) => ({ key, sha256: sha256(bytes), bytes: bytes.length, ...facts })),
  };
  const signers = options.signers?.(seq) ?? [];
  if (options.withoutEvidence === true) {
    delete (manifest as { cases?: unknown }).cases;
    delete (manifest as { signingKeys?: unknown }).signingKeys;
  } else {
    const list = caseList({ domainId, seq, seed: commit.seed }, commit.rows, commit.quarantine?.events ?? []);
    const kept = options.casesOf?.get(seq);
    manifest.cases = kept ?? list;
    if (signers.length > 0) manifest.signingKeys = signers.map(({ key }) => key.sha256);
  }
  const bytes = toJsonBytes(manifest);
  files.set(manifestKey(domainId, seq), bytes);
  if (options.withoutEvidence === true) return sha256(bytes);
  const text = noteText(manifest, sha256(bytes));
  const lines = signers.map((signer) => signatureLine(signer.name, signer.key.id, signer.sign(text)));
  const before = options.signaturesOf?.get(noteKey(domainId, seq));
  const kept = before === undefined ? [] : parseNote(before).signatures;
  const keptLines = kept.map(({ name, keyId, signature }) => signatureLine(name, keyId, signature));
  files.set(noteKey(domainId, seq), signedNote(text, [...lines, ...keptLines]));
  return sha256(bytes);
}

type Rendered = { readonly key: string; readonly bytes: Uint8Array; readonly facts?: Partial<ManifestObject> };

async function objectsOf(
  { manifest, rows, quarantine, fields, seed }: ModelCommit,
  { withoutEvidence }: RenderOptions,
) {
  const { domainId, seq, exportDate } = manifest;
  const salt = withoutEvidence === true ? {} : { caseSalt: seed.toString('hex') };
  const objects: Rendered[] = [];
  if (rows.length > 0) {
    const facts = {
      rows: rows.length,
      firstPerformedTime: rows[0]?.performed_time.toISOString() ?? '',
      lastPerformedTime: rows.at(-1)?.performed_time.toISOString() ?? '',
    };
    const bytes = await rowFile(rows, manifest, withoutEvidence === true ? null : seed);
    objects.push({ key: fieldChangesKey(domainId, exportDate, seq), bytes, facts });
  }
  if (quarantine !== null) {
    const bytes = toJsonBytes({ version: 1, domainId, seq, ...quarantine, ...salt });
    objects.push({ key: quarantineKey(domainId, seq), bytes });
  }
  if (fields !== null) objects.push({ key: fieldsKey(domainId, seq), bytes: toJsonBytes(fields) });
  return objects;
}

/** As the exporter writes it, with the seed of the commit's case digests. */
export async function rowFile(
  rows: readonly FieldChange[],
  manifest: Manifest,
  seed: Uint8Array | null,
): Promise<Uint8Array> {
  const { domainId, exportDate, exportedAt, runId, seq } = manifest;
  const statistics = soundStatistics(new Set(['case_id', 'event_id']));
  const sink = new ByteSink();
  const writer = await ParquetWriter.openStream(parquetSchema(statistics), sink, WRITER_OPTIONS);
  writer.setMetadata('domain_id', domainId);
  writer.setMetadata('export_date', exportDate);
  if (seed !== null) writer.setMetadata(SEED_METADATA_KEY, Buffer.from(seed).toString('hex'));
  const commit = { exported_at: new Date(exportedAt), run_id: runId, commit_seq: seq };
  await appendRows(writer, rows, commit, WRITER_OPTIONS, statistics);
  await writer.close();
  return sink.bytes();
}

/** The model of a few commits, with a quarantined event, a case that is gone, and a quiet commit. Each call makes another. */
export async function exportModel(): Promise<ModelCommit[]> {
  const { objects } = await exportSmallDomain();
  const { archive } = objects.buckets;
  const commits: ModelCommit[] = [];
  for (const key of objects.keys('archive', 'manifests/')) {
    const manifest = json(archive.get(key)) as unknown as Writable<Manifest>;
    const { domainId, seq, exportDate } = manifest;
    const { events, replayed } = json(archive.get(quarantineKey(domainId, seq))) as never as NonNullable<
      ModelCommit['quarantine']
    >;
    commits.push({
      manifest,
      rows: await rowsIn(archive.get(fieldChangesKey(domainId, exportDate, seq))),
      quarantine: events === undefined ? null : { events, replayed },
      fields: archive.has(fieldsKey(domainId, seq)) ? json(archive.get(fieldsKey(domainId, seq))) : null,
      seed: createHash('sha256').update(`seed of ${seq}`).digest(),
    });
  }
  return commits;
}

function json(bytes: Uint8Array | undefined): Record<string, unknown> {
  return bytes === undefined ? {} : (JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>);
}

async function rowsIn(bytes: Uint8Array | undefined): Promise<Writable<FieldChange>[]> {
  if (bytes === undefined) return [];
  const rows = await readRows(bytes);
  return rows.map(({ exported_at, run_id, commit_seq, ...row }) => row as unknown as Writable<FieldChange>);
}

/** A copy that a test may alter. */
export function copyOf(commits: readonly ModelCommit[]): ModelCommit[] {
  return commits.map(({ manifest, rows, quarantine, fields, seed }) => ({
    ...(JSON.parse(JSON.stringify({ manifest, quarantine, fields })) as Pick<
      ModelCommit,
      'manifest' | 'quarantine' | 'fields'
    >),
    rows: rows.map((row) => ({ ...row, performed_time: new Date(row.performed_time.getTime()) })),
    seed: Buffer.from(seed),
  }));
}
