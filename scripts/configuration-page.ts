/** Writes the two tables of `docs/configuration.md`: options of the configuration file, settings of the function. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTINGS } from '../lambda/export/settings';
import { someSettings } from '../lib/config/config-settings';
import { variableOf } from '../lib/function/exporter-environment';
import { readText } from '../lib/text-file';
import { optionsTable } from './config-schema';
import { withPart } from './prose';

export const CONFIGURATION_PAGE = join(__dirname, '../docs/configuration.md');

/** The page with both tables as the code has them now; everything else of it is left as it is. */
export function withTables(page: string): string {
  return withPart(withPart(page, 'options', optionsTable()), 'settings', settingsTable());
}

/** Options that are none of the configuration file's `settings`; the stack sets the other variables from its own resources. */
const OTHER_OPTIONS: Readonly<Record<string, string>> = {
  CHECKPOINT_TABLE: 'checkpointTableName',
  SEARCH_CASES_RPS: 'requestsPerSecond',
  AUDIT_EVENTS_RPS: 'requestsPerSecond',
  RELATED_ITEMS_RPS: 'requestsPerSecond',
};

/** The settings of the function, from the rows that it reads them by: one row per variable with its default, what it takes, what it is for, and the option that sets it. */
export function settingsTable(): string {
  const options = { ...OTHER_OPTIONS, ...Object.fromEntries(Object.keys(someSettings.shape).map(optionOf)) };
  const rows = Object.values(SETTINGS).map(({ variable, takes, meaning, without }) => {
    const option = options[variable] === undefined ? '–' : `\`${options[variable]}\``;
    return `| \`${variable}\` | ${defaultOf(without)} | ${takes.expected} | ${meaning} | ${option} |`;
  });
  return ['| variable | default | takes | meaning | option |', '|---|---|---|---|---|', ...rows].join('\n');
}

function optionOf(name: string): [variable: string, option: string] {
  return [variableOf(name), `settings.${name}`];
}

/** Words stand as they are, values and names of variables as code. */
function defaultOf(without: (typeof SETTINGS)[keyof typeof SETTINGS]['without']): string {
  if (without === undefined) return 'required';
  const fallback = 'text' in without ? without.text : without.means.replace(/^(for|to use) /, '');
  return /^[a-z ]+$/.test(fallback) ? fallback : `\`${fallback}\``;
}

if (require.main === module) {
  writeFileSync(CONFIGURATION_PAGE, withTables(readText(CONFIGURATION_PAGE)));
}
