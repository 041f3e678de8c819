import { median, tableHead, tableRow } from '../harness';
import type { LeanCheckpoints } from './checkpoints';
import type { Domain } from './domain';
import type { LeanObjects } from './objects';
import type { Phase, PhaseName, Samples } from './samples';
import type { SickCases } from './sick-cases';
import type { Kind, Watcher } from './watcher';

const MAX_TICKS = 2;
/** MAX_LAG and two invocations of fifteen minutes. */
const MAX_MINUTES_TOUCHED_AGAIN = 45;
const MAX_PUTS_A_CASE = 3;
/** Waiting heads and retry entries besides what is written for cases that are read. */
const MAX_EXCESS_WRITES = 1_000;
/** The end may lie so much above the start. */
const HEAP_TOLERANCE = 1.15;
const HOUR_MS = 3_600_000;

interface Finished {
  readonly domain: Domain;
  readonly watcher: Watcher;
  readonly samples: Samples;
  readonly sick: SickCases;
  readonly checkpoints: LeanCheckpoints;
  readonly objects: LeanObjects;
  readonly anomalies: ReadonlyMap<string, number>;
  readonly rps: number;
  readonly cpuSeconds: number;
}

/** Prints the tables; true if every aim is met. */
export function report(finished: Finished): boolean {
  const { domain, samples, cpuSeconds, rps, anomalies } = finished;
  const deletions = domain.cases - domain.alive;
  console.log(`Node ${process.version}, ${cpuSeconds.toFixed(0)} CPU s, ${rps} calls per second and operation`);
  console.log(
    `${domain.cases} cases at the end; ${domain.happened} changes, new cases and related items, ${deletions} deletions meanwhile`,
  );
  console.log(`anomalies logged: ${[...anomalies].map(([name, count]) => `${name} ×${count}`).join(', ') || 'none'}\n`);
  reportPhases(samples);
  reportLags(finished.watcher);
  reportSick(finished);
  return reportAims(finished);
}

function reportPhases({ phases }: Samples): void {
  const calls = ['calls: retry', 'live + related', 'related walk', 'sweep', 'fields'];
  tableHead('phase', 'ticks', 'cases read', 'commits', ...calls);
  for (const [name, phase] of entries(phases)) {
    const lanes = (['retry', 'live', 'related walk', 'sweep', 'fields'] as const).map((lane) => shareOf(phase, lane));
    tableRow(name, phase.ticks, phase.cases, phase.commits, ...lanes);
  }
  console.log();
  const written = ['heads', 'event ids', 'retry entries', 'STATE', 'writes per case', 'most writes per tick'];
  tableHead('phase', ...written, 'CPU ms per tick');
  for (const [name, phase] of entries(phases)) {
    const { writes, ticks, cpuSeconds } = phase;
    const kinds = (['head', 'event ids', 'retry entry', 'state'] as const).map((kind) => writes[kind] ?? 0);
    const tick = ((cpuSeconds * 1000) / Math.max(1, ticks)).toFixed(0);
    tableRow(name, ...kinds, writesACase(phase), phase.mostWritesATick, tick);
  }
}

function shareOf({ calls }: Phase, lane: keyof Phase['calls']): string {
  const all = Object.values(calls).reduce((sum, count) => sum + count, 0);
  const count = calls[lane] ?? 0;
  return all === 0 ? '0' : `${count} (${((100 * count) / all).toFixed(1)} %)`;
}

function writesACase({ writes, cases }: Phase): string {
  const puts = (writes.head ?? 0) + (writes['event ids'] ?? 0) + (writes['retry entry'] ?? 0);
  return cases === 0 ? '–' : (puts / cases).toFixed(2);
}

function reportLags(watcher: Watcher): void {
  console.log();
  tableHead('changes', 'count', 'ticks: p99', 'max', 'minutes after settling: p50', 'p99', 'max');
  for (const kind of ['settled', 'touched again'] as const satisfies readonly Kind[]) {
    const { changes, p99Ticks, maxTicks, p50Minutes, p99Minutes, maxMinutes } = watcher.lags(kind);
    const minutes = [p50Minutes, p99Minutes, maxMinutes].map((value) => value.toFixed(1));
    tableRow(kind, changes, p99Ticks, maxTicks, ...minutes);
  }
}

function reportSick({ sick, domain, samples }: Finished): void {
  const counts = sick.count(domain.cases);
  if (counts.size === 0) return;
  const calls = Object.values(samples.phases).flatMap((phase) => Object.values(phase.calls));
  const all = calls.reduce((sum, count) => sum + count, 0);
  const ofSick = [...sick.calls.values()].reduce((sum, count) => sum + count, 0);
  console.log(`\n${all} calls, ${ofSick} of them (${((100 * ofSick) / all).toFixed(1)} %) reads of sick cases`);
  console.log(`debts at the end: ${JSON.stringify(samples.debts)}\n`);
  tableHead('sickness', 'cases', 'calls', 'calls per case');
  for (const [sickness, cases] of counts) {
    const made = sick.calls.get(sickness) ?? 0;
    tableRow(sickness, cases, made, (made / cases).toFixed(1));
  }
}

function reportAims({ watcher, samples, checkpoints, objects }: Finished): boolean {
  const sweep = samples.phases['first sweep'];
  const heap = heapFigures(samples);
  const lags = watcher.lags('settled');
  const restless = watcher.lags('touched again').maxMinutes;
  const missing = watcher.missing();
  const days = samples.sweepMs === null ? 'not finished' : `${(samples.sweepMs / HOUR_MS / 24).toFixed(2)} days`;
  const isWhole = samples.sweepMs !== null;
  const aims: readonly (readonly [string, string, boolean])[] = [
    ['ticks from settling to visible', `${lags.maxTicks}`, lags.maxTicks <= MAX_TICKS],
    ['minutes to visible where touched again', restless.toFixed(1), restless <= MAX_MINUTES_TOUCHED_AGAIN],
    ['invocations without a rise of the sweep anchor', `${samples.anchorStoodStill}`, samples.anchorStoodStill === 0],
    ['heap after GC: start, middle, end, most (MB)', heap.text, heap.isFlat],
    ['table writes per case during the sweep', writesACase(sweep), Number(writesACase(sweep)) <= MAX_PUTS_A_CASE],
    [
      'most writes per tick beyond 3 per case and 6 per commit',
      `${sweep.mostExcessWrites}`,
      sweep.mostExcessWrites <= MAX_EXCESS_WRITES,
    ],
    ['events twice, unknown', `${watcher.duplicates}, ${watcher.unknown}`, watcher.duplicates + watcher.unknown === 0],
    ['events missing at the end', isWhole ? `${missing}` : 'sweep not finished', !isWhole || missing === 0],
  ];
  console.log();
  tableHead('aim', 'measured', 'met');
  for (const [name, measured, isMet] of aims) tableRow(name, measured, isMet ? 'yes' : '**no**');
  const checked = checkpoints.state?.lanes.sweep;
  if (checked?.purpose === 'check') {
    const { number, casesRead, eventsMissed, finishedAt } = checked;
    const end = finishedAt === null ? 'under way' : 'finished';
    console.log(
      `\nsweep ${number}, a check, ${end}: ${casesRead} cases read, ${eventsMissed} events missed by other lanes`,
    );
  }
  console.log(`\nfirst sweep: ${days}; ${checkpoints.eventIdsStored} event ids, ${objects.puts} puts to S3`);
  return aims.every(([, , isMet]) => isMet);
}

function heapFigures({ heap }: Samples): { text: string; isFlat: boolean } {
  // The first sample is taken before everything has been called once.
  const samples = heap.slice(1).map(({ mb }) => mb);
  const part = Math.max(1, Math.floor(samples.length / 10));
  const middleAt = Math.floor(samples.length / 2);
  const start = median(samples.slice(0, part));
  const middle = median(samples.slice(middleAt, middleAt + part));
  const end = median(samples.slice(-part));
  const most = Math.max(...samples);
  const text = [start, middle, end, most].map((mb) => mb.toFixed(1)).join(', ');
  return { text, isFlat: Math.max(middle, end) <= start * HEAP_TOLERANCE };
}

function entries(phases: Readonly<Record<PhaseName, Phase>>): [PhaseName, Phase][] {
  return Object.entries(phases) as [PhaseName, Phase][];
}
