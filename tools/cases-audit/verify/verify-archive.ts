/** The one checker: everything that an archive, a mirror, a state file and the table can say about each other. */

import { parseNote, parseNoteText } from '../../../lambda/export/domain/commit-note';
import { IntegrityError } from '../../../lambda/export/domain/errors';
import type { NoteKey } from '../../../lambda/export/domain/note-keys';
import { sha256 as sha256Of } from '../../../lambda/export/domain/stored-form';
import type { Archive, Checkpoints, Protection } from '../archive/archive';
import { DOMAIN_PREFIXES, isPartition, isPublicKeyKey, manifestKeyIn, noteKeyIn } from '../archive/archive-keys';
import { choosePartitions } from '../archive/manifests';
import { InterruptedError } from '../outcome';
import { type CheckOptions, checkDomain, type DomainResult } from './check-domain';
import { Expiry } from './expiry';
import { Findings, Reporter } from './findings';
import { ListingCheck } from './listing-check';
import type { HeldDomain, HeldState } from './state-file';
import { checkTable, readState } from './table-check';
import { keysInArchive, Trust } from './trust';

export interface VerifyRequest extends CheckOptions {
  readonly checkpoints: Checkpoints | null;
  readonly keys: readonly NoteKey[];
  /** Every id of the table's ledger is held against the data: all of it is read then, from the first commit on. */
  readonly ledger: boolean;
  /** One domain by its id; undefined for all. */
  readonly domain: string | undefined;
  readonly held: HeldState | null;
  /** Told after each domain, with all findings so far, so that a check that is cut off later has not been for nothing. */
  readonly onDomain?: (domain: CheckedDomain, findings: Findings) => Promise<void>;
}

export interface CheckedDomain extends DomainResult {
  /** The first commit of this check; what is before was checked earlier. */
  readonly since: number;
  readonly trust: Trust;
}

export interface VerifyResult {
  readonly findings: Findings;
  readonly domains: readonly CheckedDomain[];
  readonly protection: Protection;
}

/**
 * Never rejects for what an archive holds, however damaged or forged.
 * @throws InterruptedError once the signal fires; WrongCallError where there is no such domain.
 */
export async function verifyArchive(request: VerifyRequest): Promise<VerifyResult> {
  const { archive, held, domain: wanted } = request;
  const findings = new Findings();
  const reporter = new Reporter(findings, null);
  const protection = await protectionOf(archive, reporter);
  const partitions = await partitionsOf(archive, reporter, protection.lockDays, request.signal);
  const chosen = wanted === undefined ? partitions : choosePartitions(partitions, wanted);
  const candidates = await reporter.reading({}, () => keysInArchive(archive), []);
  const domains: CheckedDomain[] = [];
  for (const partition of chosen) {
    const of = held?.domains[partition] ?? null;
    const trust = new Trust(request.keys, candidates, of?.introduced);
    const checked = await verifyDomain(request, { partition, held: of, trust, findings, protection });
    domains.push(checked);
    await request.onDomain?.(checked, findings);
    if (checked.isPaused) return { findings, domains, protection };
  }
  if (wanted === undefined) {
    for (const [partition, of] of Object.entries(held?.domains ?? {})) {
      if (!partitions.includes(partition))
        reportRollback(findings, partition, of, 'the archive has nothing of the domain');
    }
  }
  return { findings, domains, protection };
}

/** What the next check needs to go on after this domain; null where it has no commit. */
export function heldDomainOf({ domain, newest, signed, trust }: CheckedDomain): HeldDomain | null {
  return newest && { domain, carry: newest, signed, introduced: [...trust.introduced] };
}

interface DomainInput {
  readonly partition: string;
  readonly held: HeldDomain | null;
  readonly trust: Trust;
  readonly findings: Findings;
  readonly protection: Protection;
}

async function verifyDomain(request: VerifyRequest, input: DomainInput): Promise<CheckedDomain> {
  const { archive, checkpoints, ledger } = request;
  const { partition, held, trust, findings, protection } = input;
  const expiry = new Expiry(request.expirationDays ?? null, request.now);
  const isHeld = held !== null && (await isStillThere(archive, partition, held, { findings, expiry }));
  const from = isHeld && !ledger ? held : null;
  const domainId = held?.domain ?? partition;
  const before = checkpoints === null ? null : await readState(checkpoints, domainId, findings);
  const isUnderWay = async (domain: string, seq: number) => {
    if (checkpoints === null) return false;
    const state = await readState(checkpoints, domain, findings);
    return state !== null && state !== 'unread' && state.head?.seq === seq && state.applied === seq - 1;
  };
  const forLedger = ledger && checkpoints !== null;
  const { lockDays } = protection;
  const result = await checkDomain({ ...request, partition, trust, findings, from, lockDays, forLedger, isUnderWay });
  // The table is held against the end of the archive.
  if (checkpoints !== null && !result.isPaused) {
    const known = result.domain === domainId ? before : await readState(checkpoints, result.domain, findings);
    await checkTable(checkpoints, result, known, { findings, ledger });
  }
  return { ...result, newest: result.newest ?? from?.carry ?? null, since: (from?.carry.seq ?? 0) + 1, trust };
}

/** Whether the commit at which an earlier check ended is what it was. If not, everything is checked again. */
async function isStillThere(
  archive: Archive,
  partition: string,
  held: HeldDomain,
  { findings, expiry }: { readonly findings: Findings; readonly expiry: Expiry },
): Promise<boolean> {
  const { seq, sha256, exportedAt } = held.carry;
  const key = manifestKeyIn(partition, seq);
  const reporter = new Reporter(findings, held.domain);
  const isThere = async () => {
    const stored = await archive.get(key);
    if (stored === null) {
      // The whole check that follows says that it has expired, by the same note.
      if (expiry.isOver(exportedAt) && (await isNoted(archive, partition, held))) return false;
      reportRollback(findings, partition, held, `the archive has no manifest ${seq}`);
      return false;
    }
    const found = sha256Of(stored.bytes);
    if (found === sha256) return true;
    reporter.add(
      'fork',
      { commit: seq, key },
      `FORK: the state file holds manifest ${seq} with the SHA-256 ${sha256}, and the archive's has ${found}. The archive was rewritten from there on, or before.`,
    );
    return false;
  };
  return reporter.reading({ commit: seq, key }, isThere, false);
}

/** Whether the note of this commit stands and is of the manifest that was there. */
async function isNoted(archive: Archive, partition: string, { carry }: HeldDomain): Promise<boolean> {
  const stored = await archive.get(noteKeyIn(partition, carry.seq));
  try {
    return stored !== null && parseNoteText(parseNote(stored.bytes).text).manifest === carry.sha256;
  } catch (error) {
    if (error instanceof IntegrityError) return false;
    throw error;
  }
}

function reportRollback(findings: Findings, partition: string, { domain, carry }: HeldDomain, why: string): void {
  new Reporter(findings, domain).add(
    'rollback',
    { commit: carry.seq, key: manifestKeyIn(partition, carry.seq) },
    `ROLLBACK: the state file holds commit ${carry.seq} of ${carry.exportedAt}, and ${why}. What was there was taken away.`,
  );
}

async function protectionOf(archive: Archive, reporter: Reporter): Promise<Protection> {
  const protection = await archive.protection();
  if (protection.lockDays === undefined) {
    reporter.add(
      'denied',
      {},
      'No permission to ask how long the bucket locks objects (s3:GetBucketObjectLockConfiguration): locks are not checked.',
    );
  }
  return protection;
}

/** The domains of an archive, as keys name them. Whatever lies outside of them and does not belong there is reported. */
async function partitionsOf(
  archive: Archive,
  reporter: Reporter,
  lockDays: Protection['lockDays'],
  signal: AbortSignal,
): Promise<string[]> {
  const listing = new ListingCheck(reporter, lockDays);
  const partitions = new Set<string>();
  const prefixes = DOMAIN_PREFIXES.map((prefix) => `${prefix}/`);
  const known = new Set([...prefixes, 'staging/']);
  const foreignBelow = async (prefix: string) => {
    for await (const listed of archive.list(prefix)) {
      if (signal.aborted) throw new InterruptedError();
      if (!isPublicKeyKey(listed.key)) listing.foreign(listed);
    }
  };
  const look = async (prefix: string) => {
    const { folders, keys } = await archive.level(prefix);
    for (const listed of keys) listing.foreign(listed);
    for (const folder of folders) {
      if (prefix === '' && known.has(folder)) continue;
      const partition = prefix === '' ? undefined : /^domain_id=(.+)\/$/.exec(folder)?.[1];
      if (partition !== undefined && isPartition(partition)) partitions.add(partition);
      else await foreignBelow(`${prefix}${folder}`);
    }
  };
  // What cannot be read at one place is no reason to leave out the others.
  for (const prefix of ['', ...prefixes]) await reporter.reading({ key: prefix }, () => look(prefix), undefined);
  return [...partitions].sort();
}
