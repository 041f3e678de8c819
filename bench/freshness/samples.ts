import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isHistoryIn } from '../../lambda/export/find/sweep';
import type { ExportAnswer } from '../../lambda/export/run/invocation';
import type { Lane, LaneCalls } from './cases-api';
import type { LeanCheckpoints, TableWrite } from './checkpoints';

/** A heap sample every so many ticks: collecting takes time. */
const HEAP_EVERY = 20;

export interface Phase {
  ticks: number;
  cases: number;
  commits: number;
  cpuSeconds: number;
  readonly calls: Record<Lane, number>;
  readonly writes: Record<TableWrite, number>;
  mostWritesATick: number;
  /** Writes beyond three a case read and six a commit. */
  mostExcessWrites: number;
}

export type PhaseName = 'first sweep' | 'steady' | 'quiet';

/** What each tick took, summed by phase. */
export class Samples {
  readonly phases: Record<PhaseName, Phase> = { 'first sweep': phase(), steady: phase(), quiet: phase() };
  readonly heap: { readonly ms: number; readonly mb: number }[] = [];
  /** Invocations during the sweep at whose end its anchor stood no higher than before. */
  anchorStoodStill = 0;
  sweepMs: number | null = null;
  /** As the last tick answered. */
  debts: ExportAnswer['debts'] = {};
  #before = { calls: zero<Lane>(), writes: zero<TableWrite>(), anchor: 0, isSweeping: true, cpu: process.cpuUsage() };
  #ticks = 0;

  constructor(
    private readonly api: LaneCalls,
    private readonly checkpoints: LeanCheckpoints,
  ) {}

  tickBegins(): void {
    const sweep = this.checkpoints.state?.lanes.sweep ?? null;
    this.#before = {
      calls: { ...this.api.counts },
      writes: { ...this.checkpoints.writes },
      anchor: sweep?.anchor ?? Number.NEGATIVE_INFINITY,
      isSweeping: !isHistoryIn(sweep),
      cpu: process.cpuUsage(),
    };
  }

  /** `ms` since the start. */
  tickEnded(ms: number, answer: ExportAnswer, isQuiet: boolean): void {
    const name = this.#before.isSweeping ? 'first sweep' : isQuiet ? 'quiet' : 'steady';
    this.debts = answer.debts;
    this.#addTo(this.phases[name], answer);
    if (this.#before.isSweeping) this.#watchSweep(ms);
    if (this.#ticks++ % HEAP_EVERY === 0) this.heap.push({ ms, mb: heapMb() });
    if (this.#ticks % 100 === 0) {
      const heap = this.heap.at(-1)?.mb.toFixed(1);
      process.stderr.write(`day ${(ms / 86_400_000).toFixed(2)} · ${this.#ticks} ticks · heap ${heap} MB\n`);
    }
  }

  #watchSweep(ms: number): void {
    const sweep = this.checkpoints.state?.lanes.sweep ?? null;
    if (isHistoryIn(sweep)) this.sweepMs = ms;
    else if ((sweep?.anchor ?? Number.NEGATIVE_INFINITY) <= this.#before.anchor) this.anchorStoodStill += 1;
  }

  #addTo(sums: Phase, { casesRead, commits }: ExportAnswer): void {
    const { user, system } = process.cpuUsage(this.#before.cpu);
    let writes = 0;
    for (const [kind, count] of Object.entries(this.checkpoints.writes) as [TableWrite, number][]) {
      const made = count - (this.#before.writes[kind] ?? 0);
      sums.writes[kind] = (sums.writes[kind] ?? 0) + made;
      writes += made;
    }
    for (const [lane, count] of Object.entries(this.api.counts) as [Lane, number][]) {
      sums.calls[lane] = (sums.calls[lane] ?? 0) + count - (this.#before.calls[lane] ?? 0);
    }
    sums.ticks += 1;
    sums.cases += casesRead;
    sums.commits += commits;
    sums.cpuSeconds += (user + system) / 1e6;
    sums.mostWritesATick = Math.max(sums.mostWritesATick, writes);
    sums.mostExcessWrites = Math.max(sums.mostExcessWrites, writes - 3 * casesRead - 6 * commits);
  }
}

function phase(): Phase {
  return {
    ticks: 0,
    cases: 0,
    commits: 0,
    cpuSeconds: 0,
    calls: zero(),
    writes: zero(),
    mostWritesATick: 0,
    mostExcessWrites: Number.NEGATIVE_INFINITY,
  };
}

function zero<K extends string>(): Record<K, number> {
  return {} as Record<K, number>;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** V8's heap in MB after a collection, without typed arrays and buffers. */
function heapMb(): number {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}
