/** The manifests of a domain, read and checked as an auditor would: numbers, links, and the bytes of every file they list. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { CaseQuarantine, CommitFacts, DomainEvidence } from './facts';

const manifestJson = z.object({
  domainId: z.string(),
  seq: z.int(),
  previousSha256: z.string().nullable(),
  exportedAt: z.string(),
  lanes: z.object({
    // Manifests without an account do not say it, and prove nothing.
    live: z.object({ provenUntil: z.number().nullish() }),
    related: z.object({ watermark: z.number().nullable() }),
    sweep: z
      .object({
        number: z.int(),
        // Manifests of the first builds do not say it; then the first sweep is the history.
        purpose: z.string().optional(),
        startedAt: z.number(),
        finishedAt: z.number().nullable(),
        exportFrom: z.number().nullish(),
      })
      .nullable(),
  }),
  objects: z.array(z.object({ key: z.string(), sha256: z.string(), rows: z.int().optional() })),
  gaps: z.array(z.object({ caseId: z.string(), cause: z.string(), since: z.string(), attempts: z.int() })),
  halfRead: z.array(z.object({ caseId: z.string() })).optional(),
  waiting: z.array(z.object({ caseId: z.string() })).optional(),
  debts: z
    .array(
      z.object({
        cause: z.string(),
        cases: z.int(),
        neverRead: z.int(),
        since: z.number(),
        missingFrom: z.number().nullable(),
      }),
    )
    .optional(),
  history: z
    .object({
      startedAt: z.number(),
      finishedAt: z.number(),
      exportFrom: z.number().nullable(),
      casesNotFound: z.int().nullable(),
    })
    .nullish(),
  unexplainedTouches: z.int().optional(),
  changedUpstream: z.array(z.string()).optional(),
  gone: z.array(z.string()),
  voids: z.unknown().optional(),
});

const quarantineJson = z.object({
  seq: z.int(),
  events: z.array(z.object({ caseId: z.string(), eventKey: z.string(), emitted: z.boolean() })),
  replayed: z.array(z.object({ quarantinedIn: z.int(), caseId: z.string(), eventKey: z.string() })).optional(),
});

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
    const { data } = quarantineJson.safeParse(readJson(join(archive, key)));
    for (const event of data?.events ?? []) {
      if (event.caseId !== caseId) continue;
      if (event.emitted) altered += 1;
      else open.add(`${data?.seq}|${event.eventKey}`);
    }
    for (const event of data?.replayed ?? []) {
      if (event.caseId === caseId) settled.add(`${event.quarantinedIn}|${event.eventKey}`);
    }
  }
  return { open: [...open].filter((key) => !settled.has(key)).length, altered };
}

/** The manifest with the highest number, unchecked; undefined if none can be read. */
export function newestManifest(archive: string, partition: string): z.output<typeof manifestJson> | undefined {
  const folder = join(archive, `manifests/domain_id=${partition}`);
  const name = existsSync(folder) ? readdirSync(folder).sort().at(-1) : undefined;
  return name === undefined ? undefined : manifestJson.safeParse(readJson(join(folder, name))).data;
}

function readCommits(archive: string, partition: string, problems: string[]): (CommitFacts & { domainId: string })[] {
  const prefix = `manifests/domain_id=${partition}`;
  const folder = join(archive, prefix);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  if (names.length === 0) problems.push(`There is no manifest in ${prefix}/, so nothing proves what the files hold.`);
  return names
    .flatMap((name) => {
      const commit = commitOf(`${prefix}/${name}`, readFileSync(join(folder, name)));
      if (commit !== undefined) return [commit];
      problems.push(`${prefix}/${name} is not a manifest that can be read.`);
      return [];
    })
    .sort((a, b) => a.seq - b.seq);
}

/** What the bytes of a manifest say; undefined if they are none. */
export function commitOf(key: string, bytes: Buffer): (CommitFacts & { domainId: string }) | undefined {
  const { data } = manifestJson.safeParse(jsonOf(bytes));
  return data && commitFacts(key, sha256(bytes), data);
}

function commitFacts(key: string, hash: string, manifest: z.output<typeof manifestJson>) {
  const { live, related, sweep } = manifest.lanes;
  return {
    domainId: manifest.domainId,
    seq: manifest.seq,
    key,
    sha256: hash,
    previousSha256: manifest.previousSha256,
    exportedAt: manifest.exportedAt,
    liveProvenUntil: live.provenUntil ?? null,
    relatedWatermark: related.watermark,
    sweep: sweep && {
      number: sweep.number,
      isHistory: sweep.purpose === undefined ? sweep.number === 1 : sweep.purpose === 'history',
      startedAt: sweep.startedAt,
      finishedAt: sweep.finishedAt,
      exportFrom: sweep.exportFrom ?? null,
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
    isVoid: manifest.voids !== undefined && manifest.voids !== null,
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

/** Undefined if there is no such file or it holds no JSON. */
export function readJson(path: string): unknown {
  return existsSync(path) ? jsonOf(readFileSync(path)) : undefined;
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
