/** The manifests of a domain, and what the one checker (`cases-audit verify`) has against them and the bytes of every file. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod';
import { IntegrityError } from '../../lambda/export/domain/errors';
import { MANIFEST, type Manifest } from '../../lambda/export/domain/manifest';
import { QUARANTINE } from '../../lambda/export/domain/quarantine';
import { readStored, type Stored, type StoredForm, sha256 } from '../../lambda/export/domain/stored-form';
import { ABOUT_SIGNATURES } from '../cases-audit/verify/findings';
import { verifyFolder } from '../cases-audit/verify/verify-folder';
import type { CaseQuarantine, CommitFacts, DomainEvidence } from './facts';

/**
 * Reads all manifests of `domain_id=<partition>`, and has the checker look at every byte of the domain. Never rejects for what the files
 * hold: what is missing, altered, unreadable or unlisted is a problem, named by key and number. Signatures are not looked at.
 */
export async function readEvidence(archive: string, partition: string): Promise<DomainEvidence> {
  const commits = readCommits(archive, partition);
  const result = await verifyFolder(archive, { domain: partition });
  const filesChecked = result.domains.reduce((sum, { objects }) => sum + objects, 0);
  const problems = result.findings.kept.filter(({ kind }) => !ABOUT_SIGNATURES.has(kind)).map(({ words }) => words);
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

/** By number. Manifests that cannot be read are the checker's to report. */
function readCommits(archive: string, partition: string): (CommitFacts & { domainId: string })[] {
  const prefix = `manifests/domain_id=${partition}`;
  const folder = join(archive, prefix);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  return names
    .flatMap((name) => {
      try {
        return [commitOf(`${prefix}/${name}`, readFileSync(join(folder, name)))];
      } catch (error) {
        if (!(error instanceof IntegrityError)) throw error;
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
