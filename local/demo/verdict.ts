import { contradictionsIn, verifyFolder } from '../../tools/cases-audit/verify/verify-folder';
import { counted } from '../../tools/cases-audit/words';
import { openFieldChanges } from '../../tools/query/field-changes';
import { plainRows } from './archive';
import { type Comparison, compareRows, type Finding, isExact } from './compare';
import { type CommitFacts, expectedRows } from './expected-rows';
import { bad, count, good, heading, type Print } from './print';
import { type DemoWorld, DOMAIN } from './world';

const MAX_FINDINGS_SHOWN = 5;

/**
 * Compares the archive with the history that the service keeps, prints the result, and returns whether everything was
 * right.
 */
export async function printVerdict(
  print: Print,
  world: DemoWorld,
  commits: ReadonlyMap<number, CommitFacts>,
): Promise<boolean> {
  const history = world.stack.cases.history(DOMAIN);
  const changes = await openFieldChanges(world.archiveFolder);
  try {
    const exported = plainRows(await changes.query('SELECT * FROM field_changes'));
    const comparison = compareRows(expectedRows(history), exported, commits);
    const events = history.reduce((sum, { events }) => sum + events.length, 0);
    print();
    print(heading('Is it exact?'));
    print(`  The service holds ${counted(events, 'event')} of ${counted(history.length, 'case')}.`);
    for (const line of comparisonLines(comparison)) print(`  ${line}`);
    const problems = contradictionsIn(await verifyFolder(world.archiveFolder, { readData: 'all' }));
    for (const line of chainLines(problems, commits.size)) print(`  ${line}`);
    return isExact(comparison) && problems.length === 0;
  } finally {
    changes.close();
  }
}

/** Formats the result of a comparison: counts, and the keys of the first wrong rows. */
export function comparisonLines(comparison: Comparison): string[] {
  const { compared, columns, missing, doubled, different, unknown } = comparison;
  const verdict = `${counted(compared, 'exported row')} compared with it, each in ${columns} columns:`;
  return [
    isExact(comparison) ? good(verdict) : bad(verdict),
    `  ${count(missing.length)} missing · ${count(doubled.length)} doubled · ${count(different.length)} different · ${count(unknown.length)} unknown`,
    ...findingLines('missing', missing),
    ...findingLines('doubled', doubled),
    ...findingLines('different', different),
    ...findingLines('unknown', unknown),
  ];
}

function findingLines(what: string, findings: readonly Finding[]): string[] {
  const shown = findings.slice(0, MAX_FINDINGS_SHOWN).map(({ caseId, eventId, fieldIndex, columns }) => {
    const where = columns === undefined ? '' : ` in ${columns.join(', ')}`;
    return `  ${what}: case ${caseId}, event ${eventId}, field ${fieldIndex}${where}`;
  });
  const left = findings.length - shown.length;
  return left > 0 ? [...shown, `  … and ${count(left)} more ${what}`] : shown;
}

function chainLines(problems: readonly string[], manifests: number): string[] {
  if (problems.length > 0) return problems.map((problem) => bad(problem));
  return [
    good(`${manifests} manifests in one unbroken chain; every file they list has its SHA-256, and there is no other`),
  ];
}
