/** The built bundle given what it cannot work with: a clear error, and the state as it was before. */
import { type LocalStack, startLocalStack, TABLE } from '../../local/exporter/stack';
import { runTick, type Tick } from '../../local/exporter/tick';
import { firstQueryOfRunbook } from '../support/runbook-query';

const DOMAIN = 'dom-1';

let stack: LocalStack;

beforeAll(async () => {
  stack = await startLocalStack({ cases: { domains: [DOMAIN] } });
  expect((await tick()).answer?.status).toBe('complete');
});

afterAll(async () => {
  await stack.close();
});

afterEach(() => {
  stack.cases.setFault(undefined);
  stack.cases.setTamper(undefined);
  stack.s3.setFault(undefined);
  stack.s3.setMissingKeyIsDenied(false);
  stack.dynamodb.setFault(undefined);
});

function tick(env: Record<string, string> = {}, event: unknown = { domainId: DOMAIN }) {
  return runTick({ event, env: { ...stack.env, ...env } });
}

/** Everything but the lease, which any tick takes and gives back. */
async function stored(): Promise<unknown> {
  const items = await stack.dynamodb.items(TABLE);
  const kept = items.map(({ fence, leaseOwner, leaseExpiresAt, startsSinceCommit, ...rest }) => rest);
  return { items: kept.filter(({ pk }) => pk === `DOMAIN#${DOMAIN}`), objects: stack.s3.keys('archive') };
}

async function expectRefused(run: Promise<Tick>, ...saying: (string | RegExp)[]): Promise<void> {
  const before = await stored();
  const { answer, error, logs } = await run;
  expect(answer).toBe(null);
  const errors = firstQueryOfRunbook()
    .find(logs)
    .filter(({ level }) => level === 'ERROR');
  expect(errors).toMatchObject([{ message: `run failed: ${error?.message}`, errorName: error?.name }]);
  for (const text of saying) expect(error?.message).toMatch(text);
  expect(await stored()).toEqual(before);
  const isState = ({ sk, pk }: Record<string, unknown>) => sk === 'STATE' && pk === `DOMAIN#${DOMAIN}`;
  const [state] = (await stack.dynamodb.items(TABLE)).filter(isState);
  expect(state).toMatchObject({ leaseExpiresAt: 0 });
}

describe('The first query of the runbook', () => {
  const query = firstQueryOfRunbook();

  test('finds the error that ended a run, with everything that it shows', async () => {
    const { error, logs } = await tick({ EXPORT_BUCKET: 'no-such-bucket' });
    const found = query.find(logs).filter(({ level }) => level === 'ERROR');
    expect(found).toMatchObject([
      { message: `run failed: ${error?.message}`, domainId: DOMAIN, runId: expect.any(String), store: 's3' },
    ]);
    expect(query.fields).toEqual(expect.arrayContaining(['level', 'message', 'domainId', 'runId']));
    for (const field of query.fields) expect(found[0]).toHaveProperty(field);
    const ended = logs.map((line) => JSON.parse(line)).find(({ message }) => message === 'run ended');
    expect(found[0]?.['runId']).toBe(ended.runId);
  });

  test('finds nothing of a run that did not fail', async () => {
    expect(query.find((await tick()).logs)).toEqual([]);
  });
});

describe('Bad input is refused with the value, what was expected and what to do', () => {
  test.each([[null], [{}], [{ domainId: 7 }], [{ domainId: '' }], [{ domainId: 'a/b' }], ['dom-1']])(
    'event %j',
    async (event) => {
      await expectRefused(tick({}, event), 'domainId', JSON.stringify(event).slice(1, -1));
    },
  );

  test('settings, all at once', async () => {
    const env = {
      EXPORT_BUCKET: '',
      SEARCH_CASES_RPS: '0',
      SETTLE_SECONDS: 'soon',
      MAX_ROWS_PER_COMMIT: '0',
      EXPORT_FROM: 'yesterday',
    };
    await expectRefused(tick(env), ...Object.keys(env), '"soon"', '"yesterday"');
  });

  test('an unknown domain', async () => {
    await expectRefused(tick({}, { domainId: 'nobody' }), 'nobody', 'domain');
  });

  test('a table that is not there', async () => {
    await expectRefused(tick({ CHECKPOINT_TABLE: 'no-such-table' }), 'no-such-table', 'CHECKPOINT_TABLE');
  });

  test('a bucket that is not there', async () => {
    await expectRefused(tick({ EXPORT_BUCKET: 'no-such-bucket' }), 'no-such-bucket', 'EXPORT_BUCKET');
  });

  test('a staging bucket that is not there', async () => {
    await expectRefused(tick({ STAGING_BUCKET: 'no-such-bucket' }), 'no-such-bucket', 'STAGING_BUCKET');
  });

  test('another bucket than the one of the last commit', async () => {
    stack.s3.createBucket('another-bucket');
    await expectRefused(tick({ EXPORT_BUCKET: 'another-bucket' }), 'last', /no manifest/);
  });

  test.each(['SearchCases', 'SearchAllRelatedItems'])('no permission for %s', async (operation) => {
    stack.cases.setFault((request) =>
      request.operation === operation ? { status: 403, errorType: 'AccessDeniedException', message: 'no' } : undefined,
    );
    if (operation === 'SearchAllRelatedItems') expect((await tick()).answer?.status).toBe('complete');
    else await expectRefused(tick(), 'cases:SearchCases', DOMAIN);
  });

  test('no permission to tell a missing key from a forbidden one', async () => {
    stack.s3.setMissingKeyIsDenied(true);
    await expectRefused(tick(), 's3:ListBucket');
  });

  test('an answer without its list', async () => {
    stack.cases.setTamper((request, body) =>
      request.operation === 'SearchCases' ? { ...(body as object), cases: undefined } : undefined,
    );
    await expectRefused(tick(), 'SearchCases', '"cases"');
  });

  test('after all of it a tick is complete', async () => {
    expect((await tick()).answer).toMatchObject({ status: 'complete', rowsWritten: 0 });
  });
});
