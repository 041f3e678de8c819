import fc from 'fast-check';
import { type FieldDefinition, parseDictionary } from '../../../lambda/export/domain/fields';
import { toJsonBytes } from '../../../lambda/export/domain/stored-form';
import { anyId } from './arbitraries';

const KEY = 'fields/domain_id=d/000000000001.json';

const maybe = fc.option(fc.string(), { nil: null });
const anyDefinition: fc.Arbitrary<FieldDefinition> = fc.record({
  fieldId: anyId,
  name: maybe,
  type: maybe,
  namespace: maybe,
  deleted: fc.boolean(),
});

describe('A stored field dictionary', () => {
  test('gives back every definition', () => {
    fc.assert(
      fc.property(fc.array(anyDefinition), (fields) => {
        expect(parseDictionary(toJsonBytes({ version: 1, domainId: 'd', seq: 1, fields }), KEY)).toEqual({ fields });
      }),
    );
  });

  const field = { fieldId: 'status', name: 'Status', type: 'Text', namespace: 'System', deleted: false };
  test.each([
    ['of a newer version', JSON.stringify({ version: 2, fields: [field] })],
    ['without a version', JSON.stringify({ fields: [field] })],
    ['without a list', JSON.stringify({ version: 1, fields: { status: field } })],
    ['that is null', 'null'],
    ['that is not JSON', '{"version":1,'],
    ['that is empty', ''],
  ])('%s only costs look-ups: it counts as none', (_, text) => {
    expect(parseDictionary(Buffer.from(text), KEY)).toEqual({ fields: [] });
  });

  const labels = {
    options: [
      { fieldId: 'status', asOf: '2026-01-01T00:00:00.000Z', options: [{ value: 'o', name: 'Open', active: true }] },
    ],
    templates: { asOf: '2026-01-01T00:00:00.000Z', templates: null },
  };
  test('gives back what select values and templates are called, and leaves out what is not of that form', () => {
    const stored = { version: 1, domainId: 'd', seq: 1, fields: [field] };
    expect(parseDictionary(toJsonBytes({ ...stored, ...labels }), KEY)).toEqual({ fields: [field], ...labels });
    const bad = { options: { status: [] }, templates: [] };
    expect(parseDictionary(toJsonBytes({ ...stored, ...bad }), KEY)).toEqual({ fields: [field] });
  });
});
