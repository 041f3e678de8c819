/**
 * Promise: a function's role allows every call that the bundle makes, and nothing that it never makes. The bundle runs with
 * the environment of the synthesised template, and each request on the wire is held against the template's policies.
 */

import { scratchOfFile } from '../../support/scratch';
import { EVERYTHING, MINIMAL } from '../configurations';
import { type Call, needs } from './calls';
import {
  applies,
  CALLED_BY_LAMBDA,
  denied,
  distinct,
  type Grant,
  grantsOf,
  type IamRequest,
  isAllowed,
  type Policies,
  type Statement,
} from './iam';
import { type Lived, liveThrough } from './run';
import { type Deployed, deploy, PLACE, synthesized } from './template';

const [FIRST, SECOND] = EVERYTHING.domains;
const scratch = scratchOfFile();
const least = deployed({
  ...MINIMAL,
  domains: [FIRST, SECOND],
  // So that the run takes seconds.
  quotaRequestsPerSecond: 10_000,
  settings: { settleSeconds: 0, commitReserveSeconds: 1, leaseMarginSeconds: 0 },
});
const everything = deployed(EVERYTHING);
const ownKey = deployed({ ...MINIMAL, domains: [FIRST, SECOND], createKmsKey: true });
let lived: Map<string, Lived>;

beforeAll(async () => {
  lived = await liveThrough(new Map([...least].map(([domainId, { environment }]) => [domainId, environment])));
});

/** The functions of a configuration, by domain. */
function deployed(config: object): Map<string, Deployed> {
  const template = synthesized(scratch, config);
  return new Map([FIRST, SECOND].map((domainId) => [domainId, deploy(template, domainId)]));
}

test.each([FIRST, SECOND])('the run of %s has been through everything', (domainId) => {
  expect(lived.get(domainId)?.ends).toEqual([
    'killed', // while it published
    'complete', // the recovery, with answers of S3 lost
    'complete', // what no row can hold goes to quarantine
    'complete', // replayed, and still there
    'StoreError', // the objects of a commit cannot be published
    'IntegrityError', // and now one of them is gone
    'complete', // voided
    'complete',
  ]);
});

describe.each([
  ['the least configuration', least, FIRST],
  ['the least configuration', least, SECOND],
  ['every option', everything, FIRST],
  ['every option', everything, SECOND],
  ['a key of the stack’s own', ownKey, FIRST],
])('%s (%#)', (_name, functions, domainId) => {
  const on = of(functions, domainId);
  const { policies } = on;
  let requests: IamRequest[];

  beforeAll(() => {
    requests = requestsOf(of(lived, domainId).calls, on);
  });

  test('allows every call', () => {
    expect(denied(policies, requests)).toEqual([]);
  });

  test('allows nothing that is never called', () => {
    const unused = ownGrants(policies).filter(({ statement }) => !requests.some((it) => applies(statement, it)));
    expect(unused.map(({ name }) => name)).toEqual([]);
  });

  test('no grant can be taken away: without it a call is denied', () => {
    const refusals = (identity: readonly Statement[]) => denied({ ...policies, identity }, requests).length;
    const needless = ownGrants(policies).filter(
      ({ name }) => refusals(without(policies, name)) === refusals(policies.identity),
    );
    expect(needless.map(({ name }) => name)).toEqual([]);
  });

  test('what only others call is still granted, or it would not be listed', () => {
    const granted = new Set(grantsOf(policies).map(({ action }) => action));
    expect([...CALLED_BY_LAMBDA].filter((action) => !granted.has(action))).toEqual([]);
  });

  test('allows nothing of another domain', () => {
    const foreign = requestsOf(of(lived, domainId === FIRST ? SECOND : FIRST).calls, on);
    // A bucket's and the key's ARN are the same for all; what is in the bucket is not.
    const specific = foreign.filter(
      ({ action, context }) => !action.startsWith('kms:') && !asksForNoKey(action, context),
    );
    expect(specific.length).toBeGreaterThan(20);
    expect(
      specific.filter((it) => isAllowed(policies, it)).map(({ action, resource }) => `${action} ${resource}`),
    ).toEqual([]);
  });
});

describe('the check sees', () => {
  const { policies, environment, roleArn } = of(least, FIRST);
  const bucket = `arn:aws:s3:::${environment['EXPORT_BUCKET']}`;
  const tls = {
    'aws:securetransport': ['true'],
    's3:tlsversion': ['1.3'],
    'aws:resourceaccount': [PLACE.account],
    'aws:principalarn': [roleArn],
  };
  const once = { 's3:objectcreationoperation': ['true'], 's3:if-none-match': ['*'] };
  const key = `${bucket}/manifests/domain_id=${FIRST}/000000000001.json`;
  const good: IamRequest = { action: 's3:PutObject', resource: key, context: { ...tls, ...once } };

  test('what is allowed', () => {
    expect(isAllowed(policies, good)).toBe(true);
  });

  test.each<[string, Partial<IamRequest>]>([
    ['a write to the archive that could overwrite', { context: { ...tls, 's3:objectcreationoperation': ['true'] } }],
    [
      'a bucket of that name in another account',
      { context: { ...tls, ...once, 'aws:resourceaccount': ['444455556666'] } },
    ],
    [
      'a write by another role',
      { context: { ...tls, ...once, 'aws:principalarn': ['arn:aws:iam::111122223333:role/x'] } },
    ],
    ['a request without TLS', { context: { ...tls, ...once, 'aws:securetransport': ['false'] } }],
    ['an old TLS', { context: { ...tls, ...once, 's3:tlsversion': ['1.1'] } }],
    ['a write below another prefix', { resource: `${bucket}/other/x` }],
    ['a delete in the archive', { action: 's3:DeleteObject' }],
    ['another action', { action: 's3:PutObjectAcl' }],
    [
      'a list of the whole archive',
      { action: 's3:ListBucket', resource: bucket, context: { ...tls, 's3:prefix': [''] } },
    ],
    ['a domain that is not configured', { action: 'cases:SearchCases', resource: domainArn('other') }],
  ])('%s', (_name, change) => {
    expect(isAllowed(policies, { ...good, ...change })).toBe(false);
  });

  test('that only buckets with a customer’s key need it', () => {
    const actions = (functions: Map<string, Deployed>) =>
      new Set(requestsOf(of(lived, FIRST).calls, of(functions, FIRST)).map(({ action }) => action));
    expect(actions(least)).not.toContain('kms:Decrypt');
    for (const functions of [everything, ownKey]) expect(actions(functions)).toContain('kms:Decrypt');
  });
});

function of<T>(byDomain: ReadonlyMap<string, T>, domainId: string): T {
  const found = byDomain.get(domainId);
  if (found === undefined) throw new Error(`Nothing for domain ${domainId}`);
  return found;
}

function domainArn(id: string): string {
  return `arn:aws:cases:${PLACE.region}:${PLACE.account}:domain/${id}`;
}

function asksForNoKey(action: string, context: IamRequest['context']): boolean {
  return action === 's3:ListBucket' && context['s3:prefix'] === undefined;
}

/** Each once. */
function requestsOf(calls: readonly Call[], on: Deployed): IamRequest[] {
  return distinct([...calls.flatMap((call) => needs(call, on)), ...signatures(on)]);
}

/**
 * The run does not sign. The call is that which the tests of the adapter pin (`test/export/aws/`). A key of the stack's own lets the role in
 * by its policy (`test/lib/evidence/`), so only keys of other accounts need the role's leave.
 */
function signatures({ environment }: Deployed): IamRequest[] {
  const arns = (environment['SIGNING_KEYS'] ?? '').split(',').map((pair) => pair.split('=')[0] ?? '');
  const context = { 'kms:signingalgorithm': ['ECDSA_SHA_256'], 'kms:messagetype': ['DIGEST'] };
  return arns
    .filter((arn) => arn !== '' && !arn.includes(`:${PLACE.account}:`))
    .map((resource) => ({ action: 'kms:Sign', resource, context }));
}

/** Not the bundle's own calls: objects under a former key are older than this world, and DynamoDB and SQS use a key for it. */
const NOT_ITS_OWN = ['ReadUnderFormerKeys', 'UseKeyThroughServices'];

/** Those that the bundle itself has to use. */
function ownGrants(policies: Policies): Grant[] {
  return grantsOf(policies).filter(
    ({ action, statement }) => !CALLED_BY_LAMBDA.has(action) && !NOT_ITS_OWN.includes(statement.sid),
  );
}

/** The same policies but for one grant. */
function without(policies: Policies, name: string): Statement[] {
  return grantsOf(policies)
    .filter((grant) => grant.name !== name)
    .map(({ statement }) => statement);
}
