/** The settings of the function as a Markdown table, from the rows that it reads them by (`lambda/export/settings.ts`). */
import { SETTINGS } from '../lambda/export/settings';
import { someSettings } from '../lib/config/config-settings';
import { variableOf } from '../lib/function/exporter-environment';

/** Options that are none of the configuration file's `settings`; the stack sets the other variables from its own resources. */
const OTHER_OPTIONS: Readonly<Record<string, string>> = {
  CHECKPOINT_TABLE: 'checkpointTableName',
  SEARCH_CASES_RPS: 'requestsPerSecond',
  AUDIT_EVENTS_RPS: 'requestsPerSecond',
  RELATED_ITEMS_RPS: 'requestsPerSecond',
};

/** One row per variable: its default, what it takes, what it is for, and the option that sets it. */
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
