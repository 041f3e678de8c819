/**
 * Cases that answer badly: one of them, a tenth, or all; for one answer, for a while, or for ever. Which cases are sick does not depend
 * on how the world is called, and no more than one in ten is, unless all are.
 */
import { Random } from '../support/random';
import { type Faults, FURTHER_KINDS, type FurtherKind } from './faults';

export type SicknessKind = Extract<FurtherKind, `case.${string}`>;

export const SICKNESS_KINDS = Object.keys(FURTHER_KINDS).filter((kind) => kind.startsWith('case.')) as SicknessKind[];

export interface Sickness {
  readonly kind: SicknessKind;
  readonly who: 'one' | 'a-tenth' | 'all';
  /** When it begins, milliseconds after the start of the world. */
  readonly fromMs: number;
  /** 0: one answer of each case; null: for ever. */
  readonly lastsMs: number | null;
}

interface SickCasesOptions {
  readonly sicknesses: readonly Sickness[];
  /** Number of the case that is sick where one is; of a tenth it is one. */
  readonly sickNumber: number;
  /** Milliseconds since the start of the world. */
  readonly elapsed: () => number;
  readonly faults: Faults;
  readonly seed: number;
}

/** Answers that a case makes for ever, so that it can be asked what became of it: a case is never healed of them by itself. */
export function isForEver({ who, lastsMs }: Sickness): boolean {
  return lastsMs === null && who !== 'all';
}

export class SickCases {
  readonly #random: Random;
  /** Sickness and case, where it has struck its one answer. */
  readonly #over = new Set<string>();
  #running: readonly Sickness[];

  constructor(private readonly options: SickCasesOptions) {
    this.#running = options.sicknesses;
    this.#random = new Random(options.seed ^ 0x51c4);
  }

  /** The first of these kinds that strikes this answer about the case; counted. */
  strikes(caseId: string, ...kinds: readonly SicknessKind[]): SicknessKind | undefined {
    const sicknesses = this.#running.filter(({ kind }) => kinds.includes(kind));
    return sicknesses.find((sickness) => this.#isStruck(sickness, caseId))?.kind;
  }

  /** Whether any sickness of these kinds could strike any case now; draws nothing. */
  mayStrike(...kinds: readonly SicknessKind[]): boolean {
    return this.#running.some(({ kind }) => kinds.includes(kind));
  }

  /** Kinds of sickness that the case has for ever. */
  forEver(caseId: string): readonly SicknessKind[] {
    const has = (sickness: Sickness) => isForEver(sickness) && this.#has(sickness, caseId);
    return this.options.sicknesses.filter(has).map(({ kind }) => kind);
  }

  /** All are well again, but for those that are sick for ever. */
  healTheOthers(): void {
    this.#running = this.#running.filter(isForEver);
  }

  heal(): void {
    this.#running = [];
  }

  #isStruck(sickness: Sickness, caseId: string): boolean {
    const { faults } = this.options;
    if (!this.#isRunning(sickness) || !this.#has(sickness, caseId)) return false;
    const { kind, lastsMs } = sickness;
    const once = `${kind} ${caseId}`;
    if (lastsMs === 0 && this.#over.has(once)) return false;
    const rate = faults.rates[kind] ?? 1;
    if (rate < 1 && this.#random.next() >= rate) return false;
    if (lastsMs === 0) this.#over.add(once);
    faults.note(kind);
    return true;
  }

  #isRunning({ fromMs, lastsMs }: Sickness): boolean {
    const elapsed = this.options.elapsed();
    return elapsed >= fromMs && (lastsMs === null || lastsMs === 0 || elapsed < fromMs + lastsMs);
  }

  #has({ who }: Sickness, caseId: string): boolean {
    if (who === 'all') return true;
    const apart = numberOf(caseId) - this.options.sickNumber;
    return who === 'one' ? apart === 0 : apart % 10 === 0;
  }
}

/** Cases are numbered as they are made, from 1. */
export function numberOf(caseId: string): number {
  return Number(/\d+$/.exec(caseId)?.[0]);
}
