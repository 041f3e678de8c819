/** What a call of doctor names, found: the parts of a stack, the domains, and who exports each. */
import { errorName } from '../../../lambda/export/aws/store-failures';
import type { DeployConfig } from '../../../lib/config/config';
import { readConfig } from '../../../lib/config/config-file';
import { type Archive, ArchiveError } from '../archive/archive';
import type { AwsPlaces } from '../archive/aws';
import { partitionsIn } from '../archive/manifests';
import { WrongCallError } from '../outcome';
import type { Account } from './account';
import type { ExaminationParts, Names } from './examination';
import { EXPORTER } from './questions';

/** As the command line gives them. */
export interface DoctorOptions extends AwsPlaces {
  readonly function?: string;
  readonly database?: string;
  readonly workgroup?: string;
  readonly signingKey?: string;
  readonly domain?: string;
  readonly key: readonly string[];
  readonly config?: string;
  readonly afterDeploy: boolean;
  readonly wait: string;
  readonly json: boolean;
}

/** Outputs that may not be read are none: the check of names says so. Rejects with WrongCallError where there is no such stack. */
export async function outputsOrNone(account: Account, stack: string | undefined): Promise<ReadonlyMap<string, string>> {
  if (stack === undefined) return new Map();
  try {
    return await account.outputs(stack);
  } catch (error) {
    const { cause } = error as Error;
    if (error instanceof WrongCallError && errorName(cause) === 'ValidationError') throw error;
    return new Map();
  }
}

/** Flags win over the stack's outputs. Pure. */
export function namesOf(
  places: Omit<DoctorOptions, 'key' | 'afterDeploy' | 'wait' | 'json'>,
  outputs: ReadonlyMap<string, string>,
): Names {
  const of = (flag: string | undefined, output: string) => flag ?? outputs.get(output) ?? null;
  const named = (start: string) => [...outputs].filter(([output]) => output.startsWith(start));
  const exporters = named(EXPORTER).map(([output, name]) => ({ output, name }));
  const keys = named('SigningKey').map(([, arn]) => arn);
  return {
    stack: places.stack ?? null,
    bucket: of(places.bucket, 'ArchiveBucket'),
    table: of(places.table, 'CheckpointTable'),
    database: of(places.database, 'Database'),
    workgroup: of(places.workgroup, 'Workgroup'),
    refresh: of(undefined, 'CuratedRefresh'),
    verifyFunction: of(undefined, 'VerifyFunction'),
    signingKeys: places.signingKey === undefined ? keys : [places.signingKey],
    exporters: places.function === undefined ? exporters : [{ output: '', name: places.function }],
  };
}

/**
 * Which domains are examined, and the function of each. An output holds the letters and digits of a domain's id alone; the id itself comes
 * from --domain, the configuration, the archive, or the input of the schedule. Rejects with WrongCallError for a domain that no exporter has.
 */
export async function domainsOf(
  of: { readonly names: Names; readonly account: Account; readonly archive: Archive | null },
  wanted: string | undefined,
  config: DeployConfig | null,
): Promise<Pick<ExaminationParts, 'domains' | 'exporterOf' | 'unresolved'>> {
  const { names, account, archive } = of;
  const known = [
    ...(wanted === undefined ? [] : [wanted]),
    ...(config?.domains ?? []),
    ...(await partitionsOf(archive)),
  ];
  const exporterOf = new Map<string, string>();
  const unresolved: string[] = [];
  for (const { output, name } of names.exporters) {
    const domain = output === '' ? wanted : known.find((id) => output === outputOf(id));
    const found = domain ?? (await scheduledDomain(account, name));
    if (found === null) unresolved.push(name);
    else exporterOf.set(found, name);
  }
  if (wanted !== undefined) {
    if (names.stack === null || exporterOf.has(wanted) || exporterOf.size < names.exporters.length)
      return { domains: [wanted], exporterOf, unresolved: [] };
    throw new WrongCallError(
      `The stack ${names.stack} exports no domain ${wanted}: expected one of ${[...exporterOf.keys()].join(', ')}.`,
    );
  }
  const domains = exporterOf.size > 0 ? [...exporterOf.keys()] : [...new Set(known)];
  return { domains, exporterOf, unresolved };
}

function outputOf(domainId: string): string {
  return `${EXPORTER}${domainId.replace(/[^A-Za-z0-9]/g, '')}`;
}

/** What cannot be listed is said by the check that lists. */
async function partitionsOf(archive: Archive | null): Promise<string[]> {
  if (archive === null) return [];
  try {
    return await partitionsIn(archive);
  } catch (error) {
    if (error instanceof ArchiveError || error instanceof WrongCallError) return [];
    throw error;
  }
}

async function scheduledDomain(account: Account, name: string): Promise<string | null> {
  try {
    const { arn } = await account.functionNamed(name);
    return (await account.schedulesOf(arn)).find(({ domainId }) => domainId !== null)?.domainId ?? null;
  } catch {
    // Why is said by the checks of function and schedule.
    return null;
  }
}

/** @throws WrongCallError with every problem of the file. */
export function configOf(path: string | undefined, now: number): DeployConfig | null {
  if (path === undefined) return null;
  try {
    return readConfig(path, new Date(now));
  } catch (error) {
    throw new WrongCallError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
