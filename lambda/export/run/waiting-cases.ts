import { earlier, latest } from '../domain/moments';
import type { WaitingCase } from '../domain/state';

/** Number of cases listed in STATE and in manifests; any further case goes to the retry list at once. */
export const MAX_WAITING = 500;

/**
 * Cases that were found and are too fresh to be read. The watermarks stay below them, so the next pass should find each
 * of them again. Because a search may place a case by an older value than it shows, this is checked: a case that a pass
 * does not find again is read all the same, by its id.
 */
export class WaitingCases {
  readonly #cases: Map<string, WaitingCase>;
  /** Cases of earlier runs that this one has not found again so far. */
  readonly #unseen: Set<string>;

  constructor(before: readonly WaitingCase[]) {
    this.#cases = new Map(before.map((one) => [one.caseId, one]));
    this.#unseen = new Set(this.#cases.keys());
  }

  /** Returns false if the list is full. */
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

  /** Notes that more of the case may be missing than its first finder knew. */
  lower(caseId: string, missingFrom: number | null): void {
    const one = this.#cases.get(caseId);
    if (one !== undefined) this.#cases.set(caseId, { ...one, missingFrom: earlier(one.missingFrom, missingFrom) });
  }

  /** Removes a case that was read after this touch, or is owed for another cause. */
  remove(caseId: string, touched: number): void {
    if ((this.#cases.get(caseId)?.touched ?? Number.POSITIVE_INFINITY) <= touched) this.#cases.delete(caseId);
  }

  /** Removes and returns the cases that waited when the run began and were not found since. */
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
