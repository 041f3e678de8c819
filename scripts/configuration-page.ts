/** Writes the two tables of `docs/configuration.md`: options of the configuration file, settings of the function. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../lib/text-file';
import { optionsTable } from './config-schema';
import { settingsTable } from './settings-table';

export const CONFIGURATION_PAGE = join(__dirname, '../docs/configuration.md');

/** The page with both tables as the code has them now; everything else of it is left as it is. */
export function withTables(page: string): string {
  return withTable(withTable(page, 'options', optionsTable()), 'settings', settingsTable());
}

function withTable(page: string, name: string, table: string): string {
  const beginMark = `<!-- ${name}: written by npm run docs -->`;
  const endMark = `<!-- /${name} -->`;
  const begin = page.indexOf(beginMark);
  const end = page.indexOf(endMark);
  if (begin < 0 || end < begin) {
    throw new Error(`docs/configuration.md: expected ${beginMark} and, after it, ${endMark} around the table`);
  }
  return `${page.slice(0, begin)}${beginMark}\n\n${table}\n\n${page.slice(end)}`;
}

if (require.main === module) {
  writeFileSync(CONFIGURATION_PAGE, withTables(readText(CONFIGURATION_PAGE)));
}
