import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FieldChanges, openFieldChanges } from '../query/field-changes';
import type { Settings } from './command-line';
import { type Completeness, judge } from './completeness';
import { readDictionary } from './dictionary';
import { newestManifest, readEvidence, readQuarantine } from './evidence';
import type { DomainEvidence } from './facts';
import { renderPage } from './html/page';
import { InputError } from './input-error';
import { buildTimeline, type Timeline } from './model';
import { nearestCaseIds, partitionsOf, readRows, readUserNames } from './rows';

interface MadePage {
  readonly html: string;
  readonly timeline: Timeline;
  readonly evidence: DomainEvidence;
  readonly completeness: Completeness;
}

/** Reads the archive and renders the page. Rejects with InputError, or with QueryError where a file cannot be read. */
export async function makePage(
  archive: string,
  settings: Omit<Settings, 'folder' | 'out'>,
  madeAt: number,
): Promise<MadePage> {
  const { caseId, clock, users } = settings;
  const changes = await openFieldChanges(archive, users === undefined ? {} : { users });
  try {
    const partition = await partitionOf(changes, archive, settings);
    const evidence = await readEvidence(archive, partition);
    const rows = await readRows(changes, partition, caseId);
    const names = await readUserNames(changes);
    const timeline = buildTimeline(caseId, rows, readDictionary(archive, evidence.commits), names);
    const quarantine = readQuarantine(archive, evidence.commits, caseId);
    const seqs = timeline.commits.map(({ commitSeq }) => commitSeq);
    const completeness = judge({ caseId, seqs, changedAt: timeline.changedAt }, evidence, quarantine);
    const html = renderPage({ timeline, evidence, quarantine, completeness, clock, madeAt });
    return { html, timeline, evidence, completeness };
  } finally {
    changes.close();
  }
}

/** `<caseId>.timeline.html`; an id that is no plain file name is cut and made distinct by a hash. */
export function fileNameOf(caseId: string): string {
  const plain = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/.test(caseId);
  const hash = createHash('sha256').update(caseId).digest('hex').slice(0, 16);
  const readable = caseId.replaceAll(/[^A-Za-z0-9_-]+/g, '_').slice(0, 60);
  return `${plain ? caseId : `${readable}-${hash}`}.timeline.html`;
}

async function partitionOf(
  changes: FieldChanges,
  archive: string,
  { caseId, domain }: Pick<Settings, 'caseId' | 'domain'>,
): Promise<string> {
  const wanted = domain === undefined ? undefined : partitionNamed(archive, domain);
  const partitions = await partitionsOf(changes, caseId);
  const found = wanted === undefined ? partitions : partitions.filter((partition) => partition === wanted);
  if (found.length > 1) {
    const domains = found.map((partition) => domainIdOf(archive, partition)).join(', ');
    throw new InputError(`The case ${caseId} is in several domains: expected --domain with one of ${domains}`);
  }
  const [partition] = found;
  if (partition !== undefined) return partition;
  throw await unknownCase(changes, archive, caseId, wanted);
}

/** A domain id that is no safe file name stands hashed in paths; the manifests below know the id. */
function partitionNamed(archive: string, domain: string): string {
  const partitions = partitionsIn(archive);
  const found = partitions.find((partition) => partition === domain || domainIdOf(archive, partition) === domain);
  if (found !== undefined) return found;
  const known = partitions.map((partition) => domainIdOf(archive, partition));
  throw new InputError(`There is no domain ${domain} in ${archive}: expected one of ${known.join(', ')}`);
}

function partitionsIn(archive: string): string[] {
  const prefix = 'domain_id=';
  const names = ['field_changes', 'manifests'].flatMap((kind) =>
    existsSync(join(archive, kind)) ? readdirSync(join(archive, kind)) : [],
  );
  return [...new Set(names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)))].sort();
}

function domainIdOf(archive: string, partition: string): string {
  return newestManifest(archive, partition)?.domainId ?? partition;
}

async function unknownCase(
  changes: FieldChanges,
  archive: string,
  caseId: string,
  partition: string | undefined,
): Promise<InputError> {
  const partitions = partition === undefined ? partitionsIn(archive) : [partition];
  const where = partition === undefined ? archive : `domain ${domainIdOf(archive, partition)}`;
  for (const each of partitions) {
    const gap = newestManifest(archive, each)?.gaps.find((one) => one.caseId === caseId);
    if (gap === undefined) continue;
    const attempts = `${gap.attempts} attempt${gap.attempts === 1 ? '' : 's'} since ${gap.since}`;
    return new InputError(
      `No event of the case ${caseId} could be read yet: ${gap.cause}, ${attempts}. It is an open gap.`,
    );
  }
  const nearest = await nearestCaseIds(changes, caseId, partition);
  const hint = nearest.length === 0 ? 'no case at all is there' : `the nearest ids are\n  ${nearest.join('\n  ')}`;
  return new InputError(`There is no case ${caseId} in ${where}: expected the id of an exported case; ${hint}`);
}
