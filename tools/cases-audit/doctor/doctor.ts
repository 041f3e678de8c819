/** Runs the checks one after the other and sums them up: the JSON of `doctor --json`. */

import picocolors from 'picocolors';
import type { Console } from '../console';
import { printable, wrap } from '../words';
import type { Check, Outcome } from './check';
import { CHECKS, CREDENTIALS } from './checks';
import type { Examination } from './examination';
import { SELF_TEST } from './self-test';

const DOCTOR_FORMAT = 'cases-audit-doctor/v1';

/** `unknown`: nothing that was checked has failed, and something could not be checked. */
type DoctorVerdict = 'healthy' | 'failing' | 'unknown';

const DOCTOR_EXIT_CODES: Readonly<Record<DoctorVerdict, number>> = { healthy: 0, failing: 1, unknown: 3 };

interface CheckResult {
  readonly check: string;
  /** Null for what is of the whole account. */
  readonly domain: string | null;
  readonly outcome: Outcome;
  /** What was found, or why nothing was. */
  readonly words: string;
  /** Null unless it failed. */
  readonly toDo: string | null;
}

/** Members are added, never renamed or removed, within a version. */
export interface DoctorAnswer {
  readonly format: typeof DOCTOR_FORMAT;
  readonly verdict: DoctorVerdict;
  readonly exitCode: number;
  /** One sentence. */
  readonly answer: string;
  /** ISO 8601, UTC. */
  readonly askedAt: string;
  readonly stack: string | null;
  readonly afterDeploy: boolean;
  readonly checks: readonly CheckResult[];
}

interface DoctorRequest {
  readonly examination: Examination;
  readonly afterDeploy: boolean;
  readonly onCheck: (check: string, done: number) => void;
}

/** Rejects with InterruptedError. Whatever AWS answers becomes a result. */
export async function examine({ examination, afterDeploy, onCheck }: DoctorRequest): Promise<DoctorAnswer> {
  const askedAt = new Date(examination.now()).toISOString();
  const results: CheckResult[] = [];
  const run = async (check: Check) => {
    onCheck(check.name, results.length);
    results.push(...(await resultsOf(check, examination)));
  };
  try {
    await run(CREDENTIALS);
    const checks = afterDeploy ? SELF_TEST : CHECKS;
    if (results[0]?.outcome === 'failed') results.push(...checks.map(notTried));
    else for (const check of checks) await run(check);
  } finally {
    examination.close();
  }
  const { verdict, answer } = sumUp(results);
  const { stack } = examination.names;
  const exitCode = DOCTOR_EXIT_CODES[verdict];
  return { format: DOCTOR_FORMAT, verdict, exitCode, answer, askedAt, stack, afterDeploy, checks: results };
}

async function resultsOf(check: Check, examination: Examination): Promise<CheckResult[]> {
  const domains = check.per === 'account' ? [null] : examination.domains;
  if (domains.length === 0) return [{ ...notTried(check), outcome: 'not-asked', words: 'No domain is known.' }];
  const results: CheckResult[] = [];
  for (const domain of domains) {
    const { outcome, words } = await check.run(examination, domain ?? '');
    results.push({ check: check.name, domain, outcome, words, toDo: outcome === 'failed' ? check.toDo : null });
  }
  return results;
}

function notTried({ name }: Check): CheckResult {
  return { check: name, domain: null, outcome: 'unknown', words: 'Not tried: there are no credentials.', toDo: null };
}

/** Pure. A call that names nothing to check has proven nothing. */
function sumUp(results: readonly CheckResult[]): { readonly verdict: DoctorVerdict; readonly answer: string } {
  const count = (outcome: Outcome) => results.filter((result) => result.outcome === outcome).length;
  const others = Object.entries({ failed: 'failed', unknown: 'could not be checked', 'not-asked': 'not asked for' })
    .map(([outcome, words]) => [count(outcome as Outcome), words] as const)
    .filter(([number]) => number > 0);
  const counts = [`${count('passed')} passed`, ...others.map((each) => each.join(' '))].join(', ');
  if (count('failed') > 0) return { verdict: 'failing', answer: `Something is not as it must be: ${counts}.` };
  if (count('passed') === 0) return { verdict: 'unknown', answer: `Nothing could be checked: ${counts}.` };
  if (count('unknown') > 0) return { verdict: 'unknown', answer: `All is well as far as it was checked: ${counts}.` };
  return { verdict: 'healthy', answer: `All is well: ${counts}.` };
}

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
