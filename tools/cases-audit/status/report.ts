/** How far an export has come, for people. */
import picocolors from 'picocolors';
import type { Console } from '../console';
import { gapLines, scanWords } from '../lane-words';
import { tableOf } from '../tables';
import { counted, printable } from '../words';
import type { DomainStatus, NewestCommit, NoteStatus, StatusAnswer } from './status';

/** Lines of at most `width` characters where words allow it. */
export function statusReport(
  { verdict, answer, domains }: StatusAnswer,
  { width, hasColors }: Pick<Console, 'width' | 'hasColors'>,
): string {
  const colors = picocolors.createColors(hasColors);
  const sign = verdict === 'known' ? colors.green('✓') : verdict === 'unknown' ? colors.yellow('?') : colors.red('✗');
  const lines = domains.flatMap((domain) => ['', colors.bold(printable(domain.domain)), ...domainLines(domain, width)]);
  return [`${sign} ${printable(answer)}`, ...lines].join('\n');
}

function domainLines({ problem, newest }: DomainStatus, width: number): string[] {
  if (newest === null) return [printable(problem ?? '')];
  return [tableOf([], rowsOf(newest), width), ...(newest.gaps.length === 0 ? [] : gapLines(newest.gaps, width))];
}

function rowsOf(newest: NewestCommit): string[][] {
  const { commit, exportedAt, ageSeconds, lanes, lagSeconds, openQuarantine, unexplainedTouches, note } = newest;
  const { history, sweep, live, related } = lanes;
  return [
    ['newest commit', `${commit} of ${exportedAt}, ${agoWords(ageSeconds)} ago`],
    ['live', laneWords(live.watermark, lagSeconds.live)],
    ['related items', laneWords(related.watermark, lagSeconds.related)],
    ['history', history.isFinished ? 'read to its end' : `not finished; reached ${history.reached ?? 'no time yet'}`],
    ['scan', sweep === null ? 'none yet' : scanWords(sweep)],
    ['gaps', gapWords(newest)],
    ['quarantine', openQuarantine === 0 ? 'empty' : `${counted(openQuarantine, 'event')} that no row holds`],
    [
      'touches',
      unexplainedTouches === 0
        ? 'all explained'
        : `${counted(unexplainedTouches, 'case')} with a touch that no event explains`,
    ],
    ['note', noteWords(note)],
  ];
}

function laneWords(watermark: string | null, lag: number | null): string {
  return watermark === null || lag === null ? 'no watermark yet' : `watermark ${watermark}, ${agoWords(lag)} behind`;
}

function gapWords({ accountKept, gaps }: NewestCommit): string {
  if (!accountKept) return 'this version keeps no account: deploy a newer one';
  const cases = gaps.reduce((sum, gap) => sum + gap.cases, 0);
  return cases === 0 ? 'none' : `${counted(cases, 'case')} found and not completely read`;
}

function noteWords({ state, keyIds }: NoteStatus): string {
  if (state === 'signed') return `signed under ${keyIds.join(', ')}; cases-audit verify checks the signature`;
  if (state === 'unsigned') return 'unsigned: a later signed note covers it';
  return state === 'missing' ? 'missing: the commit may be under way' : 'cannot be read: cases-audit verify says why';
}

/** `40 s`, `12 min`, `5 h`, `3 d`. */
function agoWords(seconds: number): string {
  if (Math.abs(seconds) < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (Math.abs(minutes) < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
