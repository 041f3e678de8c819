import { readText } from '../../lib/text-file';
import { DATA_DICTIONARY, dataDictionary } from '../../scripts/data-dictionary';

test('The data dictionary says what the columns are (npm run docs writes it)', () => {
  expect(readText(DATA_DICTIONARY)).toBe(dataDictionary());
});
