/** What the mutants came to, for a terminal and for MUTANTS.md. */
import Table from 'cli-table3';
import pc from 'picocolors';
import type { Checked, Verdict } from './check';

const MAX_VIOLATION = 100;

export function progressLine({ one, verdict }: Checked, done: number, total: number): string {
  const mark = verdict.kind === 'caught' ? pc.green('caught') : pc.red(verdict.kind);
  const by = verdict.kind === 'caught' ? `by ${byText(verdict.by)}` : verdict.why;
  return `${String(done).padStart(String(total).length)}/${total}  ${mark}  ${one.name}: ${by}`;
}

export function tableOf(checked: readonly Checked[]): string {
  const table = new Table({ head: ['break', 'caught by', 'violation'], style: { head: [], border: [] } });
  for (const { one, verdict } of checked) {
    table.push([one.name, verdict.kind === 'caught' ? byText(verdict.by) : pc.red(verdict.kind), textOf(verdict)]);
  }
  return table.toString();
}

/** The page for readers. Lists every break; only for a run in which all of them are caught. */
export function markdownOf(checked: readonly Checked[]): string {
  const bySeeds = checked.filter(({ verdict }) => verdict.kind === 'caught' && typeof verdict.by === 'number');
  const byTests = checked.filter(({ verdict }) => verdict.kind === 'caught' && typeof verdict.by === 'string');
  const lines = [
    '# The tests are tested',
    '',
    `Each line is a guard of the exporter that \`npm run mutants\` breaks on purpose, and what notices: ${checked.length} mutants,`,
    `${bySeeds.length} caught by a seed of the simulation, ${byTests.length} by a test. With nothing broken the same seeds and tests pass.`,
    '`npm run simulate -- --seed <seed>` runs one seed. This page is written by `npm run mutants -- --write`.',
    '',
    '| Broken guard | File | Seed | Violation |',
    '|---|---|---|---|',
    ...bySeeds.map(({ one, verdict }) => row([one.name, code(one.file), byCell(verdict), textOf(verdict)])),
    '',
    '## Caught by a test',
    '',
    'No seed can show these, or only a rare one: beside each stands why a test does.',
    '',
    '| Broken guard | File | Test that fails | Why a test |',
    '|---|---|---|---|',
    ...byTests.map(({ one, verdict }) =>
      row([one.name, code(one.file), `${code(byCell(verdict))}: ${textOf(verdict)}`, one.caughtBy?.because ?? '']),
    ),
    '',
  ];
  return lines.join('\n');
}

function byText(by: number | string): string {
  return typeof by === 'number' ? `seed ${by}` : by;
}

function byCell(verdict: Verdict): string {
  return verdict.kind === 'caught' ? String(verdict.by) : verdict.kind;
}

function textOf(verdict: Verdict): string {
  const text = verdict.kind === 'caught' ? verdict.how : verdict.why;
  const [line = ''] = text.split('\n');
  return line.length > MAX_VIOLATION ? `${line.slice(0, MAX_VIOLATION - 1)}…` : line;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}
