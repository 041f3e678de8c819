/** What many seeds came to. */
import Table from 'cli-table3';
import { bad, count, good, seconds } from '../../local/demo/print';
import { counted } from '../../tools/cases-audit/words';
import { FAULT_KINDS, type FaultKind, whatIs } from './faults';
import type { SeedResult } from './run-seed';

/** In so many seeds in a row every kind of fault strikes at least once (`plan.ts`). */
const SEEDS_FOR_EVERY_FAULT = 2_000;

const KINDS = Object.keys(FAULT_KINDS) as FaultKind[];

interface Summary {
  readonly from: number;
  readonly worlds: number;
  readonly invocations: number;
  readonly steps: number;
  readonly commits: number;
  readonly events: number;
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** In how many worlds each of them struck. */
  readonly worldsStruck: Readonly<Record<FaultKind, number>>;
  readonly violations: readonly { readonly seed: number; readonly violation: string; readonly command: string }[];
  /** Kinds that never struck, though there were worlds enough. */
  readonly missingFaults: readonly FaultKind[];
}

export function summarize(from: number, results: readonly SeedResult[]): Summary {
  const sum = (of: (result: SeedResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const byKind = (of: (result: SeedResult, kind: FaultKind) => number) =>
    Object.fromEntries(KINDS.map((kind) => [kind, sum((result) => of(result, kind))])) as Record<FaultKind, number>;
  const faults = byKind((result, kind) => result.faults[kind] ?? 0);
  const isEnough = results.length >= SEEDS_FOR_EVERY_FAULT;
  return {
    from,
    worlds: results.length,
    invocations: sum(({ invocations }) => invocations),
    steps: sum(({ steps }) => steps),
    commits: sum(({ commits }) => commits),
    events: sum(({ events }) => events),
    faults,
    worldsStruck: byKind((result, kind) => ((result.faults[kind] ?? 0) > 0 ? 1 : 0)),
    violations: results
      .flatMap(({ seed, violation }) => (violation === null ? [] : [{ seed, violation, command: rerunCommand(seed) }]))
      .sort((a, b) => a.seed - b.seed),
    missingFaults: isEnough ? KINDS.filter((kind) => faults[kind] === 0) : [],
  };
}

export function rerunCommand(seed: number): string {
  return `npm run simulate -- --seed ${seed}`;
}

export function isClean({ violations, missingFaults }: Summary): boolean {
  return violations.length === 0 && missingFaults.length === 0;
}

export function summaryLines(summary: Summary, tookMs: number): string[] {
  const { worlds, invocations, steps, commits, events, violations, missingFaults } = summary;
  return [
    ...faultTable(summary).split('\n'),
    `${counted(worlds, 'world')} in ${seconds(tookMs)}: ${counted(invocations, 'invocation')}, ${counted(steps, 'step')} (port calls), ${counted(commits, 'commit')}, ${counted(events, 'event')} compared in every column`,
    ...missingFaults.map((kind) => bad(`${kind} never struck: ${whatIs(kind)}`)),
    ...violations.flatMap(({ violation, command }) => [bad(command), `  ${violation}`]),
    violations.length === 0 ? good('0 violations') : bad(counted(violations.length, 'violation')),
  ];
}

function faultTable({ faults, worldsStruck }: Summary): string {
  const table = new Table({
    head: ['fault', 'struck', 'worlds', 'what'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right'],
  });
  for (const kind of KINDS) table.push([kind, count(faults[kind]), count(worldsStruck[kind]), whatIs(kind)]);
  return table.toString();
}
