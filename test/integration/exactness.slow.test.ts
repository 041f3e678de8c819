/** The built bundle as a process, over HTTP, against the history that the service keeps: every row, every column. */
import type { Lanes } from '../../lambda/export/domain/state';
import { LIST_DEFAULTS, type Switches } from '../../local/cases/model/switches';
import { isExact } from '../../local/demo/compare';
import { type LocalStack, startLocalStack } from '../../local/exporter/stack';
import { runTick, type Tick, type TickOptions } from '../../local/exporter/tick';
import { setUpDesk } from '../../local/seed/desk';
import { Player } from '../../local/seed/player';
import { historyStartsAt, nextChanges, pastWeeks } from '../../local/seed/scenario';
import { SkippingClock } from '../support/clock-ahead';
import { clientOf, shortened, storedState, UNPACED } from '../support/desk';
import { archiveFolder, compareExported, EXACT } from '../support/exported';
import { Random } from '../support/random';
import { scratchOfFile } from '../support/scratch';

const DOMAIN = 'desk';
const CASES = 300;
const SETTINGS = {
  ...UNPACED,
  SETTLE_SECONDS: '1',
  OVERLAP_SECONDS: '60',
  COMMIT_RESERVE_SECONDS: '2',
};
const SETTLED_MS = 2_200;

const clock = new SkippingClock();
const scratch = scratchOfFile();
let root: string;
let stack: LocalStack;
let player: Player;
let casesTime: number | undefined;
let chapters = 0;
let lastChangeAt = 0;

beforeAll(async () => {
  root = scratch.emptyFolder();
  const endsAt = clock.now() - 60_000;
  casesTime = historyStartsAt(endsAt);
  stack = await startLocalStack({ cases: { domains: [DOMAIN], now: () => casesTime ?? clock.now() }, root });
  const client = clientOf(stack.cases);
  player = new Player(client, await setUpDesk(client, DOMAIN));
  for (const action of shortened(pastWeeks({ seed: 7, cases: CASES, endsAt }), 10, 3)) {
    casesTime = action.at;
    await player.play(action);
  }
  lastChangeAt = endsAt;
  casesTime = undefined;
});

afterAll(() => stack.close());

afterEach(() => {
  stack.cases.set({ eventOrder: 'newest-first', lists: LIST_DEFAULTS });
  stack.s3.setFault(undefined);
  stack.dynamodb.setFault(undefined);
});

/** A bucket and a table of its own, over the one history. */
async function createExport(name: string) {
  stack.s3.createBucket(name);
  await stack.dynamodb.createTable(name);
  // One bucket for both roles, which is the default.
  const env = { ...stack.env, ...SETTINGS, EXPORT_BUCKET: name, STAGING_BUCKET: '', CHECKPOINT_TABLE: name };
  const tick = (options: Partial<TickOptions> = {}) =>
    runTick({
      event: { domainId: DOMAIN },
      timeoutMs: 600_000,
      ...options,
      env: { ...env, ...clock.env(), ...options.env },
    });
  const watermarks = async () => {
    const lanes = (await storedState(stack.dynamodb, name))['lanes'] as Lanes | undefined;
    return { live: lanes?.live.watermark ?? 0, related: lanes?.related.watermark ?? 0 };
  };
  return { tick, watermarks, compare: () => compareExported(stack.cases, DOMAIN, archiveFolder(root, name)) };
}

type Export = Awaited<ReturnType<typeof createExport>>;

async function makeChanges(changes: number): Promise<void> {
  chapters += 1;
  const chapter = { seed: 7, chapter: `chapter ${chapters}`, changes, cases: player.cases, now: clock.now() };
  for (const action of nextChanges(chapter)) await player.play(action);
  lastChangeAt = clock.now();
}

async function expectExact(exported: Export): Promise<void> {
  const { comparison, chain, withoutTemplate } = await exported.compare();
  expect({ ...comparison, chain }).toMatchObject(EXACT);
  expect(isExact(comparison)).toBe(true);
  expect(withoutTemplate).toBeLessThan(0.2);
}

/** Until nothing is left to export: all that was changed lies below both watermarks, and nothing is retried. */
async function tickUntilQuiet(exported: Export, most = 8): Promise<void> {
  let last: Tick | undefined;
  for (let count = 0; count < most; count += 1) {
    clock.skip(SETTLED_MS);
    last = await exported.tick();
    const { live, related } = await exported.watermarks();
    const isBehind = Math.min(live, related) <= lastChangeAt;
    if (last.answer?.status === 'complete' && last.answer.retrying === 0 && !isBehind) return;
  }
  throw new Error(`not quiet after ${most} ticks: ${JSON.stringify(last?.answer ?? last?.error)}`);
}

const AWKWARD: Partial<Switches> = {
  lists: { extraNullRate: 0.02, hideRate: 0.1, emptyPageRate: 0.2, tokenAtEnd: 'once' },
};

describe.each(['newest-first', 'oldest-first'] as const)(
  'A domain of 300 cases, %s, with null elements and empty pages that carry a token',
  (eventOrder) => {
    test('comes out exactly, and after 60 further updates again', async () => {
      stack.cases.set({ ...AWKWARD, eventOrder });
      const exported = await createExport(`export-${eventOrder}`);
      const first = await exported.tick();
      expect(first.answer).toMatchObject({ status: 'complete' });
      // Nulls that stay are on the retry list; without them the next ticks read those cases to the end.
      stack.cases.set({ lists: { ...AWKWARD.lists, extraNullRate: 0 } });
      await tickUntilQuiet(exported);
      await expectExact(exported);

      await makeChanges(60);
      await tickUntilQuiet(exported);
      await expectExact(exported);

      stack.cases.calls.clear();
      const quiet = await exported.tick();
      expect(quiet.answer).toMatchObject({ status: 'complete', commits: 1, rowsWritten: 0 });
    });
  },
);

describe('The bundle killed at random moments, over ten ticks, with answers of S3 and DynamoDB lost at random', () => {
  test('exports exactly all the same', async () => {
    const random = new Random(Number(process.env['SEED'] ?? 11));
    const exported = await createExport('export-killed');
    const lose = () => (random.next() < 0.05 ? ({ kind: 'apply-then-reset' } as const) : undefined);
    stack.s3.setFault(lose);
    stack.dynamodb.setFault(lose);
    const killed: boolean[] = [];
    for (let tick = 0; tick < 10; tick += 1) {
      const kill = (end: () => void) => void setTimeout(end, 250 + random.next() * 1200);
      // A lease that its dead owner holds would only make the next tick wait.
      const env = { LEASE_MARGIN_SECONDS: '0', MAX_ROWS_PER_COMMIT: '400' };
      // Five deaths in a row would be held against a case, which then rests for an hour.
      const isSpared = tick % 4 === 3;
      const result = await exported.tick({ ...(isSpared ? {} : { onStart: kill }), timeoutMs: 1_500, env });
      killed.push(result.killed);
      await makeChanges(3);
      clock.skip(1_600);
    }
    expect(killed).toContain(true);
    stack.s3.setFault(undefined);
    stack.dynamodb.setFault(undefined);
    await tickUntilQuiet(exported);
    await expectExact(exported);
  });
});
