/** Scan and gaps of a domain, in the words that every command has for them. */
import type { GapSum } from './archive/gaps';
import type { LaneTimes } from './archive/lanes';
import { tableOf } from './tables';
import { counted } from './words';

const MAX_NAMED = 25;

/** How far the scan over all cases is. */
export function scanWords(sweep: NonNullable<LaneTimes['sweep']>): string {
  const { number, purpose, startedAt, finishedAt, resumePoint, casesFound, totalCount } = sweep;
  const found = totalCount === null ? counted(casesFound, 'case') : `${casesFound} of ${counted(totalCount, 'case')}`;
  const end = finishedAt === null ? `under way, at ${resumePoint ?? 'its first page'}` : `finished ${finishedAt}`;
  return `number ${number} (${purpose}), begun ${startedAt}, ${end}, ${found} found`;
}

/** Each cause, and below it the cases that the manifest names. */
export function gapLines(gaps: readonly GapSum[], width: number): string[] {
  const rows = gaps.map(({ cause, since, cases, neverRead, missingFrom, words }) => {
    const never = neverRead === null || neverRead === 0 ? '' : `, ${neverRead} never read whole`;
    const missing = missingFrom === null ? 'anything may be missing' : `missing may be what came since ${missingFrom}`;
    return [cause, since ?? '', `${counted(cases, 'case')}${never}: each ${words}; ${missing}.`];
  });
  const named = gaps.flatMap((gap) => gap.named.map(({ caseId, since }) => [gap.cause, since ?? '', caseId]));
  const shown = named.slice(0, MAX_NAMED);
  const unnamed = gaps.reduce((sum, { cases }) => sum + cases, 0) - named.length;
  return [
    tableOf(['cause', 'since', 'how many, why'], rows, width),
    ...(shown.length === 0 ? [] : [tableOf(['cause', 'since', 'case'], shown, width)]),
    ...(named.length > shown.length
      ? [`… and ${counted(named.length - shown.length, 'more case')}: --json lists them.`]
      : []),
    ...(unnamed > 0 ? [`… and ${counted(unnamed, 'case')} that the manifest does not name.`] : []),
  ];
}
