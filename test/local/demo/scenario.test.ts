/** The history of the demo: alike for the same seed, in order, and never against what the service allows. */
import fc from 'fast-check';
import type { Action } from '../../../local/seed/actions';
import { historyStartsAt, nextChanges, pastWeeks } from '../../../local/seed/scenario';

const ENDS_AT = Date.parse('2026-05-01T12:00:00Z');
const plan = (seed: number, cases: number) => ({ seed, cases, endsAt: ENDS_AT });
const plans = fc.tuple(fc.nat(1000), fc.integer({ min: 1, max: 60 })).map(([seed, cases]) => plan(seed, cases));

describe('Four weeks at a support desk', () => {
  test('are the same for the same seed, and others for another', () => {
    expect(pastWeeks(plan(7, 20))).toEqual(pastWeeks(plan(7, 20)));
    expect(pastWeeks(plan(8, 20))).not.toEqual(pastWeeks(plan(7, 20)));
  });

  test('go in the order of time, inside their four weeks, each case from its creation on', () => {
    fc.assert(
      fc.property(plans, (each) => {
        const actions = pastWeeks(each);
        const times = actions.map(({ at }) => at);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(times.at(-1)).toBeLessThanOrEqual(ENDS_AT);
        expect(times[0]).toBeGreaterThan(historyStartsAt(ENDS_AT));
        const created = new Set<number>();
        const strays: number[] = [];
        for (const action of actions) {
          if (action.do === 'create') created.add(action.case);
          else if ('case' in action && !created.has(action.case)) strays.push(action.case);
          const item = action.do === 'attach' ? action.item : undefined;
          if (item?.type === 'ConnectCase' && !created.has(item.otherCase)) strays.push(item.otherCase);
        }
        expect(strays).toEqual([]);
        expect(created.size).toBe(each.cases);
      }),
      { numRuns: 8 },
    );
  });

  test('never set the deleted field again, nor does what comes after', () => {
    fc.assert(
      fc.property(plans, (each) => {
        const actions = pastWeeks(each);
        const deleted = actions.findIndex((action) => action.do === 'delete-field');
        const later = nextChanges({ ...each, chapter: 'later', changes: 40, now: ENDS_AT });
        expect([...actions.slice(deleted), ...later].flatMap(fieldsOf)).not.toContain('callbackWanted');
      }),
      { numRuns: 8 },
    );
  });

  test('hold values of every kind, every kind of related item, and long stories', () => {
    const actions = pastWeeks(plan(1, 300));
    const values = actions.flatMap((action) => ('fields' in action ? action.fields.map(([, value]) => value) : []));
    const kinds = new Set(values.flatMap((value) => Object.keys(value)));
    expect([...kinds].sort()).toEqual(['booleanValue', 'doubleValue', 'emptyValue', 'stringValue', 'userArnValue']);
    expect(values.some(({ doubleValue }) => Number.isNaN(doubleValue))).toBe(true);
    const items = new Set(actions.flatMap((action) => (action.do === 'attach' ? [action.item.type] : [])));
    expect([...items].sort()).toEqual(['Comment', 'ConnectCase', 'Contact', 'Custom', 'File', 'Sla']);
    expect(new Set(actions.map((action) => action.do)).size).toBe(6);
    const perCase = new Map<number, number>();
    for (const action of actions) if ('case' in action) perCase.set(action.case, (perCase.get(action.case) ?? 0) + 1);
    expect(Math.max(...perCase.values())).toBeGreaterThan(25);
    expect(actions.length).toBeGreaterThan(2_000);
  });
});

function fieldsOf(action: Action): string[] {
  return 'fields' in action ? action.fields.map(([field]) => field) : [];
}
