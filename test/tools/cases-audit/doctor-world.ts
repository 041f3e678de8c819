/** An account in which all is well, as doctor asks it; a test says what is not. */

import { manifestKey, noteKey } from '../../../lambda/export/domain/keys';
import { keyNameOf } from '../../../lambda/export/domain/note-keys';
import { sha256 } from '../../../lambda/export/domain/stored-form';
import { readSettings, settingsHash } from '../../../lambda/export/settings';
import { openFolder } from '../../../tools/cases-audit/archive/folder';
import type { Account, DeployedFunction } from '../../../tools/cases-audit/doctor/account';
import { Examination, type ExaminationParts, type Names } from '../../../tools/cases-audit/doctor/examination';
import { saveFiles } from '../../support/scratch';
import { NOW } from './command-line';
import { DOMAIN, exportModel, type Files, type ModelCommit, newSigner, render } from './signed-archive';

export const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/key-1';
export const BUCKET = 'archive-bucket';
const TABLE = 'checkpoint-table';
const EXPORTER = 'exporter-of-domain-1';

/** As the SDK makes errors: a name, and the status of the answer. */
export function awsError(name: string, status = 400, message = name): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}

export const DENIED = awsError('AccessDeniedException', 403);

export interface WorldOptions {
  readonly account?: Partial<Account>;
  readonly names?: Partial<Names>;
  readonly parts?: Partial<ExaminationParts>;
  /** Changes what the functions are deployed with. */
  readonly deployed?: Partial<DeployedFunction>;
  readonly variables?: Readonly<Record<string, string>>;
  /** Changes the files of the archive. */
  readonly files?: (files: Files) => void;
  /** The newest commit is not there until a function is invoked. */
  readonly isBehind?: boolean;
}

/** A commit appears as soon as somebody runs the function. */
export const RUNS: WorldOptions = { isBehind: true, parts: { waitUntil: NOW + 1 } };

export const reject = (error: Error) => async () => {
  throw error;
};

/** A world whose account answers so. */
export const asks = (account: NonNullable<WorldOptions['account']>): WorldOptions => ({ account });

export type MakeWorld = (options?: WorldOptions) => Promise<Examination>;

/** @param emptyFolder where an archive is laid. */
export async function worlds(emptyFolder: () => string): Promise<MakeWorld> {
  const signer = newSigner(keyNameOf(KEY_ARN));
  const spki = signer.key.publicKey.export({ type: 'spki', format: 'der' });
  const environment = {
    EXPORT_BUCKET: BUCKET,
    STAGING_BUCKET: 'work-bucket',
    CHECKPOINT_TABLE: TABLE,
    SEARCH_CASES_RPS: '1.5',
    AUDIT_EVENTS_RPS: '1.5',
    RELATED_ITEMS_RPS: '1.5',
    SIGNING_KEYS: `${KEY_ARN}=${spki.toString('base64')}`,
  };
  const commits = await exportModel();
  for (const { manifest } of commits) manifest.settingsSha256 = settingsHash(readSettings(environment));
  const files = await render(commits, { signers: () => [signer] });
  const newest = commits.at(-1) as ModelCommit;
  const withRows = commits.findLast(({ rows }) => rows.length > 0) as ModelCommit;
  return async ({
    account = {},
    names = {},
    parts = {},
    deployed = {},
    variables = {},
    files: change,
    isBehind = false,
  } = {}) => {
    const copy = new Map(files);
    change?.(copy);
    const folder = emptyFolder();
    const { seq } = newest.manifest;
    if (isBehind) for (const key of [manifestKey(DOMAIN, seq), noteKey(DOMAIN, seq)]) copy.delete(key);
    saveFiles(folder, copy);
    const head = { seq, sha256: sha256(files.get(manifestKey(DOMAIN, seq)) as Uint8Array) };
    const { exportDate, seq: rowSeq, counts } = withRows.manifest;
    const good: Account = {
      region: async () => 'eu-west-1',
      identity: async () => ({ account: '111122223333', arn: 'arn:aws:sts::111122223333:assumed-role/operator/me' }),
      outputs: async () => OUTPUTS,
      clockDifference: async () => 900,
      deleteNullVersion: async () => {
        throw awsError(
          'AccessDenied',
          403,
          'User: me is not authorized with an explicit deny in a resource-based policy',
        );
      },
      someCase: async () => 'case-1',
      auditEvents: async () => true,
      listFields: async () => undefined,
      functionNamed: async () => ({
        arn: 'arn:function',
        state: 'Active',
        lastUpdate: 'Successful',
        changedAt: 0,
        ...deployed,
        environment: { ...environment, ...variables },
      }),
      concurrentExecutions: async () => 1000,
      schedulesOf: async () => [{ name: 's', isEnabled: true, expression: 'rate(5 minutes)', domainId: DOMAIN }],
      tableLocation: async () => `s3://${BUCKET}/field_changes/`,
      workgroupState: async () => 'ENABLED',
      query: async (_, __, sql) => {
        const isAsked = sql.includes(`export_date = '${exportDate}'`) && sql.includes(`commit_seq = ${rowSeq}`);
        return [isAsked ? [String(rowSeq), String(counts.rows)] : ['0', '0']];
      },
      casesQuotas: async () =>
        new Map([
          ['Rate of SearchCases requests', 2],
          ['Rate of GetCaseAuditEvents requests', 2],
        ]),
      publicKey: async () => spki,
      invoke: async (name) => {
        saveFiles(folder, files);
        return { error: null, word: name === EXPORTER ? 'complete' : 'sound' };
      },
      startRefresh: async () => 'arn:execution',
      execution: async () => ({ status: 'SUCCEEDED', cause: null }),
    };
    return new Examination({
      account: { ...good, ...account },
      names: { ...NAMES, ...names },
      archive: openFolder(folder),
      checkpoints: {
        name: TABLE,
        state: async () => ({ head, applied: seq }),
        retry: async () => null,
        async *ledger() {},
      },
      domains: [DOMAIN],
      exporterOf: new Map([[DOMAIN, EXPORTER]]),
      unresolved: [],
      config: null,
      pinned: [],
      now: () => NOW,
      signal: new AbortController().signal,
      waitUntil: NOW,
      sleep: async () => undefined,
      ...parts,
    });
  };
}

const OUTPUTS = new Map([
  ['ArchiveBucket', BUCKET],
  ['WorkBucket', 'work-bucket'],
  ['CheckpointTable', TABLE],
  ['Database', 'audit'],
  ['RawTable', 'field_changes'],
  ['Workgroup', 'audit'],
  ['CuratedRefresh', 'arn:refresh'],
  ['VerifyFunction', 'daily-check'],
  ['ExporterFunctiondomain1', EXPORTER],
]);

const NAMES: Names = {
  stack: 'CaseAuditExport',
  bucket: BUCKET,
  table: TABLE,
  database: 'audit',
  workgroup: 'audit',
  refresh: 'arn:refresh',
  verifyFunction: 'daily-check',
  signingKeys: [KEY_ARN],
  exporters: [{ output: 'ExporterFunctiondomain1', name: EXPORTER }],
};
