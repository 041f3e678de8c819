import { readText } from '../../lib/text-file';
import { DBT_SOURCES, dbtSources } from '../../scripts/dbt-sources';

test('The sources for dbt say what tables and views are (npm run docs writes them)', () => {
  expect(readText(DBT_SOURCES)).toBe(dbtSources());
});
