/** What many worlds came to, for people to read. */
import Table from 'cli-table3';
import { bad, count, dim, good, seconds } from '../../local/demo/print';
import { counted } from '../../tools/cases-audit/words';
import { FATES, noDrops } from './dropping';
import { SERVICES } from './requests';
import type { WorldResult } from './world';

/** A world that could not be run at all has the reason for it in place of a result. */
export type Outcome =
  | { readonly seed: number; readonly result: WorldResult }
  | { readonly seed: number; readonly failure: string };

/** The command that runs one world again. */
function rerunCommand(seed: number): string {
  return `npm run chaos -- --world ${seed}`;
}

/** Findings of each failed world, with its command; no line for the others. */
export function failureLines(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap((outcome) => {
    const problems = 'failure' in outcome ? [`could not be run: ${outcome.failure}`] : outcome.result.violations;
    if (problems.length === 0) return [];
    const shown = problems.slice(0, MAX_SHOWN).map((problem) => `  ${problem}`);
    const left = problems.length - MAX_SHOWN;
    const more = left > 0 ? [`  … and ${count(left)} more`] : [];
    return [bad(`world ${outcome.seed}   ${rerunCommand(outcome.seed)}`), ...shown, ...more];
  });
}

const MAX_SHOWN = 8;

/** Whether each world was run and nothing in it was violated. */
export function allIsWell(outcomes: readonly Outcome[]): boolean {
  return outcomes.every((outcome) => 'result' in outcome && outcome.result.violations.length === 0);
}

export function summaryLines(outcomes: readonly Outcome[], tookMs: number): string[] {
  const results = outcomes.flatMap((outcome) => ('result' in outcome ? [outcome.result] : []));
  const sum = (of: (result: WorldResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const violations = sum((result) => result.violations.length);
  const notRun = outcomes.length - results.length;
  const total = (noun: string, of: (result: WorldResult) => number) => counted(sum(of), noun);
  const ticks = total('tick', (result) => result.ticks);
  const kills = total('kill', (result) => result.kills);
  const unpublished = total('tick', (result) => result.unpublished);
  const changes = total('change', (result) => result.changes);
  const commits = total('commit', (result) => result.commits);
  const rows = total('row', (result) => result.rowsCompared);
  const nameless = total('row', (result) => result.nameless);
  return [
    `${counted(results.length, 'world')} in ${seconds(tookMs)}`,
    `  ${ticks}: ${joined(results.map(({ outcomes: ends }) => ends))}`,
    `  ${kills}; ${unpublished} left a commit behind that was made and not wholly published`,
    ...endingTable(results).split('\n'),
    ...dropTable(results).split('\n'),
    `  ${changes} to cases, ${commits}, ${rows} compared in every column`,
    dim(`  ${nameless} without the name of a deleted field, as its look-up was lost: counted, and as documented`),
    ...(notRun > 0 ? [bad(`${counted(notRun, 'world')} could not be run`)] : []),
    violations === 0 ? good('0 violations') : bad(counted(violations, 'violation')),
    dim('A seed decides the plan and the fate of each request, not the timing of real processes: the same world run'),
    dim('again is alike, not identical. Endings at the n-th request of a kind come back nearly exactly.'),
  ];
}

type Counts = Readonly<Record<string, number>>;

function added(all: readonly Counts[]): Map<string, number> {
  const totals = new Map<string, number>();
  for (const counts of all) {
    for (const [what, number] of Object.entries(counts)) totals.set(what, (totals.get(what) ?? 0) + number);
  }
  return new Map([...totals].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function joined(all: readonly Counts[]): string {
  return [...added(all)].map(([what, number]) => `${what} ${count(number)}`).join(' · ');
}

function endingTable(results: readonly WorldResult[]): string {
  const table = new Table({ head: ['bad ticks', 'times'], colAligns: ['left', 'right'], style: PLAIN });
  for (const [ending, times] of added(results.map(({ endings }) => endings))) table.push([ending, count(times)]);
  return table.toString();
}

function dropTable(results: readonly WorldResult[]): string {
  const kinds = ['requests', ...FATES] as const;
  const total = noDrops();
  for (const { drops } of results) {
    for (const service of SERVICES) for (const kind of kinds) total[service][kind] += drops[service][kind];
  }
  const head = ['service', 'requests', 'dropped before', 'dropped after', 'error', 'delayed', 'hung', 'late'];
  const table = new Table({ head, colAligns: ['left', ...kinds.map(() => 'right' as const)], style: PLAIN });
  for (const service of SERVICES) table.push([service, ...kinds.map((kind) => count(total[service][kind]))]);
  return table.toString();
}

const PLAIN = { head: [], border: [], compact: true };
