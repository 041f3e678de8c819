/**
 * The account of debts that a manifest gives is that of the table: as many cases by cause as stand on the retry list, are half-read, wait,
 * or were counted and never shown. Whoever reads the manifest alone, by SQL, reads the truth.
 */
import type { Manifest } from '../../lambda/export/domain/manifest';
import type { TableMirror } from './table-mirror';
import type { Violations } from './violations';

export class AccountInvariants {
  constructor(
    private readonly violations: Violations,
    private readonly mirror: TableMirror,
  ) {}

  readonly #voided = new Set<number>();

  /** Called when the manifest is published: the ledger and the retry list have been written before. */
  published({ seq, voids, debts = [] }: Manifest): void {
    if (voids !== null) this.#voided.add(seq);
    // A late writer publishes again what others have gone on from.
    if (this.mirror.state?.head?.seq !== seq) return;
    const told = new Map<string, number>(debts.map(({ cause, cases }) => [cause, cases]));
    const owed = this.#owed();
    // A commit that is voided may have entered under another cause, or settled, what the one in its place owes.
    const isAtLeastAll = voids !== null && total(told) >= total(owed);
    for (const cause of new Set([...told.keys(), ...owed.keys()])) {
      const tooFew = (owed.get(cause) ?? 0) - (told.get(cause) ?? 0);
      if (isAtLeastAll || tooFew === 0 || (tooFew > 0 && tooFew <= this.#late(cause))) continue;
      this.violations.add(
        '9, account',
        `manifest ${seq} says that ${told.get(cause) ?? 0} cases are owed as ${cause}, the table ${owed.get(cause) ?? 0}`,
      );
    }
  }

  /** A process that was frozen while it published a commit, which was voided meanwhile, may enter its cases at any time. */
  #late(wanted: string): number {
    const entries = [...this.mirror.retries.values()];
    return entries.filter(({ closed, cause, seq }) => !closed && cause === wanted && this.#voided.has(seq)).length;
  }

  /** Cases by cause, as the table has them. */
  #owed(): Map<string, number> {
    const owed = new Map<string, number>();
    const add = (cause: string, cases = 1) => owed.set(cause, cases + (owed.get(cause) ?? 0));
    for (const { closed, cause } of this.mirror.retries.values()) if (!closed) add(cause);
    const { halfRead = [], waiting = [], notShown } = this.mirror.state ?? {};
    for (const _ of halfRead) add('partly-read');
    for (const _ of waiting) add('waiting');
    if (notShown != null) add('not-shown', notShown.cases);
    return owed;
  }
}

function total(cases: ReadonlyMap<string, number>): number {
  return [...cases.values()].reduce((sum, one) => sum + one, 0);
}
