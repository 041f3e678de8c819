/**
 * The manifests of a domain, and what the one checker (`cases-audit verify`) has against them and the bytes of every
 * file.
 */
import type * as z from 'zod';
import { IntegrityError } from '../../lambda/export/domain/errors';
import { DICTIONARY, type FieldDefinition, type StoredDictionary } from '../../lambda/export/domain/fields';
import { MANIFEST, type Manifest } from '../../lambda/export/domain/manifest';
import { QUARANTINE } from '../../lambda/export/domain/quarantine';
import { readStored, type Stored, type StoredForm, sha256 } from '../../lambda/export/domain/stored-form';
import type { Archive } from '../cases-audit/archive/archive';
import { commitsBelow } from '../cases-audit/archive/manifests';
import { ABOUT_SIGNATURES, type Finding } from '../cases-audit/verify/findings';
import { mapInOrder } from '../cases-audit/verify/in-order';
import type { VerifyResult } from '../cases-audit/verify/verify-archive';
import type { CaseQuarantine, CommitFacts, DomainEvidence } from './facts';

const FETCHES_AT_ONCE = 32;

export type DomainCommit = CommitFacts & { readonly domainId: string };

/**
 * What manifests and the checker's answer say of a domain. Signatures are not looked at. `wordsOf` makes a sentence of
 * each problem.
 */
export function evidenceOf(
  partition: string,
  commits: readonly DomainCommit[],
  { findings, domains }: Pick<VerifyResult, 'findings' | 'domains'>,
  wordsOf: (finding: Finding) => string = ({ words }) => words,
): DomainEvidence {
  const filesChecked = domains.reduce((sum, { objects }) => sum + objects, 0);
  const problems = findings.kept.filter(({ kind }) => !ABOUT_SIGNATURES.has(kind)).map(wordsOf);
  return { domainId: commits.at(-1)?.domainId ?? partition, commits, filesChecked, problems };
}

/**
 * By number. Manifests that cannot be read are the checker's to report. Rejects with ArchiveError where the store
 * refuses or fails.
 */
export async function readCommits(archive: Archive, partition: string): Promise<DomainCommit[]> {
  const commits: DomainCommit[] = [];
  const keys = commitsBelow(archive, `manifests/domain_id=${partition}/`);
  const found = mapInOrder(keys, FETCHES_AT_ONCE, ({ key }) => readCommit(archive, key));
  for await (const commit of found) if (commit !== null) commits.push(commit);
  return commits.sort((a, b) => a.seq - b.seq);
}

async function readCommit(archive: Archive, key: string): Promise<DomainCommit | null> {
  const stored = await archive.get(key);
  try {
    return stored === null ? null : commitOf(key, stored.bytes);
  } catch (error) {
    if (error instanceof IntegrityError) return null;
    throw error;
  }
}

/**
 * What the quarantines of these commits hold of a case. Files that are missing or altered are the checker's to report.
 */
export async function readQuarantine(
  archive: Archive,
  commits: readonly CommitFacts[],
  caseId: string,
): Promise<CaseQuarantine> {
  const open = new Set<string>();
  const settled = new Set<string>();
  let altered = 0;
  for (const { key } of commits.flatMap(({ objects }) => objects).filter((object) => isOf(object.key, 'quarantine'))) {
    const { seq, events = [], replayed = [] } = (await readIfSound(QUARANTINE, archive, key)) ?? {};
    for (const event of events) {
      if (event.caseId !== caseId) continue;
      if (event.emitted) altered += 1;
      else open.add(`${seq}|${event.eventKey}`);
    }
    for (const event of replayed) {
      if (event.caseId === caseId) settled.add(`${event.quarantinedIn}|${event.eventKey}`);
    }
  }
  return { open: [...open].filter((key) => !settled.has(key)).length, altered };
}

/** What the bytes of a manifest say. @throws IntegrityError with key and reason if they are none. */
export function commitOf(key: string, bytes: Uint8Array): DomainCommit {
  return commitFacts(key, sha256(bytes), readStored(MANIFEST, key, bytes));
}

function commitFacts(key: string, hash: string, manifest: Manifest) {
  const { live, related, sweep } = manifest.lanes;
  return {
    domainId: manifest.domainId,
    seq: manifest.seq,
    key,
    sha256: hash,
    exportedAt: manifest.exportedAt,
    liveProvenUntil: live.provenUntil,
    relatedWatermark: related.watermark,
    sweep: sweep && {
      number: sweep.number,
      isHistory: sweep.purpose === 'history',
      startedAt: sweep.startedAt,
      finishedAt: sweep.finishedAt,
      exportFrom: sweep.exportFrom,
    },
    objects: manifest.objects,
    gaps: new Map(manifest.gaps.map(({ caseId, ...gap }) => [caseId, gap])),
    halfRead: new Set(manifest.halfRead?.map(({ caseId }) => caseId)),
    waiting: new Set(manifest.waiting?.map(({ caseId }) => caseId)),
    debts: manifest.debts ?? null,
    history: manifest.history ?? null,
    unexplainedTouches: manifest.unexplainedTouches ?? 0,
    changedUpstream: new Set(manifest.changedUpstream),
    gone: new Set(manifest.gone),
  };
}

function isOf(key: string, kind: string): boolean {
  return key.startsWith(`${kind}/`) && !key.split('/').includes('..');
}

/** The object at this key; undefined if there is none, or it cannot be read as this form. */
export async function readIfSound<Schema extends z.ZodType>(
  form: StoredForm<Schema>,
  archive: Archive,
  key: string,
): Promise<Stored<Schema> | undefined> {
  const stored = await archive.get(key);
  if (stored === null) return undefined;
  try {
    return readStored(form, key, stored.bytes);
  } catch (error) {
    if (error instanceof IntegrityError) return undefined;
    throw error;
  }
}

/** Null and undefined where nobody knows a name. */
export interface Dictionary {
  /** As the newest file says. */
  fieldNow(fieldId: string): FieldDefinition | undefined;
  /** What a select value was called when the commit was made. */
  label(fieldId: string, value: string, commitSeq: number): string | null;
  /** As the newest file that knows it says. */
  templateName(templateId: string): string | null;
}

/** Reads what the manifests list; a file that is missing or cannot be read leaves its names unknown. */
export async function readDictionary(archive: Archive, commits: readonly CommitFacts[]): Promise<Dictionary> {
  const contents: StoredDictionary[] = [];
  for (const { key } of commits.flatMap(({ objects }) => objects)) {
    if (!isOf(key, 'fields')) continue;
    const content = await readIfSound(DICTIONARY, archive, key);
    if (content !== undefined) contents.push(content);
  }
  return dictionaryOf(contents);
}

/** Of what the files hold, in any order. */
export function dictionaryOf(contents: readonly StoredDictionary[]): Dictionary {
  const files = [...contents]
    .sort((a, b) => a.seq - b.seq)
    .map(({ seq, fields, options, templates }) => ({
      seq,
      fields: new Map(fields.map((field) => [field.fieldId, field])),
      labels: new Map(
        options?.flatMap(({ fieldId, options: values }) =>
          (values ?? []).map(({ value, name }) => [labelKey(fieldId, value), name] as const),
        ),
      ),
      templates: new Map(templates?.templates?.map(({ templateId, name }) => [templateId, name])),
    }));
  return {
    fieldNow: (fieldId) => files.at(-1)?.fields.get(fieldId),
    label: (fieldId, value, commitSeq) =>
      files.findLast(({ seq }) => seq <= commitSeq)?.labels.get(labelKey(fieldId, value)) ?? null,
    templateName: (templateId) =>
      files.findLast(({ templates }) => templates.get(templateId))?.templates.get(templateId) ?? null,
  };
}

function labelKey(fieldId: string, value: string): string {
  return JSON.stringify([fieldId, value]);
}
