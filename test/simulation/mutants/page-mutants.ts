/** Breaks of what is made of a page's bytes: values changed or dropped without a word. */
import type { Mutant } from './mutant';

const BYTES = 'events of these worlds come as values: only a test that sends bytes has anything to lose';

export const PAGE_MUTANTS: readonly Mutant[] = [
  {
    name: 'Members that the model does not have are dropped',
    file: 'aws/decode-audit-event.ts',
    find: 'if (decode === undefined) others.push([name, asItCame(value)]);',
    replace: 'if (decode === undefined) continue;',
    caughtBy: { test: 'test/export/aws/decode-audit-event.test.ts', because: BYTES },
  },
  {
    name: 'Of a union with two members one is taken',
    file: 'aws/decode-audit-event.ts',
    find: 'if (name === undefined || present.length > 1) return asItCame(value);',
    replace: 'if (name === undefined) return asItCame(value);',
    caughtBy: { test: 'test/export/aws/decode-audit-event.test.ts', because: BYTES },
  },
  {
    name: 'Digits of a time beyond the millisecond are dropped',
    file: 'aws/decode-audit-event.ts',
    find: '  if (!isExactTime(value)) keep(value);\n',
    replace: '',
    caughtBy: { test: 'test/export/aws/decode-audit-event.test.ts', because: BYTES },
  },
  {
    name: 'Numbers are read as JSON.parse reads them',
    file: 'aws/wire-json.ts',
    find: 'return mayChange(text) ? parseExactly(text, value) : value;',
    replace: 'return value;',
    caughtBy: { test: 'test/export/aws/wire-json.test.ts', because: BYTES },
  },
  {
    name: 'A row says nothing of members that no column holds',
    file: 'domain/row-maker.ts',
    find: 'this.#other.ofField(field),',
    replace: 'null,',
    caughtBy: {
      test: 'test/export/domain/flatten.test.ts',
      because: 'what such a row must hold is a matter of one event, whatever happens around it',
    },
  },
  {
    name: 'A field that comes late takes the place of the row without a field',
    file: 'domain/flatten.ts',
    find: 'Math.max(1, length - nulls)',
    replace: 'length - nulls',
    caughtBy: {
      test: 'test/export/domain/flatten.test.ts',
      because: 'every field of the event has to come as a null at every asking, and then to come',
    },
  },
];
