/**
 * One world under fire, by its seed: the built bundle as a process of its own, tick after tick, against the local services behind
 * proxies that drop requests and answers; killed or frozen where the plan says so; cases changing all the while. Then the faults
 * end, quiet ticks follow, and every row is held against the history.
 *
 * The seed decides the plan and the fate of the n-th request to each service. It cannot decide the timing of real processes: a
 * world that is run again is alike, not identical. Endings at the n-th request of a kind are nearly exact.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readManifests } from '../../local/demo/archive';
import { runTick, type Tick } from '../../local/exporter/tick';
import { ArchiveWatch } from './archive-watch';
import { type Checkpoints, readCheckpoints } from './checkpoints';
import { findDifferences } from './comparison';
import { createDropping, type DropCounts } from './dropping';
import { type Ending, planWorld, type TickPlan, type WorldPlan, type WorldSize } from './plan';
import { SERVICES } from './requests';
import { DOMAIN, type Setting, startSetting } from './setting';
import { type Armed, Trigger, wire } from './trigger';

const QUIET_TIMEOUT_MS = 600_000;
const MAX_QUIET_TICKS = 15;
/** How the bundle may end a tick on a bad day: a service could not be reached, or another tick has taken over. */
const HONEST_ERRORS: ReadonlySet<string> = new Set(['StoreError', 'CasesCallError', 'SystemicError', 'FencedOutError']);

export interface WorldResult {
  readonly seed: number;
  readonly ticks: number;
  readonly kills: number;
  /** Ticks by what ended them, such as `killed after s3.publish`. */
  readonly endings: Readonly<Record<string, number>>;
  /** Ticks that left a commit behind which was made and not wholly published. */
  readonly unpublished: number;
  /** Answers by status, errors by name. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly drops: DropCounts;
  /** Changes made to cases, the history included. */
  readonly changes: number;
  readonly commits: number;
  readonly rowsCompared: number;
  /** Of these, the ones without the name of a deleted field: nobody answered when it was looked up. */
  readonly nameless: number;
  /** What should not be, a line each: ids and keys, never values. Empty when all is well. */
  readonly violations: readonly string[];
}

/** Rejects only if the world itself could not be built or run; whatever the bundle does wrong is a violation. */
export async function runWorld(seed: number, size: WorldSize = 'full'): Promise<WorldResult> {
  const plan = planWorld(seed, size);
  const setting = await startSetting(plan);
  const world = new ChaosWorld(plan, setting);
  try {
    return await world.run();
  } finally {
    world.letGo();
    await setting.close();
  }
}

class ChaosWorld {
  readonly #trigger = new Trigger();
  readonly #watch: ArchiveWatch;
  readonly #dropping;
  readonly #endings: Record<string, number> = {};
  readonly #outcomes: Record<string, number> = {};
  readonly #violations: string[] = [];
  readonly #quietRuns = new Set<string>();
  #kills = 0;
  #ticks = 0;
  /** A tick that is frozen while the next one runs. */
  #frozen: { readonly running: Promise<Tick>; readonly thaw: () => void } | undefined;
  #unpublished = 0;

  constructor(
    private readonly plan: WorldPlan,
    private readonly setting: Setting,
  ) {
    this.#watch = new ArchiveWatch(setting.archiveFolder, DOMAIN, async () => (await this.#checkpoints()).head);
    this.#dropping = createDropping(plan.seed, plan.drops);
    for (const service of SERVICES) {
      wire(setting.proxies[service], service, {
        trigger: this.#trigger,
        weather: this.#dropping.hook(service),
        watch: (...seen) => {
          if (service === 's3') this.#watch.noteObjectAnswer(...seen);
          if (service === 'dynamodb') this.#watch.noteTableAnswer(...seen);
        },
      });
    }
  }

  async run(): Promise<WorldResult> {
    const work = this.setting.desk.startWork(this.plan.changeEveryMs);
    try {
      for (const tick of this.plan.ticks) await this.#badTick(tick);
    } finally {
      await work.stop();
    }
    await this.#endFaults();
    const { rowsCompared, problems, nameless } = (await this.#quietTicks())
      ? await findDifferences(this.setting, this.#quietRuns)
      : { rowsCompared: 0, problems: [], nameless: 0 };
    const { seed } = this.plan;
    return {
      seed,
      ticks: this.#ticks,
      kills: this.#kills,
      endings: this.#endings,
      unpublished: this.#unpublished,
      outcomes: this.#outcomes,
      drops: this.#dropping.counts,
      changes: this.setting.desk.changes,
      commits: readManifests(this.setting.archiveFolder, DOMAIN).length,
      rowsCompared,
      nameless,
      violations: [...new Set([...this.#watch.findings, ...this.#violations, ...problems])],
    };
  }

  async #badTick({ timeoutMs, ending }: TickPlan): Promise<void> {
    await this.#passLease();
    let kill: () => void = () => undefined;
    const running = this.#tick(timeoutMs, (end) => (kill = end));
    const timer = ending.kind === 'kill-at-time' ? setTimeout(() => kill(), ending.ms) : undefined;
    const armed = 'at' in ending ? this.#trigger.arm(ending, () => kill()) : undefined;
    if (ending.kind === 'freeze-at-request') await struckOrEnded(armed, running);
    else await running;
    clearTimeout(timer);
    this.#trigger.disarm();
    await this.#thaw();
    const isFrozen = ending.kind === 'freeze-at-request' && armed?.hasStruck === true;
    if (isFrozen) this.#frozen = { running, thaw: () => armed.thaw() };
    else this.#judge(await running);
    const wasReached = ending.kind === 'left' || isFrozen || (await running).killed;
    this.#count(this.#endings, wasReached ? nameOf(ending) : 'moment not reached');
    await this.#watch.look();
    const { head, applied } = await this.#checkpoints();
    if (applied < head) this.#unpublished += 1;
  }

  /** The tick before, if it is frozen, goes on now that another one has been here. */
  async #thaw(): Promise<void> {
    const frozen = this.#frozen;
    this.#frozen = undefined;
    frozen?.thaw();
    if (frozen !== undefined) this.#judge(await frozen.running);
  }

  async #endFaults(): Promise<void> {
    await this.#thaw();
    this.#dropping.calm();
    this.setting.stack.cases.set(this.plan.calmSwitches);
    await Promise.all(SERVICES.map((service) => this.setting.proxies[service].idle()));
    await this.#watch.look();
  }

  /** Until twice in a row there is nothing more to export; false if that never comes. */
  async #quietTicks(): Promise<boolean> {
    let quiet = 0;
    for (let count = 0; count < MAX_QUIET_TICKS; count += 1) {
      const { lastRetryAt } = await this.#passLease();
      // The service tells its time in whole seconds, so up to one more passes before a change counts as settled.
      this.setting.skip(this.plan.settleSeconds * 1_000 + 1_100);
      // A case that several killed ticks died on is tried again after an hour at the earliest.
      this.setting.skip(Math.max(0, lastRetryAt - this.setting.now()));
      const tick = await this.#tick(QUIET_TIMEOUT_MS);
      this.#judge(tick);
      await this.#watch.look();
      const { answer, error } = tick;
      if (answer !== null) this.#quietRuns.add(answer.runId);
      if (error !== null) this.#violations.push(`a quiet tick ended with ${error.name}: ${error.message}`);
      // A field that is null at every asking is owed for ever; its row is held against the history all the same.
      const owed = answer === null ? 0 : answer.retrying - (answer.debts['null-field'] ?? 0);
      const isQuiet = answer?.status === 'complete' && answer.eventsExported === 0 && owed === 0;
      quiet = isQuiet ? quiet + 1 : 0;
      if (quiet === 2) return true;
    }
    this.#violations.push(`not quiet after ${MAX_QUIET_TICKS} ticks without a fault`);
    return false;
  }

  #tick(timeoutMs: number, onStart: (kill: () => void) => void = () => undefined): Promise<Tick> {
    this.#ticks += 1;
    return runTick({ event: { domainId: DOMAIN }, env: this.setting.env(), timeoutMs, onStart });
  }

  #judge({ answer, error, killed, logs }: Tick): void {
    if (killed) this.#kills += 1;
    const outcome = killed ? 'killed' : (answer?.status ?? error?.name ?? 'died');
    this.#count(this.#outcomes, outcome);
    if (outcome === 'died') this.#violations.push(`a tick died by itself: ${logs.at(-1) ?? 'without a word'}`);
    if (error !== null && !HONEST_ERRORS.has(error.name)) {
      this.#violations.push(`a tick ended with ${error.name}: ${error.message}`);
    }
  }

  /** The lease of the dead runs out; nobody has to wait for it. */
  async #passLease(): Promise<Checkpoints> {
    const checkpoints = await this.#checkpoints();
    this.setting.skip(Math.max(0, checkpoints.leaseExpiresAt + 20 - this.setting.now()));
    return checkpoints;
  }

  #checkpoints(): Promise<Checkpoints> {
    return readCheckpoints(this.setting.stack.dynamodb);
  }

  #count(counts: Record<string, number>, what: string): void {
    counts[what] = (counts[what] ?? 0) + 1;
  }

  /** A tick that is frozen still goes on, to its end or into the void. */
  letGo(): void {
    this.#frozen?.thaw();
  }
}

async function struckOrEnded(armed: Armed | undefined, running: Promise<unknown>): Promise<void> {
  let hasEnded = false;
  const noteEnd = () => {
    hasEnded = true;
  };
  running.then(noteEnd, noteEnd);
  while (!hasEnded && armed?.hasStruck !== true) await sleep(10);
}

function nameOf(ending: Ending): string {
  switch (ending.kind) {
    case 'left':
      return 'left to its end';
    case 'kill-at-time':
      return 'killed at a moment';
    case 'kill-at-request':
      return `killed ${ending.when} ${ending.at}`;
    case 'freeze-at-request':
      return `frozen at ${ending.at}`;
  }
}
