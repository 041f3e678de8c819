/** Runs the checks one after the other and sums them up: the JSON of `doctor --json`. */
import type { Check, Outcome } from './check';
import { CHECKS, CREDENTIALS } from './checks';
import type { Examination } from './examination';
import { SELF_TEST } from './self-test';

const DOCTOR_FORMAT = 'cases-audit-doctor/v1';

/** `unknown`: nothing that was checked has failed, and something could not be checked. */
type DoctorVerdict = 'healthy' | 'failing' | 'unknown';

const DOCTOR_EXIT_CODES: Readonly<Record<DoctorVerdict, number>> = { healthy: 0, failing: 1, unknown: 3 };

export interface CheckResult {
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
  const counts = [
    `${count('passed')} passed`,
    ...(count('failed') > 0 ? [`${count('failed')} failed`] : []),
    ...(count('unknown') > 0 ? [`${count('unknown')} could not be checked`] : []),
    ...(count('not-asked') > 0 ? [`${count('not-asked')} not asked for`] : []),
  ].join(', ');
  if (count('failed') > 0) return { verdict: 'failing', answer: `Something is not as it must be: ${counts}.` };
  if (count('passed') === 0) return { verdict: 'unknown', answer: `Nothing could be checked: ${counts}.` };
  if (count('unknown') > 0) return { verdict: 'unknown', answer: `All is well as far as it was checked: ${counts}.` };
  return { verdict: 'healthy', answer: `All is well: ${counts}.` };
}
