/** An operator's tasks by the command of the README, with the built bundle and the local services; then the rows compared. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { updateCase } from '../../local/cases/model/cases';
import { ARCHIVE_BUCKET, type LocalStack, startLocalStack, WORK_BUCKET } from '../../local/exporter/stack';
import { runTick, type Tick } from '../../local/exporter/tick';
import { SkippingClock } from '../support/clock-ahead';
import { addDeskCase, storedState, UNPACED } from '../support/desk';
import { archiveFolder, compareExported, EXACT } from '../support/exported';
import { scratchOfFile } from '../support/scratch';

const DOMAIN = 'desk';
const HOUR_MS = 3_600_000;
const SETTINGS = { SETTLE_SECONDS: '1', OVERLAP_SECONDS: '60', COMMIT_RESERVE_SECONDS: '1', LEASE_MARGIN_SECONDS: '0' };

const clock = new SkippingClock();
const scratch = scratchOfFile();
let stack: LocalStack;
let archive: string;

beforeAll(async () => {
  const root = scratch.emptyFolder();
  archive = archiveFolder(root, ARCHIVE_BUCKET);
  let offsetMs = -HOUR_MS;
  stack = await startLocalStack({ cases: { domains: [DOMAIN], now: () => clock.now() + offsetMs }, root });
  const { world } = stack.cases;
  for (let index = 0; index < 5; index += 1) {
    const caseId = addDeskCase(stack.cases, DOMAIN, index);
    updateCase(world, { domainId: DOMAIN, caseId, fields: [{ id: 'title', value: { stringValue: 'Changed' } }] });
  }
  offsetMs = 0;
});

afterAll(() => stack.close());

function tick(options: Partial<Parameters<typeof runTick>[0]> = {}): Promise<Tick> {
  return runTick({
    event: { domainId: DOMAIN },
    timeoutMs: 600_000,
    env: { ...stack.env, ...SETTINGS, ...UNPACED, ...clock.env() },
    ...options,
  });
}

function operate(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = [join(__dirname, '../../scripts/operate.ts'), ...args];
  const env = { ...process.env, ...stack.env, ...SETTINGS, ...UNPACED, ...clock.env() };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', ...command], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

/** The logs come before the answer. */
function lastLine(output: string): unknown {
  return JSON.parse(output.trim().split('\n').at(-1) ?? '');
}

function newestManifest(): unknown {
  const key = stack.s3.keys(ARCHIVE_BUCKET, 'manifests/').at(-1) ?? '';
  return JSON.parse(String(stack.s3.bytes(ARCHIVE_BUCKET, key)));
}

/** Kills the bundle at the first write to the archive, then loses a staged object. */
async function makeUnpublishableCommit(): Promise<void> {
  await tick({
    onStart: (kill) =>
      stack.s3.setFault(({ operation, bucket }) => {
        if (operation !== 'PutObject' || bucket !== ARCHIVE_BUCKET) return undefined;
        kill();
        return { kind: 'reset-before' };
      }),
  });
  stack.s3.setFault(undefined);
  const [redo] = stack.s3.keys(WORK_BUCKET, 'staging/').filter((key) => key.endsWith('redo.json'));
  stack.s3.remove(WORK_BUCKET, redo ?? '');
  const { leaseExpiresAt } = await storedState(stack.dynamodb);
  clock.skip(Number(leaseExpiresAt) - clock.now() + 10); // The lease of the dead.
}

test('A commit that lost a staged object stops the export until an operator voids it; then every row is there, once', async () => {
  await makeUnpublishableCommit();
  expect((await tick()).error).toMatchObject({ name: 'IntegrityError' });
  const wrong = await operate('void-commit', '--domain', DOMAIN, '--seq', '2');
  expect(wrong).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('the last commit is 1, wholly published is 0'),
  });
  const { code, stdout } = await operate('void-commit', '--domain', DOMAIN, '--seq', '1');
  expect({ code, answer: lastLine(stdout) }).toMatchObject({ code: 0, answer: { status: 'complete', commits: 1 } });
  expect((await tick()).answer).toMatchObject({ status: 'complete' });
  const { comparison, chain } = await compareExported(stack.cases, DOMAIN, archive);
  expect({ ...comparison, chain }).toMatchObject(EXACT);
});

test('Replay leaves what still cannot be flattened where it is, and says that all was looked at', async () => {
  const [first] = stack.cases.history(DOMAIN);
  const caseId = first?.caseId ?? '';
  const fields = [{ eventFieldId: 'title', newValue: { stringValue: 'a' } }];
  const performedBy = { iamPrincipalArn: 'arn:aws:iam::1:role/r' };
  stack.cases.injectEvent(DOMAIN, caseId, { eventId: 'without-time', type: 'Case.Updated', fields, performedBy });
  const title = { id: 'title', value: { stringValue: 'More' } };
  updateCase(stack.cases.world, { domainId: DOMAIN, caseId, fields: [title] });
  clock.skip(2_500); // It settles.
  await tick();
  expect(newestManifest()).toMatchObject({ openQuarantine: 1 });
  const { code, stdout } = await operate('replay-quarantine', '--domain', DOMAIN);
  expect({ code, answer: lastLine(stdout) }).toMatchObject({ code: 0, answer: { status: 'complete', commits: 0 } });
  expect(newestManifest()).toMatchObject({ openQuarantine: 1 });
});
