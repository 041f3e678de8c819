import { earlier, latest } from '../domain/moments';
import type { WaitingCase } from '../domain/state';

/** So many are named in STATE and in manifests; of more, each goes to the retry list at once. */
export const MAX_WAITING = 500;

/**
 * The cases that were found and are too fresh to be read. The watermarks stay below them, so the next pass should find each of them
 * again. A search may place a case by an older value than it shows, so this is checked: a case that a pass does not find again is read
 * all the same, by its id.
 */
export class WaitingCases {
  readonly #cases: Map<string, WaitingCase>;
  /** Of earlier runs, and not found again by this one so far. */
  readonly #unseen: Set<string>;

  constructor(before: readonly WaitingCase[]) {
    this.#cases = new Map(before.map((one) => [one.caseId, one]));
    this.#unseen = new Set(this.#cases.keys());
  }

  /** False if the case is one too many. */
  add(waiting: WaitingCase): boolean {
    const { caseId, templateId, touched, lastUpdated, missingFrom } = waiting;
    const before = this.#cases.get(caseId);
    if (before === undefined && this.#cases.size >= MAX_WAITING) return false;
    this.#unseen.delete(caseId);
    this.#cases.set(
      caseId,
      before === undefined
        ? waiting
        : {
            ...before,
            templateId: templateId ?? before.templateId,
            touched: Math.max(before.touched, touched),
            lastUpdated: latest(before.lastUpdated, lastUpdated),
            missingFrom: earlier(before.missingFrom, missingFrom),
          },
    );
    return true;
  }

  /** More may be missing of the case than whoever found it first knew. */
  lower(caseId: string, missingFrom: number | null): void {
    const one = this.#cases.get(caseId);
    if (one !== undefined) this.#cases.set(caseId, { ...one, missingFrom: earlier(one.missingFrom, missingFrom) });
  }

  /** The case was read after it had been touched so, or is owed for another cause. */
  remove(caseId: string, touched: number): void {
    if ((this.#cases.get(caseId)?.touched ?? Number.POSITIVE_INFINITY) <= touched) this.#cases.delete(caseId);
  }

  /** Whoever waited when the run began and was not found since; they wait here no more. */
  takeUnseen(): WaitingCase[] {
    const unseen = this.list.filter(({ caseId }) => this.#unseen.has(caseId));
    for (const { caseId } of unseen) this.#cases.delete(caseId);
    this.#unseen.clear();
    return unseen;
  }

  get list(): WaitingCase[] {
    return [...this.#cases.values()];
  }
}
