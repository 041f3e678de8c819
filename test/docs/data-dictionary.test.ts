import { readFileSync } from 'node:fs';
import { DATA_DICTIONARY, dataDictionary } from '../../scripts/data-dictionary';

test('The data dictionary says what the columns are (npm run docs writes it)', () => {
  expect(readFileSync(DATA_DICTIONARY, 'utf8')).toBe(dataDictionary());
});
