/** Ticks and crosses for people, and for the ticket of a change. */
import picocolors from 'picocolors';
import type { Console } from '../console';
import { printable, wrap } from '../words';
import type { Outcome } from './check';
import type { CheckResult, DoctorAnswer } from './doctor';

const SIGNS: Readonly<Record<Outcome, string>> = { passed: '✓', failed: '✗', unknown: '?', 'not-asked': '–' };
const VERDICT_SIGNS = { healthy: '✓', failing: '✗', unknown: '?' } as const;

/** Lines of at most `width` characters. What was not asked for is one line, as it says nothing of the account. */
export function doctorReport(answer: DoctorAnswer, { width, hasColors }: Pick<Console, 'width' | 'hasColors'>): string {
  const { verdict, askedAt, stack, afterDeploy, checks } = answer;
  const colors = picocolors.createColors(hasColors);
  const colored = (sign: string) => {
    if (sign === '✓') return colors.green(sign);
    return sign === '✗' ? colors.red(sign) : colors.yellow(sign);
  };
  const said = checks.filter(({ outcome }) => outcome !== 'not-asked');
  const wide = Math.max(...said.map((result) => titleOf(result).length), 0) + 2;
  const title = [afterDeploy ? 'Self-test' : 'Doctor', stack ?? '', askedAt].filter((part) => part !== '').join('  ');
  const left = checks.filter(({ outcome }) => outcome === 'not-asked').map(({ check }) => check);
  return [
    colors.bold(printable(title)),
    '',
    ...said.flatMap((result) =>
      linesOf(result, wide, width).map((line, index) => signed(result, line, index, colored)),
    ),
    ...(left.length === 0 ? [] : wrap(`– not asked for: ${left.join(', ')}`, width).split('\n')),
    '',
    ...wrap(`${VERDICT_SIGNS[verdict]} ${answer.answer}`, width)
      .split('\n')
      .map((line, index) => (index === 0 ? `${colored(line.slice(0, 1))}${line.slice(1)}` : line)),
  ].join('\n');
}

function signed({ outcome }: CheckResult, line: string, index: number, colored: (sign: string) => string): string {
  return index === 0 ? `${colored(SIGNS[outcome])} ${line}` : `  ${line}`;
}

/** Without the sign's column. */
function linesOf(result: CheckResult, wide: number, width: number): string[] {
  const title = titleOf(result);
  const room = Math.max(20, width - wide - 2);
  const words = wrap(printable(result.words.replaceAll('\n', ' ')), room).split('\n');
  const toDo = result.toDo === null ? [] : wrap(`→ ${result.toDo}`, room).split('\n');
  return [...words, ...toDo].map((line, index) => `${(index === 0 ? title : '').padEnd(wide)}${line}`);
}

function titleOf({ check, domain }: CheckResult): string {
  return printable(domain === null ? check : `${check} ${shortened(domain)}`);
}

/** Ids of domains may have 200 characters; the first ones tell them apart. */
function shortened(domain: string): string {
  return domain.length <= 12 ? domain : `${domain.slice(0, 8)}…`;
}
