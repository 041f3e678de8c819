/** Whether a period is complete, for people. */
import picocolors from 'picocolors';
import type { LaneTimes } from '../archive/lanes';
import type { Console } from '../console';
import { gapLines, scanWords } from '../lane-words';
import { tableOf } from '../tables';
import { counted, printable } from '../words';
import type { CoverageAnswer, CoverageVerdict, DomainCoverage } from './coverage';

const HEADLINES: Readonly<Record<CoverageVerdict, readonly ['green' | 'red' | 'yellow', string, string]>> = {
  complete: ['green', '✓', 'Complete.'],
  'not-complete': ['red', '✗', 'Not complete.'],
  unknown: ['yellow', '?', 'Not known.'],
};

/** Lines of at most `width` characters where words allow it. */
export function coverageReport(
  { verdict, answer, domains, limits }: CoverageAnswer,
  { width, hasColors }: Pick<Console, 'width' | 'hasColors'>,
): string {
  const colors = picocolors.createColors(hasColors);
  const [color, sign, word] = HEADLINES[verdict];
  return [
    `${colors[color](sign)} ${colors.bold(word)} ${printable(answer)}`,
    '',
    ...domains.flatMap((domain) => [...domainLines(domain, width, colors), '']),
    colors.bold('What this answer does not say'),
    tableOf(
      [],
      limits.map(({ what, why }) => [what, why]),
      width,
    ),
  ].join('\n');
}

function domainLines(domain: DomainCoverage, width: number, colors: ReturnType<typeof picocolors.createColors>) {
  const { verdict, reasons, completeUntil, commits, newest, lanes, gaps, rowFiles } = domain;
  const [color, sign] = HEADLINES[verdict];
  const parts = [
    newest === null
      ? 'no commit'
      : `${counted(commits, 'commit')}, the newest ${newest.commit} of ${newest.exportedAt}`,
    completeUntil === null ? 'complete up to no time' : `complete up to ${completeUntil}`,
    `at most ${counted(rowFiles.rowsAtMost, 'row')} of the period`,
  ];
  return [
    `${colors[color](sign)} ${colors.bold(printable(domain.domain))}`,
    ...parts.map((part) => colors.dim(`  ${part}`)),
    ...(reasons.length === 0
      ? []
      : [
          'Why not',
          tableOf(
            ['reason', 'what is so, what to do'],
            reasons.map(({ code, words }) => [code, words]),
            width,
          ),
        ]),
    ...(lanes === null ? [] : ['How far each lane has come', tableOf([], laneRows(lanes), width)]),
    ...(gaps.length === 0 ? [] : ['Found and not completely read', ...gapLines(gaps, width)]),
  ];
}

function laneRows({ live, related, history, sweep }: LaneTimes): string[][] {
  return [
    ['live', `${live.provenUntil ?? 'no pass has seen the end of the list yet'}`],
    ['related items', related.watermark ?? 'not yet searched to the end'],
    ['history', history.isFinished ? 'read to its end' : `not finished; reached ${history.reached ?? 'no time yet'}`],
    ...(sweep === null ? [] : [['scan', scanWords(sweep)]]),
  ];
}
