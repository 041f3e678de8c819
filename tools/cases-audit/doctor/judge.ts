/** What each answer of AWS means. Pure: values in, a judgement out. */
import { parseNote, parseNoteText } from '../../../lambda/export/domain/commit-note';
import { IntegrityError, InvalidInputError } from '../../../lambda/export/domain/errors';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { type NoteKey, noteKeyOf, type SigningKey, verifyNote } from '../../../lambda/export/domain/note-keys';
import { readSettings, SETTINGS, settingsHash } from '../../../lambda/export/settings';
import type { TableState } from '../archive/archive';
import { counted } from '../words';
import type { DeployedFunction, FoundSchedule } from './account';
import { failed, type Judged, passed, unknown } from './check';
import type { Names, NewestCommit } from './examination';
import { EXPORTER } from './questions';

/** What every stack of this project has. */
const OUTPUTS = ['ArchiveBucket', 'WorkBucket', 'CheckpointTable', 'Database', 'RawTable', 'Workgroup'] as const;

/** Beyond this the exporter's own alarm rings, too. */
const MAX_CLOCK_DIFFERENCE_MS = 60_000;
/** What an account has unless somebody raised it: docs/platform.md. */
const DEFAULT_CASES_RATE = 2;
const HOUR_MS = 3_600_000;

/** The variables that make the pace, by the operation whose quota they must stay below. */
const PACES = { SearchCases: 'SEARCH_CASES_RPS', GetCaseAuditEvents: 'AUDIT_EVENTS_RPS' } as const;

export function judgeNames(outputs: ReadonlyMap<string, string>, stack: string): Judged {
  const missing = OUTPUTS.filter((name) => !outputs.has(name));
  const exporters = [...outputs.keys()].filter((output) => output.startsWith(EXPORTER)).length;
  if (missing.length > 0) return failed(`The stack ${stack} lacks the outputs ${missing.join(', ')}.`);
  if (exporters === 0) return failed(`The stack ${stack} names no function that exports.`);
  return passed(`The stack ${stack} names all its parts, and ${counted(exporters, 'exporter')}.`);
}

export function judgeDomains(domains: readonly string[], unresolved: readonly string[]): Judged {
  if (unresolved.length === 0) return passed(`${counted(domains.length, 'domain')}: ${domains.join(', ')}.`);
  const names = unresolved.join(', ');
  return unknown(`Nothing says which domain ${names} exports, so it was not looked at. Give --domain or --config.`);
}

/** @param newest asked after the table, so it may be one commit further: a manifest is published before the table says so. */
export function judgeTable(state: TableState | null, newest: NewestCommit | null): Judged {
  if (state === null) return passed('The table can be read; no run has begun yet.');
  const seq = newest?.manifest.seq ?? 0;
  const { applied } = state;
  if (applied === seq) return passed(`The table and the archive agree on commit ${applied}.`);
  if (applied + 1 === seq) return passed(`The table is at commit ${applied}, and ${seq} has just come to the archive.`);
  return failed(`The table has published commit ${applied}; the archive ends with ${seq}.`);
}

/** @param names only those are compared that the call names. */
export function judgeFunction(deployed: DeployedFunction, names: Pick<Names, 'bucket' | 'table'>): Judged {
  const { state, lastUpdate, environment } = deployed;
  if (state !== 'Active') return failed(`The function is ${state}, not Active.`);
  if (lastUpdate === 'Failed') return failed('The last update of the function failed.');
  if (lastUpdate === 'InProgress') return unknown('An update of the function is under way.');
  try {
    const { exportBucket, checkpointTable } = readSettings(environment);
    if (names.bucket !== null && exportBucket !== names.bucket)
      return failed(`The function writes to the bucket ${exportBucket}, not to ${names.bucket}.`);
    if (names.table !== null && checkpointTable !== names.table)
      return failed(`The function keeps its state in the table ${checkpointTable}, not in ${names.table}.`);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return failed(error.message);
  }
  return passed('The function is active; its settings can be read and name this bucket and table.');
}

/**
 * Settings of the running function held against the configuration.
 * @param expected by variable; SIGNING_KEYS is settled at the deployment and compared elsewhere.
 */
export function judgeSettings(
  environment: DeployedFunction['environment'],
  expected: Readonly<Record<string, string>>,
): Judged {
  const variables = Object.values(SETTINGS)
    .map(({ variable }) => variable as string)
    .filter((variable) => variable !== SETTINGS.signingKeys.variable && !PLACES.has(variable));
  const shown = (value: string | undefined) => (value === undefined || value === '' ? 'unset' : JSON.stringify(value));
  const differing = variables.filter((variable) => (environment[variable] || undefined) !== expected[variable]);
  if (differing.length === 0) return passed('The function runs with the settings of the configuration.');
  const words = differing.map(
    (one) => `${one} is ${shown(environment[one])}, the configuration says ${shown(expected[one])}`,
  );
  return failed(`${words.join('; ')}.`);
}

/** Names of places come from the stack, not from the configuration. */
const PLACES: ReadonlySet<string> = new Set([
  SETTINGS.exportBucket.variable,
  SETTINGS.stagingBucket.variable,
  SETTINGS.checkpointTable.variable,
]);

/** Without a configuration: whether the newest commit was made with the settings that the function has now. */
export function judgeSettingsInUse({ environment, changedAt }: DeployedFunction, newest: NewestCommit | null): Judged {
  if (newest === null)
    return unknown('There is no commit yet to hold the settings against; --config names a configuration.');
  const { seq, settingsSha256, exportedAt } = newest.manifest;
  if (hashOf(environment) === settingsSha256)
    return passed(`Commit ${seq} was made with the settings that the function has now.`);
  if (changedAt > Date.parse(exportedAt))
    return unknown(`The function was changed after commit ${seq}; the next one will show.`);
  // Another version of the function reckons the hash over other rows.
  return unknown(
    `Commit ${seq} was made with other settings, or by a version of the function that has others than this tool knows.`,
  );
}

function hashOf(environment: DeployedFunction['environment']): string | null {
  try {
    return settingsHash(readSettings(environment));
  } catch (error) {
    if (error instanceof InvalidInputError) return null;
    throw error;
  }
}

/** @param isPaused by the configuration; undefined where none is named. */
export function judgeSchedule(
  schedules: readonly FoundSchedule[],
  domainId: string,
  isPaused: boolean | undefined,
): Judged {
  const own = schedules.filter((schedule) => schedule.domainId === null || schedule.domainId === domainId);
  const [schedule] = own;
  if (schedule === undefined) {
    const others = schedules.map((one) => one.domainId).join(', ');
    return failed(
      others === '' ? 'No schedule invokes the function.' : `The schedule invokes it for the domain ${others}.`,
    );
  }
  const enabled = own.find(({ isEnabled }) => isEnabled);
  if (enabled !== undefined) {
    if (isPaused === true) return failed('The configuration pauses this domain, and its schedule is on.');
    return passed(`The schedule invokes the function at ${enabled.expression}.`);
  }
  if (isPaused === true) return passed('The schedule is off, as the configuration pauses this domain.');
  return failed('The schedule is off: nothing invokes the function.');
}

/**
 * @param environments of all functions: the quota is one for the account and Region.
 * @param quotas applied ones by name; null where they may not be read.
 */
export function judgePaces(
  environments: readonly DeployedFunction['environment'][],
  quotas: ReadonlyMap<string, number> | null,
): Judged {
  const found: Judged[] = Object.entries(PACES).map(([operation, variable]) => {
    const pace = environments.reduce((sum, environment) => sum + Number(environment[variable] || 1.5), 0);
    const shown = `${operation}: ${round(pace)} per second`;
    const quota = quotas === null ? null : quotaOf(quotas, operation);
    if (quota !== null) {
      return pace <= quota ? passed(`${shown} of ${quota}`) : failed(`${shown}, and the quota is ${quota}`);
    }
    if (pace <= DEFAULT_CASES_RATE)
      return passed(`${shown} of ${DEFAULT_CASES_RATE}, the default; the quota itself could not be read`);
    return unknown(`${shown}; the default is ${DEFAULT_CASES_RATE}, and the quota could not be read`);
  });
  const worst = (['failed', 'unknown', 'passed'] as const).find((outcome) =>
    found.some((each) => each.outcome === outcome),
  );
  return { outcome: worst ?? 'unknown', words: `${found.map(({ words }) => words).join('; ')}.` };
}

function quotaOf(quotas: ReadonlyMap<string, number>, operation: string): number | null {
  for (const [name, value] of quotas) if (new RegExp(`\\b${operation}\\b`, 'i').test(name)) return value;
  return null;
}

function round(rate: number): number {
  return Math.round(rate * 10_000) / 10_000;
}

export function judgeConcurrency(limit: number, domains: number): Judged {
  const needed = 2 * domains;
  const words = `${counted(limit, 'concurrent execution')} in the account; ${needed} should be free for ${counted(domains, 'domain')}.`;
  return limit >= needed ? passed(words) : failed(words);
}

/** @param difference ms. */
export function judgeClock(difference: number | null): Judged {
  if (difference === null) return unknown('No answer of AWS carried its time.');
  const seconds = Math.round(Math.abs(difference) / 1000);
  const words = `The clock of this machine and that of AWS are ${counted(seconds, 'second')} apart.`;
  return Math.abs(difference) <= MAX_CLOCK_DIFFERENCE_MS ? passed(words) : failed(words);
}

export function judgeCatalog(location: string, bucket: string | null): Judged {
  if (bucket === null) return passed(`The raw table reads ${location}.`);
  const expected = `s3://${bucket}/field_changes`;
  if (location.replace(/\/$/, '') === expected) return passed(`The raw table reads ${expected}/.`);
  return failed(`The raw table reads ${location}, not ${expected}/.`);
}

/** @param state null where Athena does not say. */
export function judgeWorkgroup(state: string | null, name: string): Judged {
  if (state === 'ENABLED') return passed(`The workgroup ${name} takes queries.`);
  return state === null
    ? unknown(`Athena does not say whether ${name} takes queries.`)
    : failed(`The workgroup ${name} is ${state}.`);
}

/** @param deployed the keys of the functions, with their public halves. */
export function judgePublicKeys(
  keys: readonly { readonly arn: string; readonly spki: Uint8Array }[],
  deployed: readonly SigningKey[],
): Judged {
  const judged = keys.map(({ arn, spki }) => judgePublicKey(spki, arn, deployed));
  const outcome = judged.some((each) => each.outcome === 'failed') ? 'failed' : 'passed';
  return { outcome, words: judged.map(({ words }) => words).join(' ') };
}

function judgePublicKey(spki: Uint8Array, arn: string, deployed: readonly SigningKey[]): Judged {
  try {
    const key = noteKeyOf(spki);
    const known = deployed.find((one) => one.arn === arn);
    if (known !== undefined && known.key.sha256 !== key.sha256)
      return failed(`KMS has another public key for ${arn} than the function's SIGNING_KEYS.`);
    return passed(
      `Key ${key.id} of KMS${known === undefined ? ' can be read' : " is that of the function's SIGNING_KEYS"}.`,
    );
  } catch (error) {
    if (error instanceof InvalidInputError) return failed(error.message);
    throw error;
  }
}

/**
 * @param keys none where notes are not signed.
 * @param now epoch ms.
 */
export function judgeNote(newest: NewestCommit | null, keys: readonly NoteKey[], now: number): Judged {
  if (newest === null) return unknown('There is no commit yet, and so no note.');
  const { manifest, sha256, note } = newest;
  const its = `The note of commit ${manifest.seq}`;
  if (note === null) {
    const isFresh = now - Date.parse(manifest.exportedAt) < HOUR_MS;
    return isFresh
      ? unknown(`Commit ${manifest.seq} has no note yet: it may be under way.`)
      : failed(`Commit ${manifest.seq} has no note.`);
  }
  try {
    const parsed = parseNote(note);
    if (parseNoteText(parsed.text).manifest !== sha256) return failed(`${its} is of another manifest.`);
    const { signedBy, invalid, unknown: others } = verifyNote(parsed, keys);
    const [signer] = signedBy;
    if (signer !== undefined) return passed(`${its} is signed by the key ${signer.id}.`);
    if (invalid.length > 0) return failed(`The signature of the note of commit ${manifest.seq} does not hold.`);
    const ids = others.map(({ keyId }) => keyId).join(', ');
    if (ids !== '') return unknown(`${its} is signed by ${ids}, and by no key that is known here.`);
    return failed(`${its} is not signed, and a key is configured.`);
  } catch (error) {
    if (error instanceof IntegrityError) return failed(`${its} cannot be read: ${error.message}`);
    throw error;
  }
}

/** @param rows the answer: number of the commit, and its rows. */
export function judgeNewestRows(
  rows: readonly (readonly string[])[],
  commit: Pick<Manifest, 'seq' | 'counts'> | null,
): Judged {
  if (commit === null) return unknown('Athena takes the query; none of the newest commits has rows to compare.');
  const [seq = '', count = '0'] = rows[0] ?? [];
  const expected = commit.counts.rows;
  if (Number(seq) === commit.seq && Number(count) === expected)
    return passed(`Athena reads commit ${commit.seq} with ${counted(expected, 'row')}, as its manifest says.`);
  return failed(
    `Athena reads ${counted(Number(count), 'row')} of commit ${commit.seq}; its manifest says ${expected}.`,
  );
}
