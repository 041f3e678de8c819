/** The manifests of a domain, read and checked as an auditor would: numbers, links, and the bytes of every file they list. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod';
import { IntegrityError } from '../../lambda/export/domain/errors';
import { MANIFEST, type Manifest } from '../../lambda/export/domain/manifest';
import { QUARANTINE } from '../../lambda/export/domain/quarantine';
import { readStored, type Stored, type StoredForm, sha256 } from '../../lambda/export/domain/stored-form';
import type { CaseQuarantine, CommitFacts, DomainEvidence } from './facts';

/**
 * Reads all manifests of `domain_id=<partition>` and the bytes of every object that they list. Never throws for what the files
 * hold: what is missing, altered, unreadable or unlisted is a problem, named by key and number.
 */
export function readEvidence(archive: string, partition: string): DomainEvidence {
  const problems: string[] = [];
  const commits = readCommits(archive, partition, problems);
  checkChain(commits, problems);
  const filesChecked = checkObjects(archive, partition, commits, problems);
  return { domainId: commits.at(-1)?.domainId ?? partition, commits, filesChecked, problems };
}

/** What the quarantines of these commits hold of a case. Files that are missing or altered are `readEvidence`'s to report. */
export function readQuarantine(archive: string, commits: readonly CommitFacts[], caseId: string): CaseQuarantine {
  const open = new Set<string>();
  const settled = new Set<string>();
  let altered = 0;
  for (const { key } of commits.flatMap(({ objects }) => objects).filter((object) => isOf(object.key, 'quarantine'))) {
    const { seq, events = [], replayed = [] } = readIfSound(QUARANTINE, archive, key) ?? {};
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

/** The manifest with the highest number, unchecked; undefined if none can be read. */
export function newestManifest(archive: string, partition: string): Manifest | undefined {
  const prefix = `manifests/domain_id=${partition}`;
  const folder = join(archive, prefix);
  const name = existsSync(folder) ? readdirSync(folder).sort().at(-1) : undefined;
  return name === undefined ? undefined : readIfSound(MANIFEST, archive, `${prefix}/${name}`);
}

function readCommits(archive: string, partition: string, problems: string[]): (CommitFacts & { domainId: string })[] {
  const prefix = `manifests/domain_id=${partition}`;
  const folder = join(archive, prefix);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  if (names.length === 0) problems.push(`There is no manifest in ${prefix}/, so nothing proves what the files hold.`);
  return names
    .flatMap((name) => {
      try {
        return [commitOf(`${prefix}/${name}`, readFileSync(join(folder, name)))];
      } catch (error) {
        if (!(error instanceof IntegrityError)) throw error;
        problems.push(error.message);
        return [];
      }
    })
    .sort((a, b) => a.seq - b.seq);
}

/** What the bytes of a manifest say. @throws IntegrityError with key and reason if they are none. */
export function commitOf(key: string, bytes: Buffer): CommitFacts & { domainId: string } {
  return commitFacts(key, sha256(bytes), readStored(MANIFEST, key, bytes));
}

function commitFacts(key: string, hash: string, manifest: Manifest) {
  const { live, related, sweep } = manifest.lanes;
  return {
    domainId: manifest.domainId,
    seq: manifest.seq,
    key,
    sha256: hash,
    previousSha256: manifest.previousSha256,
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
    objects: manifest.objects.map((object) => ({ ...object, rows: object.rows ?? null })),
    gaps: new Map(manifest.gaps.map(({ caseId, ...gap }) => [caseId, gap])),
    halfRead: new Set(manifest.halfRead?.map(({ caseId }) => caseId)),
    waiting: new Set(manifest.waiting?.map(({ caseId }) => caseId)),
    debts: manifest.debts ?? null,
    history: manifest.history ?? null,
    unexplainedTouches: manifest.unexplainedTouches ?? 0,
    changedUpstream: new Set(manifest.changedUpstream),
    gone: new Set(manifest.gone),
    isVoid: manifest.voids !== null,
  };
}

function checkChain(commits: readonly CommitFacts[], problems: string[]): void {
  let expected = 1;
  let previous: string | null = null;
  for (const { seq, sha256: hash, previousSha256 } of commits) {
    if (seq !== expected) problems.push(`Manifest ${expected} is missing: the next one there is ${seq}.`);
    else if (previousSha256 !== previous) {
      problems.push(`Manifest ${seq} does not carry the SHA-256 of the one before it.`);
    }
    expected = seq + 1;
    previous = hash;
  }
}

/** Answers with how many files were read. */
function checkObjects(archive: string, partition: string, commits: readonly CommitFacts[], problems: string[]): number {
  const listed = new Map(commits.flatMap(({ objects }) => objects).map(({ key, sha256: hash }) => [key, hash]));
  for (const [key, hash] of listed) {
    const path = join(archive, key);
    // A manifest that was tampered with may name any path.
    if (key.split('/').includes('..') || !existsSync(path)) problems.push(`${key} is missing.`);
    else if (sha256(readFileSync(path)) !== hash) problems.push(`${key} has other bytes than its manifest says.`);
  }
  for (const key of rowFiles(archive, partition)) {
    if (!listed.has(key)) problems.push(`${key} is in no manifest.`);
  }
  return listed.size;
}

function rowFiles(archive: string, partition: string): string[] {
  const prefix = `field_changes/domain_id=${partition}`;
  if (!existsSync(join(archive, prefix))) return [];
  return readdirSync(join(archive, prefix), { recursive: true, encoding: 'utf8' })
    .map((name) => `${prefix}/${name.replaceAll('\\', '/')}`)
    .filter((key) => key.endsWith('.parquet'))
    .sort();
}

function isOf(key: string, kind: string): boolean {
  return key.startsWith(`${kind}/`) && !key.split('/').includes('..');
}

/** The object at this key of an archive on disk; undefined if there is none, or it cannot be read as this form. */
export function readIfSound<Schema extends z.ZodType>(
  form: StoredForm<Schema>,
  archive: string,
  key: string,
): Stored<Schema> | undefined {
  const path = join(archive, key);
  if (!existsSync(path)) return undefined;
  try {
    return readStored(form, key, readFileSync(path));
  } catch (error) {
    if (error instanceof IntegrityError) return undefined;
    throw error;
  }
}
