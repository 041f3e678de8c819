/**
 * Invariant 9, no false proof: whenever the project says that a period is complete, every event that the service had recorded up to
 * its end is wholly visible, or in quarantine and then the answer is no. Held after every commit, for the longest period that the
 * answer is yes for. No bad day excuses a false proof; what nobody can know is excused, and nothing else:
 *
 * - **untold**: nothing that the service shows leads to the event (edits and deletions of related items that move no case), or only a
 *   touch after the end of the period does: that a case was touched then tells nothing of the time before; or only a related item from
 *   before the first export, of which the scan over all cases has to tell;
 * - **not shown in time**: the search index showed the touch only after the last pass that saw the end of the list had begun, so later
 *   than settle after it; or later than settle and overlap, and no scan over all cases has begun and finished since;
 * - **not recorded in time**: the audit history did not hold the event when its case was read whole, settle or more after a touch at or
 *   after the event, and either the touch was accepted as unexplained and the answer counts that, or a newer event explained it;
 * - **passed over in silence**: an answer of a search left the case out, without a token, a null, an order or a count of a list at rest
 *   that would show it, and no scan over all cases has begun and finished since;
 * - **gone**: the case is deleted, and its history with it.
 */
import type { judgePeriod, PeriodAnswer } from '../../lambda/export/domain/completeness';
import { eventKey } from '../../lambda/export/domain/flatten';
import type { Manifest } from '../../lambda/export/domain/manifest';
import type { ArchiveInvariants } from './archive-invariants';
import { type HappenedEvent, SEARCH_BEHIND_MS } from './cases/domain';
import type { Lead } from './cases/history';
import type { SimulatedCases } from './cases/service';
import type { Faults } from './faults';
import type { Plan } from './plan';
import type { TableMirror } from './table-mirror';
import { DAY } from './times';
import type { KnownCase, Truth } from './truth';
import type { Violations } from './violations';

/** `Date` headers hold whole seconds, and a touch that is a second newer than the newest event is explained by it. */
const TIMES_DIFFER_BY_MS = 2_000;

interface ProofWorld {
  readonly violations: Violations;
  readonly cases: SimulatedCases;
  readonly archive: ArchiveInvariants;
  readonly mirror: TableMirror;
  readonly truth: Truth;
  readonly faults: Faults;
  readonly plan: Plan;
  readonly judge: typeof judgePeriod;
  readonly now: () => number;
}

export class ProofInvariants {
  /** Events that were recorded and not yet seen whole in the archive, by case and key. */
  readonly #missing = new Map<string, Map<string, HappenedEvent>>();
  readonly #manifests: Manifest[] = [];

  constructor(private readonly world: ProofWorld) {}

  recorded(caseId: string, event: HappenedEvent): void {
    const missing = this.#missing.get(caseId) ?? new Map<string, HappenedEvent>();
    const key = eventKey(event.content());
    if (!missing.has(key)) missing.set(key, event);
    this.#missing.set(caseId, missing);
  }

  /** Whether every event of the case is wholly visible, or in quarantine. */
  isWhole(caseId: string): boolean {
    this.#forgetWhole(caseId);
    const missing = [...(this.#missing.get(caseId)?.keys() ?? [])];
    return missing.every((key) => this.world.archive.quarantined.has(`${caseId}|${key}`));
  }

  published(manifest: Manifest): void {
    this.#manifests.push(manifest);
    for (const until of this.#ends(manifest)) {
      const answer = this.world.judge(this.#manifests, this.world.archive.rowsByCommit, until);
      if (!answer.isComplete) continue;
      this.#hold(manifest, until, answer);
      // Whatever is proven of it is proven of every shorter period.
      return;
    }
  }

  /** Ends of periods worth asking about, latest first: now, the watermark, where debts begin, and the ends of days. */
  #ends({ lanes, debts = [] }: Manifest): number[] {
    const { live, related } = lanes;
    const watermark = Math.min(live.watermark ?? 0, related.watermark ?? 0);
    const begins = debts.flatMap(({ missingFrom }) => missingFrom ?? []);
    const days = [0, 1, 2].map((back) => Math.floor(watermark / DAY - back) * DAY);
    return [this.world.now(), watermark, ...begins, ...days].sort((a, b) => b - a);
  }

  #hold(manifest: Manifest, until: number, answer: PeriodAnswer): void {
    for (const [caseId, events] of this.#missing) {
      this.#forgetWhole(caseId);
      for (const [key, event] of events) {
        if (event.occurredAt >= until || this.#isExcused(caseId, event, until, manifest, answer)) continue;
        this.world.violations.add('9, no false proof', this.#describe(manifest, until, caseId, key, event));
      }
    }
  }

  #forgetWhole(caseId: string): void {
    const events = this.#missing.get(caseId);
    const known = this.world.truth.asOf(caseId, this.world.now() - 1);
    if (events === undefined) return;
    for (const key of events.keys()) {
      const event = known?.events.get(key);
      if (event !== undefined && this.world.archive.isWhole(`${caseId}|${key}`, event)) events.delete(key);
    }
    if (events.size === 0) this.#missing.delete(caseId);
  }

  #isExcused(caseId: string, event: HappenedEvent, until: number, manifest: Manifest, answer: PeriodAnswer): boolean {
    const known = this.world.truth.asOf(caseId, this.world.now() - 1);
    if (known === undefined || known.truth.deletedAt !== null) return true;
    const scannedSince = manifest.history?.startedAt ?? Number.NEGATIVE_INFINITY;
    const passedOverAt = this.world.cases.passedOverAt(caseId) ?? Number.NEGATIVE_INFINITY;
    if (passedOverAt >= event.occurredAt && scannedSince <= passedOverAt) return true;
    const tells = ({ touched }: Lead) => touched >= event.occurredAt && touched < until;
    const leads = this.world.cases.leadsTo(caseId).filter(tells);
    if (!leads.some((lead) => this.#isShownInTime(lead, manifest, scannedSince))) return true;
    return this.#isNotRecordedInTime(known, event, answer);
  }

  #isShownInTime({ by, touched, at }: Lead, { lanes }: Manifest, scannedSince: number): boolean {
    const { settleMs, overlapMs } = this.world.plan.settings;
    const shownAt = at + (this.#isOn('cases.stale-replica') ? SEARCH_BEHIND_MS : 0);
    // Of the last pass that saw the end of the list: what moved during another one, that one did not see.
    const provenUntil = by === 'search' ? lanes.live.provenUntil : lanes.related.watermark;
    if (by === 'association' && touched < this.#relatedFrom - overlapMs) return false;
    if (shownAt > (provenUntil ?? Number.NEGATIVE_INFINITY) + settleMs) return false;
    return shownAt - touched <= settleMs + overlapMs || shownAt <= scannedSince;
  }

  #isNotRecordedInTime(known: KnownCase, event: HappenedEvent, answer: PeriodAnswer): boolean {
    const head = this.world.mirror.heads.get(known.truth.caseId);
    if (head?.readAt == null || head.touched === null || head.touched < event.occurredAt) return false;
    const { readAt, touched } = head;
    if (readAt + TIMES_DIFFER_BY_MS < touched + this.world.plan.settings.settleMs) return false;
    if (this.#shownAt(event) <= readAt - TIMES_DIFFER_BY_MS) return false;
    if (head.unexplained) return answer.unexplainedTouches > 0;
    const readUntil = Math.max(readAt, this.#exportedAt(head.seq) ?? readAt);
    return [...known.events.values()].some(
      ({ truth }) =>
        truth.visibleAt <= readUntil + TIMES_DIFFER_BY_MS &&
        Number(truth.event.performedTime) >= touched - TIMES_DIFFER_BY_MS,
    );
  }

  /** Where the lane of related items began. */
  get #relatedFrom(): number {
    const first = this.#manifests.find(({ lanes }) => lanes.related.watermark !== null);
    return first?.lanes.related.watermark ?? Number.POSITIVE_INFINITY;
  }

  /** A read that is saved half-way ends in a later run: by then a newer event may explain what was read first. */
  #exportedAt(seq: number): number | undefined {
    const found = this.world.archive.manifests.get(seq)?.manifest;
    return found && Date.parse(found.exportedAt);
  }

  /** From when every answer of the audit history shows the event. */
  #shownAt(event: HappenedEvent): number {
    const visibleAt = this.world.cases.visibleAt(event);
    if (!this.#isOn('cases.stale-replica')) return visibleAt;
    const { auditLagMs } = this.world.plan;
    return Math.min(visibleAt + auditLagMs, Math.max(visibleAt, event.occurredAt + auditLagMs));
  }

  #isOn(kind: 'cases.stale-replica'): boolean {
    return this.world.plan.rates[kind] !== undefined;
  }

  #describe(manifest: Manifest, until: number, caseId: string, key: string, event: HappenedEvent): string {
    const head = this.world.mirror.heads.get(caseId);
    const { history, debts, lanes } = manifest;
    const { occurredAt } = event;
    const facts = {
      occurredAt,
      shownAt: this.#shownAt(event),
      leads: this.world.cases.leadsTo(caseId).slice(-3),
      head,
    };
    const quarantined = this.world.archive.quarantined.has(`${caseId}|${key}`) ? ', which is in quarantine,' : '';
    return `commit ${manifest.seq} proves the period up to ${until} without event ${key} of ${caseId}${quarantined} ${JSON.stringify(facts)}; ${JSON.stringify({ history, debts, live: lanes.live, related: lanes.related.watermark })}`;
  }
}
