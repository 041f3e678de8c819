/** What questions of several checks share: names that they need, and answers that they are made of. */
import { isDenied } from '../../../lambda/export/aws/store-failures';
import { domainInKeys } from '../../../lambda/export/domain/keys';
import { noteKeyOf, parseSigningKeys, type SigningKey } from '../../../lambda/export/domain/note-keys';
import { exporterEnvironment, pacedRate } from '../../../lib/function/exporter-environment';
import type { Archive } from '../archive/archive';
import type { Examination } from './examination';

/** What a check says whose question the call names nothing for. */
export const NOT_NAMED = {
  stack: 'No stack is named: --stack.',
  bucket: 'No archive is named: --stack or --bucket.',
  table: 'No table is named: --stack or --table.',
  function: 'No function of this domain is named: --stack or --function.',
  athena: 'No database and workgroup are named: --stack, or --database and --workgroup.',
  pace: 'No function and no --config is named.',
  key: 'No signing key is named, and the functions have none.',
} as const;

export const RAW_TABLE = 'field_changes';
/** Begins the name of each output that names a function. */
export const EXPORTER = 'ExporterFunction';
const SIGNING_KEYS = 'SIGNING_KEYS';

export function archiveOf({ archive }: Examination): { readonly archive: Archive } | string {
  return archive === null ? NOT_NAMED.bucket : { archive };
}

/** One partition of one day is read. */
export function newestRowsQuery(domainId: string, exportDate: string, seq: number): string {
  return `SELECT coalesce(max(commit_seq), 0), count(*) FROM ${RAW_TABLE} WHERE domain_id = '${domainInKeys(domainId)}' AND export_date = '${exportDate}' AND commit_seq = ${seq}`;
}

export function today(examination: Examination): string {
  return new Date(examination.now()).toISOString().slice(0, 10);
}

export function functionOf(examination: Examination, domainId: string) {
  const name = examination.exporterOf(domainId);
  if (name === null) return NOT_NAMED.function;
  const isPaused = examination.config?.pausedDomains.includes(domainId);
  return { name, domainId, isPaused, names: examination.names };
}

/** Of the configuration: what the stack gives the function, places left out. */
export function configured({ config }: Examination, domainId: string): Readonly<Record<string, string>> {
  if (config === null) return {};
  return exporterEnvironment({
    archiveBucket: '',
    workBucket: '',
    table: '',
    requestsPerSecond: pacedRate(config, domainId),
    settings: { ...config.settings, ...config.perDomain[domainId]?.settings },
  });
}

export async function environmentsOf(examination: Examination) {
  const { names, config } = examination;
  const deployed = await Promise.all(names.exporters.map(({ name }) => examination.functionNamed(name)));
  if (deployed.length > 0 || config === null) return deployed.map(({ environment }) => environment);
  return config.domains.map((domainId) => configured(examination, domainId));
}

/** Keys of all functions, each once. */
export async function signingKeysOf(examination: Examination): Promise<SigningKey[]> {
  const settings = (await environmentsOf(examination)).map((environment) => environment[SIGNING_KEYS] ?? '');
  const keys = settings.filter((setting) => setting !== '').flatMap(parseSigningKeys);
  return [...new Map(keys.map((key) => [key.arn, key])).values()];
}

export async function keysOf(examination: Examination) {
  const deployed = (await signingKeysOf(examination)).map(({ key }) => key);
  if (deployed.length > 0) return deployed;
  const { account, names } = examination;
  const all = await Promise.all(names.signingKeys.map((arn) => account.publicKey(arn)));
  return all.map(noteKeyOf);
}

/** Null where they may not be read: then the defaults must do. */
export async function quotasOrNone({ account }: Examination): Promise<ReadonlyMap<string, number> | null> {
  try {
    return await account.casesQuotas();
  } catch (error) {
    if (isDenied(error)) return null;
    throw error;
  }
}
