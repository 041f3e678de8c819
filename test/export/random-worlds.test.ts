/**
 * Random worlds on bad days: whatever fails, repeats, dies or changes meanwhile, the ticks after it make the export exact. One
 * seed decides everything; `SEED=<n> npx jest test/export/random-worlds` runs one, `SEEDS=<n>` that many from 1 on.
 */
import { CasesCallError, type CasesFailure } from '../../lambda/export/domain/errors';
import type { CasesApi } from '../../lambda/export/ports';
import type { Settings } from '../../lambda/export/settings';
import { type Fault, withFaults } from '../fakes/with-faults';
import { Random } from '../support/random';
import {
  createWorld,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  MINUTE,
  START,
  type TickOptions,
  type World,
} from '../support/world';

const SEEDS = process.env['SEED']
  ? [Number(process.env['SEED'])]
  : Array.from({ length: Number(process.env['SEEDS'] ?? 150) }, (_, index) => index + 1);

class Day {
  readonly #random: Random;
  readonly world: World;
  readonly settings: Partial<Settings>;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.settings = {
      searchCasesRps: this.pick([1, 5, 1000]),
      auditEventsRps: this.pick([1, 5, 1000]),
      relatedItemsRps: this.pick([1, 1000]),
      settleMs: this.pick([0, 1000, 180_000]),
      overlapMs: this.pick([0, 60_000, 900_000]),
      maxLagMs: this.pick([0, 60_000, 900_000]),
      maxRowsPerCommit: this.pick([1, 7, 100_000]),
      commitReserveMs: this.pick([0, 5_000, 30_000]),
      exportFrom: null,
    };
    const pageSize = {
      searchCases: this.pick([1, 2, 5, 100]),
      getCaseAuditEvents: this.pick([1, 2, 25]),
      searchAllRelatedItems: this.pick([1, 3, 25]),
    };
    this.world = createWorld({
      settings: this.settings,
      cases: { pageSize, before: () => this.world.clock.advance(1) },
    });
    const cases = this.below(25);
    for (let index = 0; index < cases; index += 1)
      this.#addCase(START - HOUR * (1 + this.below(100)) - (this.chance(0.3) ? 0 : this.below(HOUR)));
  }

  below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  #addCase(at: number): void {
    const { cases } = this.world;
    const caseId = `case-${cases.cases.size}`;
    cases.addCase(caseId, at);
    for (let update = this.below(8); update > 0; update -= 1) cases.updateCase(caseId, at + this.below(1000));
    if (this.chance(0.2)) cases.cases.get(caseId)?.events.reverse();
  }

  /** Something happens in the domain, now. */
  change(): void {
    const { cases, clock } = this.world;
    const caseId = `case-${this.below(Math.max(1, cases.cases.size))}`;
    const kind = this.below(4);
    if (kind === 0 || !cases.cases.has(caseId)) {
      this.#addCase(clock.now());
      return;
    }
    if (kind === 1) cases.addRelatedItem(caseId, clock.now());
    else cases.updateCase(caseId, clock.now());
    // The newest event stands anywhere.
    const events = cases.cases.get(caseId)?.events ?? [];
    if (this.chance(0.5)) events.splice(this.below(events.length), 0, ...events.splice(-1));
  }

  badTick(): TickOptions {
    const storeFaults = this.pick([0, 0, 0.02, 0.1]);
    const killedAt = this.chance(0.4) ? this.below(120) : Number.POSITIVE_INFINITY;
    let calls = 0;
    const fault = (): Fault | undefined => {
      calls += 1;
      if (calls > killedAt) return 'lost-request';
      return this.chance(storeFaults) ? this.pick(['lost-request', 'lost-answer'] as const) : undefined;
    };
    return {
      minutes: this.pick([0.1, 0.5, 2, 15]),
      cases: this.#badCases(this.pick([0, 0, 0.05, 0.3])),
      objects: withFaults(this.world.objects, 's3', fault),
      checkpoints: withFaults(this.world.checkpoints, 'dynamodb', fault),
    };
  }

  #badCases(rate: number): CasesApi {
    const { cases } = this.world;
    const before = (operation: string, hasToken: boolean): void => {
      if (this.chance(0.1)) this.change();
      if (!this.chance(rate)) return;
      const failures: CasesFailure[] = [
        'throttled',
        'unavailable',
        'malformed',
        ...(hasToken ? (['refused'] as const) : []),
      ];
      throw new CasesCallError(
        `${operation} fails`,
        this.pick(failures),
        operation,
        this.chance(0.1) ? { retryAfterMs: 5000 } : {},
      );
    };
    const nulls = <T>(list: readonly T[] | undefined) =>
      list?.map((element) => (this.chance(rate / 5) ? null : element));
    return {
      async searchCases(request, signal) {
        before('SearchCases', request.nextToken !== undefined);
        return cases.searchCases(request, signal);
      },
      async getCaseAuditEvents(request, signal) {
        before('GetCaseAuditEvents', request.nextToken !== undefined);
        const page = await cases.getCaseAuditEvents(request, signal);
        return { ...page, events: nulls(page.events) };
      },
      async searchAllRelatedItems(request, signal) {
        before('SearchAllRelatedItems', request.nextToken !== undefined);
        return cases.searchAllRelatedItems(request, signal);
      },
      listFields: cases.listFields,
      batchGetFields: cases.batchGetFields,
    };
  }
}

/** Published keys never change their bytes. */
function expectUnchanged(world: World, before: ReadonlyMap<string, Uint8Array>): void {
  for (const [key, bytes] of before) {
    expect(Buffer.from(world.objects.buckets.archive.get(key) ?? []).equals(bytes)).toBe(true);
  }
}

async function live(seed: number): Promise<void> {
  const day = new Day(seed);
  const { world } = day;
  for (let tick = 1 + day.below(6); tick > 0; tick -= 1) {
    const published = new Map(world.objects.buckets.archive);
    const overlapping = day.chance(0.2) ? world.tick(day.badTick()).catch(() => undefined) : undefined;
    await world.tick(day.badTick()).catch(() => undefined);
    await overlapping;
    expectUnchanged(world, published);
    world.clock.advance(day.pick([0, MINUTE, 20 * MINUTE]));
    for (let changes = day.below(4); changes > 0; changes -= 1) day.change();
  }
  world.clock.advance(HOUR);
  for (let tick = 0; tick < 20; tick += 1) {
    const answer = await world.tick({
      settings: { auditEventsRps: 1000, searchCasesRps: 1000, relatedItemsRps: 1000 },
    });
    world.clock.advance(25 * HOUR);
    if (answer.status === 'complete' && answer.retrying === 0 && answer.eventsExported === 0) break;
    expect(tick).toBeLessThan(19);
  }
  expectExactlyTheHistory(world, 'where found');
  expectWholeChain(world);
}

test('Whatever a day brings, the export is exact afterwards', async () => {
  for (const seed of SEEDS) {
    try {
      await live(seed);
    } catch (error) {
      throw new Error(`Seed ${seed} fails; SEED=${seed} npx jest test/export/random-worlds runs it again`, {
        cause: error,
      });
    }
  }
}, 3_600_000);
