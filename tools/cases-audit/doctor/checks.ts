/** Every check of `doctor`, one row each: what it finds out, what it needs, and what to do about a cross. */
import { randomUUID } from 'node:crypto';
import { counted } from '../words';
import { type Check, check, failed, passed } from './check';
import {
  judgeCatalog,
  judgeClock,
  judgeConcurrency,
  judgeDomains,
  judgeFunction,
  judgeNames,
  judgeNewestRows,
  judgeNote,
  judgePaces,
  judgePublicKeys,
  judgeSchedule,
  judgeSettings,
  judgeSettingsInUse,
  judgeTable,
  judgeWorkgroup,
} from './judge';
import {
  archiveOf,
  configured,
  environmentsOf,
  functionOf,
  keysOf,
  NOT_NAMED,
  newestRowsQuery,
  quotasOrNone,
  RAW_TABLE,
  signingKeysOf,
  today,
} from './questions';

/** Who asks. Without credentials no other check is tried. */
export const CREDENTIALS: Check = check({
  name: 'credentials',
  finds: 'Who asks, in which account and Region.',
  permission: 'sts:GetCallerIdentity',
  toDo: 'Sign in, or set AWS_PROFILE, and AWS_REGION or --region.',
  per: 'account',
  needs: () => ({}),
  ask: async ({ account }) => ({ ...(await account.identity()), region: await account.region() }),
  judge: ({ arn, account, region }) => passed(`${arn} in the account ${account}, Region ${region ?? 'unknown'}.`),
});

/** The rest, in the order in which they are tried. */
export const CHECKS: readonly Check[] = [
  check({
    name: 'names',
    finds: 'The outputs of the stack name all its parts.',
    permission: 'cloudformation:DescribeStacks',
    toDo: 'Deploy this version, or check the name of the stack.',
    per: 'account',
    needs: ({ names }) => (names.stack === null ? NOT_NAMED.stack : { stack: names.stack }),
    ask: ({ account }, { stack }) => account.outputs(stack),
    judge: (outputs, { stack }) => judgeNames(outputs, stack),
  }),
  check({
    name: 'domains',
    finds: 'It is known which domain each function exports, so that none is left out here.',
    permission: 'scheduler:ListSchedules and scheduler:GetSchedule',
    toDo: 'Give --domain or --config.',
    per: 'account',
    needs: ({ names }) => (names.stack === null ? NOT_NAMED.stack : {}),
    ask: async ({ domains, unresolved }) => ({ domains, unresolved }),
    judge: ({ domains, unresolved }) => judgeDomains(domains, unresolved),
  }),
  check({
    name: 'archive-list',
    finds: 'You may list the archive with its versions.',
    permission: 's3:ListBucketVersions',
    toDo: 'Check the name of the bucket, the account and the Region.',
    per: 'account',
    needs: archiveOf,
    ask: (_, { archive }) => archive.level('manifests/'),
    judge: ({ folders }) => passed(`You may list the archive; it has ${counted(folders.length, 'domain')}.`),
  }),
  check({
    name: 'archive-missing-key',
    finds: 'A key that is not there answers 404 to you, as the tools need it, and not 403.',
    permission: 's3:ListBucket and s3:GetObject',
    toDo: 'Look at who can write to the archive: nobody writes such a key.',
    per: 'account',
    needs: archiveOf,
    ask: (_, { archive }) => archive.head(`manifests/doctor/${randomUUID()}`),
    judge: (found) =>
      found === null ? passed('A missing key answers 404.') : failed('A key that nobody has written is there.'),
  }),
  check({
    name: 'archive-read',
    finds: 'You may read the newest manifest of the domain.',
    permission: 's3:GetObject, s3:ListBucketVersions, and kms:Decrypt where the bucket has a key of its own',
    toDo: 'Look at what the message names; `cases-audit verify` says more.',
    per: 'domain',
    needs: archiveOf,
    ask: (examination, _, domainId) => examination.newest(domainId),
    judge: (newest) =>
      passed(
        newest === null
          ? 'You may read the archive; the domain has no commit yet.'
          : `You may read the archive; the newest commit is ${newest.manifest.seq}, of ${newest.manifest.exportedAt}.`,
      ),
  }),
  check({
    name: 'table',
    finds: 'You may read the checkpoint table, and it agrees with the archive.',
    permission: 'dynamodb:GetItem',
    toDo: 'See unpublished-commit in the runbook; for a missing table check its name, the account and the Region.',
    per: 'domain',
    needs: ({ checkpoints, names }) =>
      checkpoints === null || names.bucket === null ? NOT_NAMED.table : { checkpoints },
    // The table first: what it has published by then, the archive must show.
    ask: async (examination, { checkpoints }, domainId) => {
      const state = await checkpoints.state(domainId);
      examination.forgetNewest(domainId);
      return { state, newest: await examination.newest(domainId) };
    },
    judge: ({ state, newest }) => judgeTable(state, newest),
  }),
  check({
    name: 'cases-search',
    finds: 'You may search cases (`recheck` needs it; the exporter has a role of its own).',
    permission: 'cases:SearchCases',
    toDo: 'Check the id of the domain, the account and the Region.',
    per: 'domain',
    needs: () => ({}),
    ask: ({ account }, _, domainId) => account.someCase(domainId),
    judge: (caseId) => passed(caseId === null ? 'You may search; the domain has no case.' : 'You may search cases.'),
  }),
  check({
    name: 'cases-audit-events',
    finds: 'You may read the audit history of a case.',
    permission: 'cases:GetCaseAuditEvents, and cases:SearchCases to find a case',
    toDo: 'Check the id of the domain, the account and the Region.',
    per: 'domain',
    needs: () => ({}),
    // A case that cannot exist answers 404 only to those who may ask.
    ask: async ({ account }, _, domainId) =>
      account.auditEvents(domainId, (await account.someCase(domainId)) ?? randomUUID()),
    judge: (isThere) => passed(isThere ? 'You may read histories.' : 'You may ask for histories; there is no case.'),
  }),
  check({
    name: 'cases-fields',
    finds: 'You may list the fields of the domain.',
    permission: 'cases:ListFields',
    toDo: 'Check the id of the domain, the account and the Region.',
    per: 'domain',
    needs: () => ({}),
    ask: ({ account }, _, domainId) => account.listFields(domainId),
    judge: () => passed('You may list fields.'),
  }),
  check({
    name: 'function',
    finds: 'The exporter is active, its settings can be read, and name this bucket and table.',
    permission: 'lambda:GetFunctionConfiguration',
    toDo: '`cdk drift`, then `cdk deploy --revert-drift`.',
    per: 'domain',
    needs: functionOf,
    ask: (examination, { name }) => examination.functionNamed(name),
    judge: (deployed, { names }) => judgeFunction(deployed, names),
  }),
  check({
    name: 'settings',
    finds: 'The running function has the settings of --config; without it, those of the newest commit.',
    permission: 'lambda:GetFunctionConfiguration',
    toDo: 'Deploy the configuration; against changes by hand `cdk deploy --revert-drift`.',
    per: 'domain',
    needs: functionOf,
    ask: async (examination, { name }, domainId) => {
      const deployed = await examination.functionNamed(name);
      const { config, names } = examination;
      if (config !== null) return { deployed, expected: configured(examination, domainId), newest: null };
      return { deployed, expected: null, newest: names.bucket === null ? null : await examination.newest(domainId) };
    },
    judge: ({ deployed, expected, newest }) =>
      expected === null ? judgeSettingsInUse(deployed, newest) : judgeSettings(deployed.environment, expected),
  }),
  check({
    name: 'schedule',
    finds: 'A schedule that is on invokes the function.',
    permission: 'scheduler:ListSchedules and scheduler:GetSchedule',
    toDo: 'Paused on purpose: `pausedDomains`. Else `cdk deploy --revert-drift`.',
    per: 'domain',
    needs: functionOf,
    ask: async (examination, { name }) => {
      const { arn } = await examination.functionNamed(name);
      return examination.account.schedulesOf(arn);
    },
    judge: (schedules, { domainId, isPaused }) => judgeSchedule(schedules, domainId, isPaused),
  }),
  check({
    name: 'cases-quotas',
    finds: 'The paces of all exporters together stay below the quotas of Cases.',
    permission: 'servicequotas:ListServiceQuotas and lambda:GetFunctionConfiguration',
    toDo: 'Raise the quota, or lower `requestsPerSecond`; see docs/platform.md.',
    per: 'account',
    needs: ({ names, config }) => (names.exporters.length === 0 && config === null ? NOT_NAMED.pace : {}),
    ask: async (examination) => ({
      environments: await environmentsOf(examination),
      quotas: await quotasOrNone(examination),
    }),
    judge: ({ environments, quotas }) => judgePaces(environments, quotas),
  }),
  check({
    name: 'concurrency',
    finds: 'The account has room for a run and a tick beside it per domain.',
    permission: 'lambda:GetAccountSettings',
    toDo: 'Raise the quota "Concurrent executions" of Lambda.',
    per: 'account',
    needs: ({ domains }) => (domains.length === 0 ? 'No domain is known: --domain.' : { domains: domains.length }),
    ask: ({ account }) => account.concurrentExecutions(),
    judge: (limit, { domains }) => judgeConcurrency(limit, domains),
  }),
  check({
    name: 'signing-key',
    finds: 'KMS gives the public keys that the functions have.',
    permission: 'kms:GetPublicKey',
    toDo: 'Deploy again after a rotation; never take another key for the right one.',
    per: 'account',
    needs: ({ names }) => (names.signingKeys.length === 0 && names.exporters.length === 0 ? NOT_NAMED.key : {}),
    ask: async (examination) => {
      const deployed = await signingKeysOf(examination);
      const arns = new Set([...examination.names.signingKeys, ...deployed.map(({ arn }) => arn)]);
      const asked = [...arns].map(async (arn) => ({ arn, spki: await examination.account.publicKey(arn) }));
      return { keys: await Promise.all(asked), deployed };
    },
    judge: ({ keys, deployed }) =>
      keys.length === 0 ? { outcome: 'not-asked', words: NOT_NAMED.key } : judgePublicKeys(keys, deployed),
  }),
  check({
    name: 'note',
    finds: 'The note of the newest commit is signed by a key of --key; without it, by one of the function or of KMS.',
    permission: 's3:GetObject, lambda:GetFunctionConfiguration and kms:GetPublicKey',
    toDo: 'Unsigned: see unsigned-notes in the runbook. A signature that does not hold: `cases-audit verify`.',
    per: 'domain',
    needs: ({ names, pinned }) => {
      if (names.bucket === null) return NOT_NAMED.bucket;
      return pinned.length + names.signingKeys.length + names.exporters.length === 0 ? NOT_NAMED.key : {};
    },
    ask: async (examination, _, domainId) => {
      const keys = examination.pinned.length > 0 ? examination.pinned : await keysOf(examination);
      return { keys, newest: await examination.newest(domainId), now: examination.now() };
    },
    judge: ({ newest, keys, now }) =>
      keys.length === 0 ? { outcome: 'not-asked', words: NOT_NAMED.key } : judgeNote(newest, keys, now),
  }),
  check({
    name: 'catalog',
    finds: 'The raw table of the Glue catalog reads this archive.',
    permission: 'glue:GetTable',
    toDo: '`cdk deploy --revert-drift`; under Lake Formation grant DESCRIBE, see the runbook.',
    per: 'account',
    needs: ({ names }) =>
      names.database === null ? NOT_NAMED.athena : { database: names.database, bucket: names.bucket },
    ask: ({ account }, { database }) => account.tableLocation(database, RAW_TABLE),
    judge: (location, { bucket }) => judgeCatalog(location, bucket),
  }),
  check({
    name: 'workgroup',
    finds: 'The workgroup of the analysts takes queries.',
    permission: 'athena:GetWorkGroup',
    toDo: 'Enable the workgroup, or `cdk deploy --revert-drift`.',
    per: 'account',
    needs: ({ names }) => (names.workgroup === null ? NOT_NAMED.athena : { workgroup: names.workgroup }),
    ask: ({ account }, { workgroup }) => account.workgroupState(workgroup),
    judge: (state, { workgroup }) => judgeWorkgroup(state, workgroup),
  }),
  check({
    name: 'athena',
    finds: 'Athena reads the newest commit that has rows, with as many rows as its manifest says.',
    permission: 'what the analysts’ policy of the stack allows',
    toDo: 'Is the export date before firstExportDate? Is the domain in the configuration? See the runbook.',
    per: 'domain',
    needs: ({ names }) => {
      const { database, workgroup, bucket } = names;
      return database === null || workgroup === null || bucket === null ? NOT_NAMED.athena : { database, workgroup };
    },
    ask: async (examination, { database, workgroup }, domainId) => {
      const commit = await examination.newestWithRows(domainId);
      const sql = newestRowsQuery(domainId, commit?.exportDate ?? today(examination), commit?.seq ?? 0);
      return { commit, rows: await examination.account.query(workgroup, database, sql) };
    },
    judge: ({ rows, commit }) => judgeNewestRows(rows, commit),
  }),
  check({
    name: 'clock',
    finds: 'The clock of this machine is that of AWS, within a minute.',
    permission: 'nothing more',
    toDo: 'Set the clock of this machine (NTP); signatures of requests fail when it is 5 minutes off.',
    per: 'account',
    needs: () => ({}),
    ask: ({ account, names }) => account.clockDifference(names.bucket),
    judge: judgeClock,
  }),
];
