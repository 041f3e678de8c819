/**
 * Runs `cases-audit verify` as people do, the built file by its command line, against the stack that `deploy.py` deployed and an exporter has
 * written to: by the stack's outputs, and by the bucket's name. Then it takes one manifest away and expects to be told.
 *
 *   tsx verify-archive.ts <moto's url> <folder of cdk synth> <output of deploy.py>
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { VerifySummary } from '../../tools/cases-audit/verify/summary';
import { keysIn, placeOf, runMain, s3Of } from '../emulated';

const STACK = 'case-audit-export';
const PROGRAM = join(__dirname, '..', '..', 'dist', 'cases-audit.js');

async function main([url = '', folder = '', output = '']: readonly string[]): Promise<void> {
  const place = placeOf(folder);
  const env = {
    ...process.env,
    AWS_REGION: place.region,
    AWS_ACCESS_KEY_ID: place.account,
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
  await removeFirstManifest(s3Of(url, place), bucket);
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

async function removeFirstManifest(s3: S3Client, Bucket: string): Promise<void> {
  const [Key] = await keysIn(s3, Bucket, 'manifests/');
  if (Key === undefined) throw new Error('The archive has no manifest');
  await s3.send(new DeleteObjectCommand({ Bucket, Key }));
}

runMain(main);
