/** A sick case is told from a sick service: by distinct cases in a row, and one call for a case that could be read before. */
import type { CasesFailure } from '../../../lambda/export/domain/errors';
import { SystemicError } from '../../../lambda/export/run/calls';
import { FailureWatch } from '../../../lambda/export/run/failure-watch';
import { failed, NO_EVENTS } from '../../fakes/with-answers';
import { casesApi, createPacedCalls, DOMAIN } from '../fixtures';

const AUDIT = 'GetCaseAuditEvents';
const CANARY = 'canary';

/** What the canary is answered: a failure, or a page. */
type Answer = CasesFailure | 'page';

function createWatch(canaries: readonly string[] = [CANARY], answers: Answer | ((caseId: string) => Answer) = 'page') {
  const asked: string[] = [];
  const world = createPacedCalls(
    casesApi({
      getCaseAuditEvents: async ({ caseId }) => {
        asked.push(caseId);
        const answer = typeof answers === 'string' ? answers : answers(caseId);
        if (answer !== 'page') throw failed(answer, AUDIT);
        return NO_EVENTS;
      },
    }),
  );
  return { asked, budget: world.budget, watch: new FailureWatch(DOMAIN, world.calls, world.budget, canaries) };
}

/** So many distinct cases fail so, one after the other, nothing read between; how many did before it threw. */
async function failAll(watch: FailureWatch, failure: CasesFailure, cases: number): Promise<number> {
  for (let index = 0; index < cases; index += 1) {
    try {
      await watch.failed(`case-${index}`, failed(failure, AUDIT), watch.successes);
    } catch (error) {
      expect(error).toBeInstanceOf(SystemicError);
      return index + 1;
    }
  }
  return Number.POSITIVE_INFINITY;
}

const THRESHOLDS: readonly [CasesFailure, number][] = [
  ['unavailable', 5],
  ['denied', 3],
  ['not-found', 10],
  ['refused', 10],
  ['malformed', 10],
];

describe('Cases that fail in a row', () => {
  test.each(THRESHOLDS)('are cases as long as the canary answers, however many: %s', async (failure) => {
    const { watch, asked } = createWatch();
    expect(await failAll(watch, failure, 100)).toBe(Number.POSITIVE_INFINITY);
    expect(new Set(asked)).toEqual(new Set([CANARY]));
  });

  test.each(THRESHOLDS)('cost one look elsewhere for each %s of them: %i', async (failure, inARow) => {
    const { watch, asked } = createWatch();
    await failAll(watch, failure, inARow - 1);
    expect(asked).toEqual([]);
    await failAll(watch, failure, inARow);
    expect(asked).toEqual([CANARY]);
    await watch.failed('another', failed(failure, AUDIT), watch.successes);
    expect(asked).toEqual([CANARY]);
  });

  test.each(THRESHOLDS.filter(([failure]) => failure !== 'not-found'))(
    'are the service where the canary fails alike: %s, at the case of number %i',
    async (failure, inARow) => {
      const { watch } = createWatch([CANARY], failure);
      expect(await failAll(watch, failure, 100)).toBe(inARow);
    },
  );

  test.each(THRESHOLDS)(
    'are the service where there is no case to compare with: %s, at twice %i',
    async (failure, inARow) => {
      const { watch, asked } = createWatch([]);
      expect(await failAll(watch, failure, 100)).toBe(2 * inARow);
      expect(asked).toEqual([]);
    },
  );

  test('are counted once each: one case that fails a hundred times is one case', async () => {
    const { watch } = createWatch([]);
    for (let times = 0; times < 100; times += 1) {
      await watch.failed('case', failed('unavailable', AUDIT), watch.successes);
    }
  });

  test('are not those that are owed already: they failed before, and say nothing of the others', async () => {
    const { watch, asked } = createWatch([]);
    for (let index = 0; index < 100; index += 1) {
      await watch.failed(`case-${index}`, failed('denied', AUDIT), watch.successes, true);
    }
    expect(asked).toEqual([]);
    // Unless nothing else is asked for in a run.
    await expect(watch.conclude()).rejects.toThrow(SystemicError);
  });

  test('begin anew after any read', async () => {
    const { watch } = createWatch([]);
    for (let round = 0; round < 20; round += 1) {
      expect(await failAll(watch, 'unavailable', 9)).toBe(Number.POSITIVE_INFINITY);
      watch.succeeded('good');
    }
  });

  test('of different kinds are counted apart', async () => {
    const { watch } = createWatch([]);
    await failAll(watch, 'unavailable', 9);
    await failAll(watch, 'denied', 5);
    await failAll(watch, 'refused', 19);
  });

  test('are no verdict where the canary fails otherwise: that says neither', async () => {
    const { watch } = createWatch([CANARY], 'malformed');
    expect(await failAll(watch, 'unavailable', 50)).toBe(Number.POSITIVE_INFINITY);
  });

  test('that are not found: a canary that is not found either may have been deleted, and says nothing', async () => {
    const { watch } = createWatch([CANARY], 'not-found');
    expect(await failAll(watch, 'unavailable', 50)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('The canaries', () => {
  test('are the three cases that were read whole last, each once, the latest first', () => {
    const { watch } = createWatch(['earlier']);
    for (const caseId of ['a', 'b', 'a']) watch.readWhole(caseId);
    expect(watch.canaries).toEqual(['a', 'b', 'earlier']);
    for (const caseId of ['c', 'd']) watch.readWhole(caseId);
    expect(watch.canaries).toEqual(['d', 'c', 'a']);
  });

  test('are asked one after the other: two that are sick themselves are no verdict on the service', async () => {
    const { watch, asked } = createWatch(['sick-1', 'sick-2', 'good'], (caseId) =>
      caseId === 'good' ? 'page' : 'denied',
    );
    expect(await failAll(watch, 'denied', 3)).toBe(Number.POSITIVE_INFINITY);
    expect(asked).toEqual(['sick-1', 'sick-2', 'good']);
    expect(await failAll(watch, 'denied', 6)).toBe(Number.POSITIVE_INFINITY);
    expect(asked.slice(3)).toEqual(['good', 'good']);
  });

  test('that are among the sick themselves are not asked, and after a verdict the next run looks for others', async () => {
    const { watch, asked } = createWatch(['case-1'], 'denied');
    expect(await failAll(watch, 'denied', 10)).toBe(6);
    expect(asked).toEqual([]);
    expect(watch.canaries).toEqual([]);
  });
});

describe('Throttling', () => {
  test('of every case ends the run as time does, not with an error', async () => {
    const { watch, budget } = createWatch([CANARY], 'throttled');
    expect(await failAll(watch, 'throttled', 5)).toBe(Number.POSITIVE_INFINITY);
    expect([watch.throttlesAll, budget.isReadingOver]).toEqual([true, true]);
  });

  test('of some cases does not, while others are read', async () => {
    const { watch, budget } = createWatch();
    expect(await failAll(watch, 'throttled', 50)).toBe(Number.POSITIVE_INFINITY);
    expect([watch.throttlesAll, budget.isReadingOver]).toEqual([false, false]);
  });

  test('of a case while others were answered says nothing of the service', async () => {
    const { watch, asked } = createWatch();
    for (let index = 0; index < 50; index += 1) {
      await watch.failed(`case-${index}`, failed('throttled', AUDIT), watch.successes - 1);
    }
    expect(asked).toEqual([]);
  });
});

describe('At the end of the lanes', () => {
  test.each(['denied', 'unavailable'] as const)(
    'a run of which no read was answered ends with an error, also if it had few cases: %s',
    async (failure) => {
      const { watch } = createWatch([CANARY], failure);
      await failAll(watch, failure, 1);
      await expect(watch.conclude()).rejects.toThrow(SystemicError);
    },
  );

  test('a run of which no read was answered goes on where the canary is', async () => {
    const { watch, asked } = createWatch();
    await failAll(watch, 'denied', 2);
    await watch.conclude();
    expect(asked).toEqual([CANARY]);
  });

  test('a run that was throttled throughout is not done, and is no error', async () => {
    const { watch } = createWatch([CANARY], 'throttled');
    await failAll(watch, 'throttled', 1);
    await watch.conclude();
    expect(watch.throttlesAll).toBe(true);
  });

  test('one read that was answered is enough', async () => {
    const { watch, asked } = createWatch([CANARY], 'denied');
    watch.succeeded('good');
    await failAll(watch, 'denied', 1);
    await watch.conclude();
    expect(asked).toEqual([]);
  });

  test('what depends on a case says nothing of the service', async () => {
    const { watch, asked } = createWatch([]);
    await failAll(watch, 'refused', 5);
    await watch.conclude();
    expect(asked).toEqual([]);
  });
});
