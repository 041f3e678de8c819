/**
 * Runs `cases-audit verify` as people do, the built file by its command line, against the stack that `deploy.py` deployed and an exporter has
 * written to: by the stack's outputs, and by the bucket's name. Then it takes one manifest away and expects to be told.
 *
 *   tsx verify-archive.ts <moto's url> <folder of cdk synth> <output of deploy.py>
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { VerifySummary } from '../../tools/cases-audit/verify/summary';

const STACK = 'case-audit-export';
const PROGRAM = join(__dirname, '..', '..', 'dist', 'cases-audit.js');

async function main([url = '', folder = '', output = '']: readonly string[]): Promise<void> {
  const manifest = readFileSync(join(folder, 'manifest.json'), 'utf8');
  const [, account = '', region = ''] = /aws:\/\/(\d{12})\/([\w-]+)/.exec(manifest) ?? [];
  const env = {
    ...process.env,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: 'moto',
    AWS_ENDPOINT_URL: url,
  };
  const bucket = archiveIn(output);
  // Nobody gives a key here, so nothing says who wrote the archive: 3, and for that reason alone.
  const byStack = await verify(['--stack', STACK, '--read-data', 'all', '--ledger'], env, 3, ['no-key']);
  // moto keeps checksums and does not tell them to HeadObject, so bytes alone could prove these files.
  const byBucket = await verify(['--bucket', bucket], env, 3, ['no-key', 'no-checksum']);
  const [domain] = byStack.domains;
  if (domain === undefined || domain.rows.decoded === 0 || domain.commits < 2)
    throw new Error(`Expected commits and rows, got ${JSON.stringify(byStack.domains)}`);
  if (byBucket.domains[0]?.newest?.manifestSha256 !== domain.newest?.manifestSha256)
    throw new Error('The bucket and the stack name different newest manifests');
  await removeFirstManifest(bucket, { url, account, region });
  await verify(['--stack', STACK], env, 1, ['manifest-missing', 'note-without-manifest']);
  console.log(
    `Verified by --stack and --bucket: ${domain.commits} commits, ${domain.rows.decoded} rows; a manifest that was removed is told`,
  );
}

function archiveIn(output: string): string {
  const { functions } = JSON.parse(readFileSync(output, 'utf8')) as {
    functions: { Environment?: { Variables: Record<string, string | undefined> } }[];
  };
  const names = functions.flatMap(({ Environment }) => Environment?.Variables['EXPORT_BUCKET'] ?? []);
  const [name] = new Set(names);
  if (name === undefined) throw new Error('No function that was deployed knows the archive');
  return name;
}

/** @throws Error unless it ends with this code, finds all of these kinds, and nothing else where nothing contradicts. */
async function verify(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  exitCode: number,
  kinds: readonly string[],
): Promise<VerifySummary> {
  const { code, stdout, stderr } = await run(['verify', '--json', ...args], env);
  const told = `cases-audit verify ${args.join(' ')} ended with ${code}, expected ${exitCode}:\n${stdout}${stderr}`;
  if (code !== exitCode) throw new Error(told);
  const summary = JSON.parse(stdout) as VerifySummary;
  const found = new Set<string>(summary.findings.map(({ kind }) => kind));
  const isAsExpected = kinds.every((kind) => found.has(kind)) && (exitCode === 1 || found.size === kinds.length);
  if (!isAsExpected) throw new Error(`Expected the findings ${kinds.join(', ')}. ${told}`);
  return summary;
}

function run(args: readonly string[], env: NodeJS.ProcessEnv) {
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], { env, maxBuffer: 64e6 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

async function removeFirstManifest(
  Bucket: string,
  { url, account, region }: { readonly url: string; readonly account: string; readonly region: string },
): Promise<void> {
  const credentials = { accessKeyId: account, secretAccessKey: 'moto' };
  const s3 = new S3Client({ endpoint: url, region, credentials, forcePathStyle: true });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'manifests/' }));
  const [first] = Contents;
  if (first?.Key === undefined) throw new Error('The archive has no manifest');
  await s3.send(new DeleteObjectCommand({ Bucket, Key: first.Key }));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
