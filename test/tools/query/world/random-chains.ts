/** Domains with random chains of manifests and random numbers of rows: sound ones, and such with one flaw or a few. */
import { RETRY_CAUSES } from '../../../../lambda/export/domain/case-items';
import type { Manifest } from '../../../../lambda/export/domain/manifest';
import type { DebtCause, DebtSum, HistoryProof, SweepLane } from '../../../../lambda/export/domain/state';
import { Random } from '../../../support/random';
import { finishedSweep, soundManifest, wholeHistory } from './sound-manifest';

export interface RandomDomain {
  readonly domainId: string;
  readonly manifests: readonly Manifest[];
  /** Rows that are visible, by commit. */
  readonly rowsByCommit: ReadonlyMap<number, number>;
}

/** So many domains, the same for the same seed. All times lie around `until`. */
export function randomDomains(count: number, seed: number, until: number): RandomDomain[] {
  const draw = new Draw(new Random(seed), until);
  return Array.from({ length: count }, (_, index) => draw.domain(`d${String(index).padStart(5, '0')}`));
}

const CAUSES: readonly DebtCause[] = [...RETRY_CAUSES, 'waiting', 'partly-read', 'not-shown'];
const HASH = 'a'.repeat(64);
const DAY = 86_400_000;

/** A chain as it is being made. */
interface Draft {
  manifests: Mutable<Manifest>[];
  rows: Map<number, number>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class Draw {
  readonly #flaws: readonly ((draft: Draft) => void)[];

  constructor(
    private readonly random: Random,
    private readonly until: number,
  ) {
    this.#flaws = [...this.#ofLanes(), ...this.#ofHistory(), ...this.#ofDebts(), ...this.#ofArchive()];
  }

  domain(domainId: string): RandomDomain {
    const draft = this.#sound(domainId);
    const flaws = this.one([0, 0, 1, 1, 1, 1, 2, 3]);
    for (let flaw = 0; flaw < flaws; flaw += 1) this.one(this.#flaws)(draft);
    // In no order.
    draft.manifests.sort(() => this.random.next() - 0.5);
    return { domainId, manifests: draft.manifests, rowsByCommit: draft.rows };
  }

  one<T>(list: readonly T[]): T {
    return list[Math.floor(this.random.next() * list.length)] as T;
  }

  count(most: number): number {
    return Math.floor(this.random.next() * (most + 1));
  }

  /** At the very end of the period, a millisecond beside it, or somewhere else. */
  time(): number {
    return this.until + this.one([0, -1, 1, -DAY, DAY, this.count(3 * DAY) - DAY]);
  }

  #sound(domainId: string): Draft {
    const length = 1 + this.count(3);
    const rows = new Map<number, number>();
    const manifests = Array.from({ length }, (_, index) => {
      const seq = index + 1;
      const count = this.count(3);
      if (count > 0) rows.set(seq, count);
      return this.#manifest(domainId, seq, count);
    });
    return { manifests, rows };
  }

  #manifest(domainId: string, seq: number, rows: number): Mutable<Manifest> {
    const at = this.until + this.count(2 * DAY);
    const sound = soundManifest(domainId, seq, this.until);
    return {
      ...sound,
      exportedAt: new Date(this.until + 2 * DAY + seq).toISOString(),
      lanes: {
        live: { ...sound.lanes.live, watermark: at + this.one([0, 1, DAY]), provenUntil: at },
        related: { ...sound.lanes.related, watermark: at + this.one([0, 1, DAY]) },
        sweep: this.#sweep(),
      },
      counts: { ...sound.counts, events: rows, rows },
      debts: this.#harmlessDebts(),
      history: this.#history(),
      unexplainedTouches: this.count(2),
    };
  }

  #sweep(changes: Partial<SweepLane> = {}): SweepLane {
    const isCheck = this.random.next() < 0.5;
    return {
      ...finishedSweep(this.until),
      number: isCheck ? 2 : 1,
      purpose: isCheck ? 'check' : 'history',
      finishedAt: isCheck ? this.one([null, this.until]) : this.until,
      totalCount: this.one([null, 3]),
      ...changes,
    };
  }

  #history(changes: Partial<HistoryProof> = {}): HistoryProof {
    return { ...wholeHistory(this.until), casesNotFound: this.one([null, 0]), ...changes };
  }

  /** Those that miss nothing of the period. */
  #harmlessDebts(): DebtSum[] {
    return this.random.next() < 0.5 ? [] : [this.#debt(this.until + this.one([0, 1, DAY]))];
  }

  #debt(missingFrom: number | null): DebtSum {
    const cases = 1 + this.count(3);
    return {
      cause: this.one(CAUSES),
      cases,
      neverRead: missingFrom === null ? 1 + this.count(cases - 1) : 0,
      since: this.time(),
      missingFrom,
    };
  }

  #ofLanes(): ((draft: Draft) => void)[] {
    const everywhere = (change: (lanes: Manifest['lanes']) => Partial<Manifest['lanes']>) =>
      inEach((manifest) => Object.assign(manifest, { lanes: { ...manifest.lanes, ...change(manifest.lanes) } }));
    // The live watermark itself proves nothing.
    const live = (provenUntil: () => number | null) =>
      everywhere((lanes) => ({ live: { ...lanes.live, provenUntil: provenUntil() } }));
    const related = (watermark: () => number | null) =>
      everywhere((lanes) => ({ related: { ...lanes.related, watermark: watermark() } }));
    return [
      live(() => this.until - 1 - this.count(DAY)),
      related(() => this.until - 1 - this.count(DAY)),
      live(() => this.one([null, this.time()])),
      related(() => this.one([null, this.time()])),
    ];
  }

  #ofHistory(): ((draft: Draft) => void)[] {
    const sweep = (change: () => SweepLane | null) =>
      inEach((manifest) => Object.assign(manifest, { lanes: { ...manifest.lanes, sweep: change() } }));
    const history = (change: () => HistoryProof | null) =>
      inEach((manifest) => Object.assign(manifest, { history: change() }));
    return [
      sweep(() => null),
      sweep(() => this.#sweep({ purpose: 'history', finishedAt: null })),
      sweep(() => this.#sweep({ exportFrom: this.time() })),
      history(() => null),
      history(() => this.#history({ exportFrom: this.time() })),
      history(() => this.#history({ casesNotFound: this.one([null, 0, 1, 2]) })),
      // As builds without the account made them.
      inEach((manifest) => this.random.next() < 0.7 && forgetAccount(manifest)),
    ];
  }

  #ofDebts(): ((draft: Draft) => void)[] {
    const owed = () => this.#debt(this.one([null, this.time()]));
    return [
      inEach((manifest) => Object.assign(manifest, { debts: [...(manifest.debts ?? []), owed()] })),
      inEach((manifest) => Object.assign(manifest, { openQuarantine: this.count(2) })),
      inEach((manifest) => delete manifest.debts),
    ];
  }

  #ofArchive(): ((draft: Draft) => void)[] {
    return [
      (draft) => draft.rows.set(1 + this.count(4), this.count(3)),
      (draft) => void draft.rows.delete(this.one([...draft.rows.keys()])),
      (draft) => void draft.manifests.splice(this.count(draft.manifests.length - 1), 1),
      (draft) => void draft.manifests.splice(0),
      (draft) => {
        const manifest = this.one(draft.manifests);
        if (manifest !== undefined) manifest.previousSha256 = manifest.previousSha256 === null ? HASH : null;
      },
      (draft) => {
        const manifest = this.one(draft.manifests);
        if (manifest !== undefined) manifest.counts = { ...manifest.counts, rows: this.count(3) };
      },
    ];
  }
}

function inEach(change: (manifest: Mutable<Manifest>) => unknown) {
  return (draft: Draft): void => {
    for (const manifest of draft.manifests) change(manifest);
  };
}

function forgetAccount(manifest: Mutable<Manifest>): void {
  delete manifest.debts;
  delete manifest.history;
  delete manifest.unexplainedTouches;
  delete manifest.changedUpstream;
}
