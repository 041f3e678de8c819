/** Everything that can be said of one domain, from its first commit to its last, in one walk. */

import type { MANIFEST } from '../../../lambda/export/domain/manifest';
import type { Archive, ListedKey } from '../archive/archive';
import { commitKeyOf, manifestKeyIn, OBJECT_KINDS, type ObjectKind, objectKeyIn } from '../archive/archive-keys';
import { InterruptedError } from '../outcome';
import { ArchiveData } from './archive-data';
import { Chain } from './chain';
import { commitsOf } from './commit-stream';
import { ExpectedKeys } from './expected-keys';
import { Expiry } from './expiry';
import { type Findings, Reporter } from './findings';
import { mapInOrder } from './in-order';
import { ListingCheck } from './listing-check';
import { type CheckedCommit, checkObjects, type PlacedObject, placedKinds } from './object-check';
import type { ReadingPlan } from './reading-plan';
import { Signatures, type UnsignedRun } from './signatures';
import type { Carry, SignedThrough } from './state-file';
import type { Trust } from './trust';

/** What is the same for every domain of a check. */
export interface CheckOptions {
  readonly archive: Archive;
  readonly mirror: Archive | null;
  readonly plan: ReadingPlan;
  /** Days after which the archive lets objects expire, as its owner says; null or undefined where it keeps them. */
  readonly expirationDays?: number | null;
  /** Of manifests; that of this version by default. */
  readonly form?: typeof MANIFEST;
  /** Epoch ms. */
  readonly now: number;
  readonly signal: AbortSignal;
  /**
   * Asked after each commit; once it answers true the check ends there, and `heldDomainOf` the last domain is where another one goes on. Never
   * by default.
   */
  readonly pause?: () => boolean;
  readonly onCommit: (domain: string, seq: number) => void;
}

interface DomainCheck extends CheckOptions {
  /** As keys name the domain. */
  readonly partition: string;
  readonly trust: Trust;
  readonly findings: Findings;
  /** Where an earlier check ended; null to check from the first commit on. */
  readonly from: { readonly carry: Carry; readonly signed: SignedThrough | null } | null;
  readonly lockDays: number | null | undefined;
  readonly forLedger: boolean;
  /** Whether the exporter has this commit under way: made, and not wholly published. */
  readonly isUnderWay: (domainId: string, seq: number) => Promise<boolean>;
}

export interface DomainResult {
  readonly partition: string;
  readonly domain: string;
  /** Commits looked at; those before `from` are not. */
  readonly commits: number;
  readonly newest: Carry | null;
  readonly signed: SignedThrough | null;
  readonly coveredRuns: readonly UnsignedRun[];
  readonly mirroredThrough: number;
  readonly objects: number;
  readonly bytes: number;
  readonly data: ArchiveData;
  /** What the archive's own term has deleted. */
  readonly expiry: Expiry;
  /** It ended before the last commit: the state that it leaves is where the next check goes on. */
  readonly isPaused: boolean;
}

/** @throws InterruptedError once the signal fires. What the archive holds never makes it reject. */
export async function checkDomain(check: DomainCheck): Promise<DomainResult> {
  return new DomainWalk(check).run();
}

class DomainWalk {
  readonly #reporter: Reporter;
  readonly #listing: ListingCheck;
  readonly #signatures: Signatures;
  readonly #chain: Chain;
  readonly #data: ArchiveData;
  readonly #expiry: Expiry;
  readonly #expected: ReadonlyMap<ObjectKind, ExpectedKeys>;
  #isPaused = false;
  #totals = { commits: 0, objects: 0, bytes: 0 };

  constructor(private readonly check: DomainCheck) {
    const { findings, partition, lockDays, trust, from, forLedger, expirationDays: days = null } = check;
    this.#reporter = new Reporter(findings, partition);
    this.#expiry = new Expiry(days, check.now);
    this.#listing = new ListingCheck(this.#reporter, lockDays, days !== null);
    this.#signatures = new Signatures(trust, from && { signed: from.signed, last: from.carry.seq });
    this.#chain = new Chain(
      partition,
      from?.carry ?? null,
      trust,
      this.#signatures,
      this.#reporter,
      this.#expiry,
      check.form,
    );
    this.#data = new ArchiveData(this.#reporter, partition, { forLedger, fromTheStart: from === null });
    this.#expected = new Map(OBJECT_KINDS.map((kind) => [kind, this.#listed(kind)]));
  }

  async run(): Promise<DomainResult> {
    const { check } = this;
    const atOnce = check.plan.isNone ? 32 : 4;
    const sources = { archive: check.archive, plan: check.plan, listing: this.#listing, expiry: this.#expiry };
    const checked = mapInOrder(this.#placed(), atOnce, ({ commit, placed }) => checkObjects(sources, commit, placed));
    for await (const commit of checked) this.#count(commit);
    this.#expiry.finish(check.partition, this.#reporter);
    await (this.#isPaused ? this.#passedOver() : this.#finish());
    return {
      partition: check.partition,
      domain: this.#reporter.domain ?? check.partition,
      ...this.#totals,
      newest: this.#chain.newest,
      signed: this.#signatures.through,
      coveredRuns: this.#signatures.coveredRuns,
      mirroredThrough: this.#chain.mirroredThrough,
      data: this.#data,
      expiry: this.#expiry,
      isPaused: this.#isPaused,
    };
  }

  /** What only the end of the archive tells. */
  async #finish(): Promise<void> {
    const { check } = this;
    await this.#chain.finish((seq) => this.#hasManifest(seq));
    const isAnythingLeft = await this.#leftOver();
    const isNothing = this.#totals.commits + this.#expiry.commits === 0;
    if (isAnythingLeft && isNothing && check.from === null) this.#reportNothing();
    this.#signatures.finish(check.partition, check.now, this.#reporter);
  }

  /** Keys before the pause that no manifest lists: the next check begins behind them. */
  async #passedOver(): Promise<void> {
    const newest = this.#chain.newest;
    if (newest === null) return;
    for await (const listed of this.#untaken(newest)) {
      // Nothing of a later commit lies before what this one has: dates never go back.
      if ((commitKeyOf(listed.key)?.seq ?? 0) <= newest.seq) await this.#isLeft(listed);
      else this.#foreign(listed.key, `it lies before what belongs to commit ${newest.seq}`);
    }
  }

  #foreign(key: string, why: string): void {
    this.#reporter.add(
      'foreign-key',
      { commit: commitKeyOf(key)?.seq ?? 0, key },
      `${key} is in no manifest: ${why}. It was put there, or moved, or a manifest was removed.`,
    );
  }

  #listed(kind: ObjectKind): ExpectedKeys {
    const { archive, partition, from } = this.check;
    const prefix = `${kind}/domain_id=${partition}/`;
    const after = from === null ? undefined : objectKeyIn(kind, partition, from.carry.exportDate, from.carry.seq);
    return new ExpectedKeys(this.#listing.keys(archive, prefix, after), (listed) => this.#listing.foreign(listed));
  }

  /** The commits whose manifests can be read, in order, with what is listed where their objects have to be. */
  async *#placed(): AsyncGenerator<{ commit: NonNullable<ReturnType<Chain['step']>>; placed: PlacedObject[] }, void> {
    const { archive, mirror, partition, from, signal, pause, onCommit } = this.check;
    const mirrorListing = new ListingCheck(this.#reporter, null);
    const listing = this.#listing;
    const after = from?.carry.seq ?? 0;
    for await (const fetched of commitsOf({ archive, mirror, partition, after, listing, mirrorListing })) {
      if (signal.aborted) throw new InterruptedError();
      const commit = this.#chain.step(fetched);
      if (fetched.manifest !== null) this.#totals.commits += 1;
      if (commit === null) continue;
      if (this.#totals.commits === 1 || this.#reporter.domain === partition)
        this.#reporter.domain = commit.manifest.domainId;
      onCommit(this.#reporter.domain ?? partition, commit.seq);
      yield { commit, placed: await this.#place(commit) };
      if (this.#chain.isSettledAt(commit.seq) && pause?.()) {
        this.#isPaused = true;
        return;
      }
    }
  }

  async #place({ manifest }: { manifest: Parameters<typeof placedKinds>[0] }): Promise<PlacedObject[]> {
    const placed: PlacedObject[] = [];
    for (const [kind, object] of placedKinds(manifest, this.check.partition)) {
      const listed = (await this.#expected.get(kind)?.take(object.key)) ?? null;
      placed.push({ kind, object, listed });
    }
    return placed;
  }

  #count({ commit, objects, bytes, data }: CheckedCommit): void {
    this.#totals.objects += objects;
    this.#totals.bytes += bytes;
    if (this.#expiry.commits > 0) this.#data.forgetOpenQuarantine();
    this.#data.add(commit, data);
  }

  /** Keys that no manifest lists; true if there are any. The newest ones may be of a commit that is being made: those do not count. */
  async #leftOver(): Promise<boolean> {
    let isAny = false;
    for await (const listed of this.#untaken()) if (await this.#isLeft(listed)) isAny = true;
    return isAny;
  }

  /** Keys that no manifest has listed, up to the objects of a commit, or all; none of a listing that failed. */
  async *#untaken(through?: Carry): AsyncGenerator<ListedKey, void> {
    const { partition } = this.check;
    for (const [kind, expected] of this.#expected) {
      const rest = await expected.rest(through && objectKeyIn(kind, partition, through.exportDate, through.seq));
      if (!this.#listing.failed.has(`${kind}/domain_id=${partition}/`)) yield* rest;
    }
  }

  async #isLeft(listed: ListedKey): Promise<boolean> {
    const { key } = listed;
    const highest = this.#chain.highest;
    const seq = commitKeyOf(key)?.seq ?? 0;
    const place = { commit: seq, key };
    if (this.#chain.isUnread(seq)) return true;
    const leftOver = this.#expiry.leftOver(seq, listed, this.check.archive.kind === 'folder');
    if (leftOver === 'hidden') return false;
    if (leftOver === 'left') {
      this.#reporter.add(
        'expired',
        place,
        `${key} is of commit ${seq}, whose manifest has expired: nothing says any more what it has to hold.`,
      );
      return true;
    }
    if (seq > highest) {
      const domain = this.#reporter.domain ?? this.check.partition;
      if ((await this.#hasManifest(seq)) || (await this.check.isUnderWay(domain, seq))) return false;
    }
    if (seq === highest + 1 && highest > 0) {
      this.#reporter.add(
        'unfinished',
        place,
        `${key} is of commit ${seq}, which has no manifest: it was being made when the copy was, or its manifest was removed. Look again later, or with --state or --mirror.`,
      );
      return true;
    }
    const why =
      seq > highest ? `the newest manifest is ${highest || 'none'}` : `manifest ${seq} does not list it, or is missing`;
    this.#foreign(key, why);
    return true;
  }

  /** Also where that cannot be told, which is said then: what may not be read is not gone. */
  async #hasManifest(seq: number): Promise<boolean> {
    const key = manifestKeyIn(this.check.partition, seq);
    const hasOne = async () => (await this.check.archive.head(key)) !== null;
    return this.#reporter.reading({ commit: seq, key }, hasOne, true);
  }

  #reportNothing(): void {
    const key = `manifests/domain_id=${this.check.partition}/`;
    // A listing that failed was reported, and says nothing.
    if (this.#listing.failed.has(key)) return;
    this.#reporter.add(
      'manifest-missing',
      { commit: 1, key },
      `There is no manifest below ${key}, so nothing proves what the other keys of the domain hold.`,
    );
  }
}
