/** Promise: each check of doctor tells good from bad, and neither from what could not be looked at. */
import { manifestKey, noteKey } from '../../../lambda/export/domain/keys';
import { ArchiveError } from '../../../tools/cases-audit/archive/archive';
import { QueryFailedError } from '../../../tools/cases-audit/doctor/account';
import { CHECKS, CREDENTIALS } from '../../../tools/cases-audit/doctor/checks';
import { SELF_TEST_ALONE } from '../../../tools/cases-audit/doctor/self-test';
import { scratchOfFile } from '../../support/scratch';
import { NOW } from './command-line';
import { asks, awsError, DENIED, type MakeWorld, RUNS, reject, type WorldOptions, worlds } from './doctor-world';
import { DOMAIN } from './signed-archive';

const scratch = scratchOfFile();
let make: MakeWorld;

beforeAll(async () => {
  make = await worlds(() => scratch.emptyFolder());
});

const ALL = [CREDENTIALS, ...CHECKS, ...SELF_TEST_ALONE];
const archiveThat = (error: Error): WorldOptions => {
  const fails = reject(error);
  const archive = {
    kind: 'bucket',
    name: 's3://b',
    level: fails,
    get: fails,
    head: fails,
    list: () => ({ [Symbol.asyncIterator]: () => ({ next: fails }) }),
  } as never;
  return { parts: { archive } };
};
const NO_PERMISSION = new ArchiveError('No permission for it: allow s3:GetObject.', 'denied');
const GONE = new Map<string, string>();
const REFUSED = reject(DENIED);
const NOT_FOUND = reject(awsError('ResourceNotFoundException', 404));

/** By check: what is bad, with words that the cross must say, and what cannot be looked at. */
const WORLDS: Readonly<Record<string, { bad: readonly [WorldOptions, RegExp][]; blind: readonly WorldOptions[] }>> = {
  credentials: {
    bad: [
      [asks({ identity: reject(awsError('CredentialsProviderError')) }), /There are no AWS credentials/],
      [asks({ identity: reject(awsError('ExpiredToken', 403)) }), /have expired/],
      [asks({ identity: reject(new Error('Region is missing')) }), /give --region/],
    ],
    blind: [asks({ identity: reject(new Error('connect ECONNREFUSED')) })],
  },
  names: {
    bad: [[asks({ outputs: async () => GONE }), /lacks the outputs ArchiveBucket, WorkBucket/]],
    blind: [asks({ outputs: REFUSED })],
  },
  domains: { bad: [], blind: [{ parts: { unresolved: ['another-function'] } }] },
  'archive-list': {
    bad: [[archiveThat(awsError('NoSuchBucket', 404)), /no such bucket/]],
    blind: [archiveThat(NO_PERMISSION)],
  },
  'archive-missing-key': {
    bad: [[{ parts: { archive: { head: async () => ({ size: 1, sha256: null, lock: null }) } as never } }, /is there/]],
    blind: [archiveThat(NO_PERMISSION)],
  },
  'archive-read': {
    bad: [[archiveThat(awsError('NoSuchBucket', 404)), /no such bucket/]],
    blind: [
      archiveThat(NO_PERMISSION),
      { files: (files) => void files.set(manifestKey(DOMAIN, 8), Buffer.from('{}')) },
    ],
  },
  table: {
    bad: [
      [{ isBehind: true }, /has published commit 8; the archive ends with 7/],
      [{ parts: { checkpoints: tableAt(6) } }, /has published commit 6; the archive ends with 8/],
    ],
    blind: [{ parts: { checkpoints: { name: 't', state: reject(NO_PERMISSION) } as never } }],
  },
  'cases-search': { bad: [[asks({ someCase: NOT_FOUND }), /no such resource/]], blind: [asks({ someCase: REFUSED })] },
  'cases-audit-events': {
    bad: [[asks({ someCase: NOT_FOUND }), /no such resource/]],
    blind: [asks({ auditEvents: REFUSED })],
  },
  'cases-fields': {
    bad: [[asks({ listFields: NOT_FOUND }), /no such resource/]],
    blind: [asks({ listFields: REFUSED })],
  },
  function: {
    bad: [
      [{ deployed: { state: 'Inactive' } }, /is Inactive/],
      [{ deployed: { lastUpdate: 'Failed' } }, /update of the function failed/],
      [{ variables: { SETTLE_SECONDS: 'soon' } }, /SETTLE_SECONDS: received "soon"/],
      [{ variables: { EXPORT_BUCKET: 'another' } }, /writes to the bucket another/],
      [{ variables: { CHECKPOINT_TABLE: 'another' } }, /in the table another/],
    ],
    blind: [asks({ functionNamed: REFUSED }), { deployed: { lastUpdate: 'InProgress' } }],
  },
  settings: {
    bad: [
      [{ parts: { config: configOf({ settleSeconds: 60 }) } }, /SETTLE_SECONDS is unset, the configuration says "60"/],
    ],
    blind: [
      asks({ functionNamed: REFUSED }),
      { variables: { SETTLE_SECONDS: '10' } },
      { variables: { SETTLE_SECONDS: '10' }, deployed: { changedAt: NOW } },
    ],
  },
  schedule: {
    bad: [
      [asks({ schedulesOf: async () => [] }), /No schedule invokes/],
      [scheduled({ isEnabled: false }), /is off: nothing invokes/],
      [scheduled({ domainId: 'other' }), /for the domain other/],
      [{ parts: { config: configOf({}, [DOMAIN]) } }, /pauses this domain, and its schedule is on/],
    ],
    blind: [asks({ schedulesOf: REFUSED })],
  },
  'cases-quotas': {
    bad: [[{ variables: { SEARCH_CASES_RPS: '3' } }, /SearchCases: 3 per second, and the quota is 2/]],
    blind: [
      { ...asks({ casesQuotas: REFUSED }), variables: { SEARCH_CASES_RPS: '3' } },
      asks({ functionNamed: REFUSED }),
    ],
  },
  concurrency: {
    bad: [
      [
        asks({ concurrentExecutions: async () => 1 }),
        /1 concurrent execution in the account; 2 should be free for 1 domain/,
      ],
    ],
    blind: [asks({ concurrentExecutions: REFUSED })],
  },
  'signing-key': {
    bad: [
      [asks({ publicKey: async () => new Uint8Array([1]) }), /cannot be read/],
      [asks({ publicKey: reject(awsError('NotFoundException')) }), /no such key/],
    ],
    blind: [asks({ publicKey: REFUSED })],
  },
  note: {
    bad: [
      [
        { files: (files) => void files.set(noteKey(DOMAIN, 8), unsigned(files.get(noteKey(DOMAIN, 8)))) },
        /is not signed/,
      ],
      [{ files: (files) => void files.set(noteKey(DOMAIN, 8), Buffer.from('x')) }, /cannot be read/],
      [
        { files: (files) => void files.set(noteKey(DOMAIN, 8), files.get(noteKey(DOMAIN, 7)) as Uint8Array) },
        /of another manifest/,
      ],
      [
        { files: (files) => void files.delete(noteKey(DOMAIN, 8)), parts: { now: () => NOW + 3_600_000 } },
        /has no note\./,
      ],
    ],
    blind: [{ files: (files) => void files.delete(noteKey(DOMAIN, 8)) }, { files: emptied }],
  },
  catalog: {
    bad: [
      [asks({ tableLocation: async () => 's3://other/field_changes/' }), /reads s3:\/\/other/],
      [asks({ tableLocation: reject(awsError('EntityNotFoundException')) }), /no such database or table/],
    ],
    blind: [asks({ tableLocation: REFUSED })],
  },
  workgroup: {
    bad: [[asks({ workgroupState: async () => 'DISABLED' }), /is DISABLED/]],
    blind: [asks({ workgroupState: REFUSED }), asks({ workgroupState: async () => null })],
  },
  athena: {
    bad: [
      [asks({ query: async () => [['0', '0']] }), /reads 0 rows of commit/],
      [
        asks({ query: reject(new QueryFailedError("Athena's query ended as FAILED: no such table")) }),
        /ended as FAILED/,
      ],
    ],
    blind: [asks({ query: REFUSED }), { files: emptied }],
  },
  clock: {
    bad: [[asks({ clockDifference: async () => -61_000 }), /61 seconds apart/]],
    blind: [asks({ clockDifference: async () => null })],
  },
  run: {
    bad: [
      [
        asks({ invoke: async () => ({ error: 'SETTLE_SECONDS: received "soon"', word: null }) }),
        /ended with an error: SETTLE/,
      ],
      [asks({ invoke: async () => ({ error: null, word: 'odd' }) }), /answered "odd", expected complete/],
    ],
    blind: [asks({ invoke: REFUSED }), asks({ invoke: () => new Promise(() => undefined) })],
  },
  commit: {
    bad: [[asks({ invoke: async () => ({ error: 'no', word: null }) }), /as the run failed/]],
    blind: [asks({ invoke: async () => ({ error: null, word: 'complete' }) })],
  },
  'daily-check': {
    bad: [
      [asks({ invoke: async () => ({ error: null, word: 'contradicted' }) }), /finds the archive contradicted/],
      [asks({ invoke: async () => ({ error: 'ran out of time', word: null }) }), /ran out of time/],
    ],
    blind: [asks({ invoke: REFUSED })],
  },
  refresh: {
    bad: [
      [asks({ execution: async () => ({ status: 'FAILED', cause: 'TABLE_NOT_FOUND' }) }), /FAILED: TABLE_NOT_FOUND/],
    ],
    blind: [asks({ startRefresh: REFUSED }), asks({ execution: async () => ({ status: 'RUNNING', cause: null }) })],
  },
  'delete-denied': {
    bad: [[asks({ deleteNullVersion: async () => undefined }), /was not denied. It found nothing/]],
    blind: [
      asks({ deleteNullVersion: reject(awsError('AccessDenied', 403, 'Access Denied')) }),
      asks({ deleteNullVersion: reject(awsError('NotImplemented', 501)) }),
    ],
  },
};

/** An archive of another domain alone. */
function emptied(files: Map<string, Uint8Array>): void {
  files.clear();
  files.set(manifestKey('other', 1), Buffer.from('{}'));
}

function tableAt(applied: number) {
  return { name: 't', state: async () => ({ head: null, applied }) } as never;
}

function configOf(settings: object, pausedDomains: readonly string[] = []) {
  const pace = { domains: [DOMAIN], perDomain: {}, quotaRequestsPerSecond: 2, requestsPerSecond: undefined };
  return { ...pace, settings, pausedDomains } as never;
}

function scheduled(change: object): WorldOptions {
  const schedule = { name: 's', isEnabled: true, expression: 'rate(5 minutes)', domainId: DOMAIN };
  return asks({ schedulesOf: async () => [{ ...schedule, ...change }] });
}

function unsigned(note: Uint8Array = new Uint8Array()): Uint8Array {
  const [text = ''] = Buffer.from(note)
    .toString()
    .split(/(?<=\n\n)/);
  return Buffer.from(text);
}

const NEEDS_RUN = new Set(['run', 'commit']);

async function outcome(name: string, options: WorldOptions) {
  const found = ALL.find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no check ${name}`);
  return found.run(await make(options), DOMAIN);
}

test('every check is tried', () => {
  expect(Object.keys(WORLDS).sort()).toEqual(ALL.map(({ name }) => name).sort());
  expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
});

test.each(ALL.map(({ name }) => name))('%s passes where all is well', async (name) => {
  expect(await outcome(name, NEEDS_RUN.has(name) ? RUNS : {})).toMatchObject({ outcome: 'passed' });
});

test.each(Object.entries(WORLDS).flatMap(([name, { bad }]) => bad.map((each) => [name, ...each] as const)))(
  '%s fails: %#',
  async (name, options, words) => {
    expect(await outcome(name, options)).toEqual({ outcome: 'failed', words: expect.stringMatching(words) });
  },
);

test.each(Object.entries(WORLDS).flatMap(([name, { blind }]) => blind.map((each) => [name, each] as const)))(
  '%s cannot look, and says nothing against it: %#',
  async (name, options) => {
    expect(await outcome(name, options)).toMatchObject({ outcome: 'unknown' });
  },
);

test('what no permission is there for is named', async () => {
  for (const { name, permission } of ALL) {
    const denied = Object.entries(WORLDS[name]?.blind ?? []).map(([, options]) => options);
    for (const options of denied.filter(({ account }) => account !== undefined)) {
      const { words } = await outcome(name, options);
      if (words.startsWith('No permission'))
        expect(words).toContain(name === 'run' ? 'lambda:InvokeFunction' : permission);
    }
  }
});

test('quotas that may not be read: a pace within the default is well', async () => {
  expect(await outcome('cases-quotas', asks({ casesQuotas: REFUSED }))).toMatchObject({
    outcome: 'passed',
    words: expect.stringContaining('the default; the quota itself could not be read'),
  });
});
