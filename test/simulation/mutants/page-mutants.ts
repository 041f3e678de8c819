/** Breaks of what is made of a page's bytes: values changed or dropped without a word. */
import { byTest, type Mutant } from './mutant';

const BYTES = 'events of these worlds come as values: only a test that sends bytes has anything to lose';

export const PAGE_MUTANTS: readonly Mutant[] = [
  ...byTest('aws/decode-audit-event.ts', 'test/export/aws/decode-audit-event.test.ts', BYTES, {
    'Members that the model does not have are dropped': [
      'if (decode === undefined) others.push([name, asItCame(value)]);',
      'if (decode === undefined) continue;',
    ],
    'Of a union with two members one is taken': [
      'if (name === undefined || present.length > 1) return asItCame(value);',
      'if (name === undefined) return asItCame(value);',
    ],
    'Digits of a time beyond the millisecond are dropped': ['  if (!isExactTime(value)) keep(value);\n', ''],
  }),
  ...byTest('aws/wire-formats.ts', 'test/export/aws/wire-json.test.ts', BYTES, {
    'Numbers are read as JSON.parse reads them': [
      'return mayChange(text) ? parseExactly(text, value) : value;',
      'return value;',
    ],
  }),
  ...byTest('domain/row-maker.ts', 'test/export/domain/flatten.test.ts', {
    'A row says nothing of members that no column holds': [
      'this.#other.ofField(field),',
      'null,',
      'what such a row must hold is a matter of one event, whatever happens around it',
    ],
  }),
  ...byTest('domain/flatten.ts', 'test/export/domain/flatten.test.ts', {
    'A field that comes late takes the place of the row without a field': [
      'Math.max(1, length - nulls)',
      'length - nulls',
      'every field of the event has to come as a null at every asking, and then to come',
    ],
  }),
];
