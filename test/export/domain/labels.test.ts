import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import { selectValues } from '../../../lambda/export/domain/fields';
import { isDue } from '../../../lambda/export/run/names';
import { setTo } from '../../fakes/cases-api';
import { aField } from '../../support/stored-values';

describe('What calls for a label', () => {
  const dictionary = new Map([
    ['colour', aField({ fieldId: 'colour', type: 'SingleSelect' })],
    ['title', aField({ fieldId: 'title' })],
  ]);
  const event = (fields: unknown) =>
    ({ eventId: 'e', type: 'Case.Updated', performedTime: new Date(), fields }) as AuditEvent;

  test('is every text of a select field, old and new; nulls, other kinds and other fields are none', () => {
    const events = [
      event([
        { eventFieldId: 'colour', oldValue: { stringValue: 'r' }, newValue: { stringValue: 'b' } },
        null,
        setTo('title', 'A case'),
        setTo('unknown', 'x'),
      ]),
      event(undefined),
      event([
        { eventFieldId: 'colour', oldValue: null, newValue: { emptyValue: {} } },
        { newValue: { stringValue: 'y' } },
      ]),
    ];
    expect(selectValues(events, dictionary)).toEqual(new Map([['colour', new Set(['r', 'b'])]]));
  });

  test('is nothing of a related item but a custom one: its members may share an id with a field', () => {
    const named = (relatedItemType: string) => ({
      ...event([setTo('colour', relatedItemType)]),
      type: 'RelatedItem.Updated' as const,
      relatedItemType,
    });
    const events = ['Sla', 'Comment', 'Contact', 'File', 'ConnectCase', 'Custom'].map(named);
    expect(selectValues(events, dictionary)).toEqual(new Map([['colour', new Set(['Custom'])]]));
  });

  test('is due when the time of the last look-up is no time', () => {
    expect(isDue('no time', true, Date.UTC(2026, 0, 10))).toBe(true);
    expect(isDue(undefined, true, Date.UTC(2026, 0, 10))).toBe(true);
  });
});

describe('A label', () => {
  const NOW = Date.UTC(2026, 0, 10, 12);
  const HOUR = 3_600_000;
  const asOf = (ageMs: number) => new Date(NOW - ageMs).toISOString();

  test.each([
    [24 * HOUR - 1, true, false],
    [24 * HOUR, true, true],
    [HOUR - 1, false, false],
    [HOUR, false, true],
    [-HOUR, false, true],
    [1 - HOUR, false, false],
    [-24 * HOUR, true, true],
  ])('of an age of %d ms, known: %s, is due: %s', (ageMs, knowsAll, isDueThen) => {
    expect(isDue(asOf(ageMs), knowsAll, NOW)).toBe(isDueThen);
  });
});
