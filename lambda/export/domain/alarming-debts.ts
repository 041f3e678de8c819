import type { DebtCause, DebtSum } from './debts';
import type { DomainState } from './state';

/** Debts that a rule of their own pays within hours: nobody has to act. */
export const PAY_THEMSELVES: ReadonlySet<DebtCause> = new Set(['waiting', 'waited', 'partly-read', 'unexplained']);

/**
 * What is owed beyond the ordinary, as the alarm on debts counts it: cases on the retry list, cases that no search shows, and events in
 * quarantine. What the last scan did not find and what searches hide may be the same cases, so the greater count stands for both.
 */
export function countAlarmingDebts(
  account: readonly DebtSum[],
  { openQuarantine, history }: Pick<DomainState, 'openQuarantine' | 'history'>,
): number {
  const casesOf = (isMeant: (cause: DebtCause) => boolean) =>
    account.filter(({ cause }) => isMeant(cause)).reduce((sum, { cases }) => sum + cases, 0);
  const listed = casesOf((cause) => cause !== 'not-shown' && !PAY_THEMSELVES.has(cause));
  const notShown = Math.max(
    casesOf((cause) => cause === 'not-shown'),
    history?.casesNotFound ?? 0,
  );
  return listed + notShown + openQuarantine;
}
