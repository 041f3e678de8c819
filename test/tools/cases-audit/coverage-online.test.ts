/** Promise: coverage and status of a bucket are those of its copy, read no row, and end with 3 where they may not look. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { manifestKey } from '../../../lambda/export/domain/keys';
import { type LocalS3, startS3 } from '../../../local/s3/server';
import type { CoverageAnswer } from '../../../tools/cases-audit/period/coverage';
import { DOMAIN, exportModel, type Files, render } from './signed-archive';
import { cli, verifierOfFile } from './verify-files';

const { folderOf } = verifierOfFile();
const UNTIL = ['--until', '2026-01-10T13:00Z'];
let files: Files;
let s3: LocalS3;
let client: S3Client;

beforeAll(async () => {
  const { commits } = await exportModel();
  for (const { manifest } of commits) manifest.openQuarantine = 0;
  files = await render(commits);
  s3 = await startS3();
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_S3: s3.url,
  });
  client = new S3Client({ forcePathStyle: true });
  s3.createBucket('archive');
  for (const [Key, Body] of files) await client.send(new PutObjectCommand({ Bucket: 'archive', Key, Body }));
});
afterEach(() => s3.setFault(undefined));
afterAll(async () => {
  client.destroy();
  await s3.close();
});

async function coverage(...place: string[]): Promise<CoverageAnswer> {
  const { out, err } = await cli(['coverage', ...place, '--json', ...UNTIL]);
  if (out === '') throw new Error(`coverage said nothing: ${err}`);
  return JSON.parse(out) as CoverageAnswer;
}

test.each([['coverage', UNTIL] as const, ['status', [] as string[]] as const])(
  '%s of a bucket says what that of its copy says, and reads manifests and notes alone',
  async (name, args) => {
    const before = s3.calls.length;
    const online = await cli([name, '--bucket', 'archive', '--json', ...args]);
    const read = s3.calls.slice(before).filter(({ operation }) => operation === 'GetObject');
    expect(read.filter(({ key }) => !/^(manifests|notes)\//.test(key ?? ''))).toEqual([]);
    const copy = await cli([name, '--offline', folderOf(files), '--json', ...args]);
    const { archive: _, ...of } = JSON.parse(online.out) as { archive: unknown };
    expect(online.code).toBe(0);
    expect(JSON.parse(copy.out)).toMatchObject(of);
  },
);

test.each(['coverage', 'status'])('%s without permission to list ends with 3 and names it', async (name) => {
  s3.setFault(({ operation }) =>
    operation === 'ListObjectVersions' ? { kind: 'error', code: 'AccessDenied' } : undefined,
  );
  const { code, err } = await cli([name, '--bucket', 'archive']);
  expect(code).toBe(3);
  expect(err).toContain('allow s3:ListBucketVersions');
});

test('a manifest that may not be read leaves the answer open: 3, never a no or a yes', async () => {
  s3.setFault(({ key }) => (key === manifestKey(DOMAIN, 4) ? { kind: 'error', code: 'AccessDenied' } : undefined));
  expect(await coverage('--bucket', 'archive')).toMatchObject({
    exitCode: 3,
    verdict: 'unknown',
    domains: [{ completeUntil: null, reasons: [{ code: 'denied', words: expect.stringContaining('s3:GetObject') }] }],
  });
  s3.setFault(({ key }) => (key === manifestKey(DOMAIN, 8) ? { kind: 'error', code: 'AccessDenied' } : undefined));
  expect((await cli(['status', '--bucket', 'archive'])).code).toBe(3);
});

test('a bucket without anything is a no; one that does not exist is a wrong call', async () => {
  s3.createBucket('empty');
  expect(await coverage('--bucket', 'empty')).toMatchObject({ exitCode: 1, domains: [] });
  expect((await cli(['status', '--bucket', 'empty'])).code).toBe(1);
  for (const name of ['coverage', 'status']) {
    const { code, err } = await cli([name, '--bucket', 'no-such-bucket']);
    expect(code).toBe(2);
    expect(err).toContain('there is no such bucket');
  }
});

test('row files behind a delete marker are gone, and so are manifests', async () => {
  s3.createBucket('hidden');
  for (const [Key, Body] of files) await client.send(new PutObjectCommand({ Bucket: 'hidden', Key, Body }));
  s3.remove('hidden', manifestKey(DOMAIN, 5));
  const answer = await coverage('--bucket', 'hidden');
  expect(answer.exitCode).toBe(1);
  expect(answer.domains[0]?.reasons.map(({ code }) => code)).toContain('holes-in-chain');
});
