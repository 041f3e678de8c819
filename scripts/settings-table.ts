/**
 * The settings of the function as a Markdown table. Default and expected value are what `readSettings` itself says when it
 * refuses a value, so that the table cannot say anything else.
 */
import { readSettings } from '../lambda/export/settings';
import { someSettings } from '../lib/config/config-settings';
import { exporterEnvironment, SETTING_VARIABLES } from '../lib/function/exporter-environment';

const RATE_MEANING =
  'Calls per second: 75 % of the default quota. The quota is per account and Region, so the stack divides it among its domains.';

/** What is not an option of the configuration file's `settings`: the stack sets it from its own resources and options. */
const SET_BY_THE_STACK: Readonly<Record<string, { readonly meaning: string; readonly option: string }>> = {
  EXPORT_BUCKET: { meaning: 'The archive bucket.', option: '–' },
  STAGING_BUCKET: { meaning: 'The work bucket.', option: '–' },
  CHECKPOINT_TABLE: { meaning: 'The checkpoint table.', option: '`checkpointTableName`' },
  SEARCH_CASES_RPS: { meaning: RATE_MEANING, option: '`requestsPerSecond`' },
  AUDIT_EVENTS_RPS: { meaning: 'The same for GetCaseAuditEvents.', option: '`requestsPerSecond`' },
  SIGNING_KEYS: {
    meaning: 'The keys that sign the notes of commits. The function needs `kms:Sign` for them and nothing else.',
    option: '–',
  },
  RELATED_ITEMS_RPS: { meaning: 'The same for SearchAllRelatedItems.', option: '`requestsPerSecond`' },
};

/** No setting takes it. */
const REFUSED = '?';

/** Every variable that a function of the stack may be given. */
export function settingVariables(): string[] {
  const settings = Object.fromEntries(Object.keys(SETTING_VARIABLES).map((name) => [name, 0]));
  const resources = { archiveBucket: '', workBucket: '', table: '', requestsPerSecond: 1, signingKeys: '' };
  return Object.keys(exporterEnvironment({ ...resources, settings }));
}

/** One row per variable: its default, what it takes, what it is for, and the option that sets it. */
export function settingsTable(): string {
  const variables = settingVariables();
  const refusals = refusalsOf(variables);
  const rows = variables.map((variable) => {
    const refusal = refusals.get(variable);
    if (refusal === undefined) throw new Error(`readSettings has no word on ${variable}, expected a refusal of "?"`);
    const { meaning, option } = SET_BY_THE_STACK[variable] ?? optionOf(variable);
    return `| \`${variable}\` | ${refusal.default} | ${refusal.expected} | ${meaning} | ${option} |`;
  });
  return ['| variable | default | takes | meaning | option |', '|---|---|---|---|---|', ...rows].join('\n');
}

interface Refusal {
  readonly expected: string;
  readonly default: string;
}

const REFUSAL =
  /^- (\w+): received "\?", expected (.*); correct it(?: or remove it (?:for the default, |for |to use )(.*))?$/;

/** What `readSettings` says of a value that no variable takes. */
function refusalsOf(variables: readonly string[]): ReadonlyMap<string, Refusal> {
  const lines = messageOf(() => readSettings(Object.fromEntries(variables.map((name) => [name, REFUSED])))).split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, name, expected, fallback] = REFUSAL.exec(line) ?? [];
      if (name === undefined || expected === undefined) return [];
      return [[name, { expected, default: fallback === undefined ? 'required' : shown(fallback) }]];
    }),
  );
}

function messageOf(refused: () => unknown): string {
  try {
    refused();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('readSettings took "?" for every variable, expected a refusal');
}

/** Words stand as they are, values and names of variables as code. */
function shown(fallback: string): string {
  return /^[a-z ]+$/.test(fallback) ? fallback : `\`${fallback}\``;
}

function optionOf(variable: string): { readonly meaning: string; readonly option: string } {
  const [name] = Object.entries(SETTING_VARIABLES).find(([, each]) => each === variable) ?? [];
  if (name === undefined) throw new Error(`${variable} has no option, expected one of SETTING_VARIABLES`);
  const { description = '' } = someSettings.shape[name as keyof typeof SETTING_VARIABLES];
  return { meaning: description, option: `\`settings.${name}\`` };
}
