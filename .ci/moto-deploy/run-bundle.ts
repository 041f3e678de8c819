/**
 * Runs the bundle of a stack that `deploy.py` deployed, with the environment that the deployed function has, against moto's S3
 * and DynamoDB and the local Cases service; then compares every exported row with the service's history.
 *
 *   tsx run-bundle.ts <moto's url> <folder of cdk synth> <output of deploy.py>
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { createCase, updateCase } from '../../local/cases/model/cases';
import { createRelatedItem } from '../../local/cases/model/related-items';
import { type CasesService, startCasesService } from '../../local/cases/server';
import { isExact } from '../../local/demo/compare';
import { runTick } from '../../local/exporter/tick';
import { compareExported } from '../../test/support/exported';
import { askDoctor } from './ask-doctor';

const HOUR_MS = 3_600_000;
/** Old enough to be settled, new enough to lie within the overlap of the next pass. */
const SETTLED_MS = 5 * 60_000;
const CASES = 5;

interface Deployed {
  readonly made: Readonly<Record<string, number>>;
  readonly unsupported: Readonly<Record<string, number>>;
  readonly functions: readonly {
    readonly Environment?: { readonly Variables: Readonly<Record<string, string | undefined>> };
  }[];
}

async function main([url = '', folder = '', output = '']: readonly string[]): Promise<void> {
  const { made, unsupported, functions } = JSON.parse(readFileSync(output, 'utf8')) as Deployed;
  // Beside it there may be the daily check, which keeps a state, and the publisher of keys, which knows no table.
  const exporters = functions.filter(({ Environment: { Variables } = { Variables: {} } }) => {
    return Variables['CHECKPOINT_TABLE'] !== undefined && Variables['STATE_BUCKET'] === undefined;
  });
  const [deployed] = exporters;
  if (deployed === undefined || exporters.length !== 1)
    throw new Error(`Expected one exporter, got ${exporters.length} of ${functions.length} functions`);
  const { domainId, region, account, bundle } = synthesized(folder);
  let offsetMs = 0;
  const cases = await startCasesService({ domains: [domainId], now: () => Date.now() - offsetMs });
  try {
    offsetMs = HOUR_MS;
    fill(cases, domainId);
    offsetMs = 0;
    const env = {
      ...deployed.Environment?.Variables,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: account,
      AWS_SECRET_ACCESS_KEY: 'moto',
      AWS_ENDPOINT_URL_CONNECTCASES: cases.url,
      AWS_ENDPOINT_URL_S3: url,
      AWS_ENDPOINT_URL_DYNAMODB: url,
    };
    await tick(env, bundle, domainId);
    offsetMs = SETTLED_MS;
    change(cases, domainId);
    offsetMs = 0;
    await tick(env, bundle, domainId);
    const hash = createHash('sha256').update(readFileSync(bundle)).digest('hex');
    const rows = await compare(cases, { domainId, hash, env, url });
    const asked = await askDoctor({ ...env, AWS_ENDPOINT_URL: url }, domainId);
    console.log(`Made: ${listed(made)}`);
    console.log(`Not supported by moto: ${listed(unsupported)}`);
    console.log(`Two ticks of the deployed bundle (SHA-256 ${hash}): ${rows} rows, all exact`);
    console.log(`Doctor, of the stack alone: ${asked}`);
  } finally {
    await cases.close();
  }
}

/** What the function is deployed with, and for which domain. */
function synthesized(folder: string) {
  const [template = ''] = readdirSync(folder).filter((name) => name.endsWith('.template.json'));
  const text = readFileSync(join(folder, template), 'utf8');
  const [, domainId = ''] = /\{\\"domainId\\":\\"([^"\\]+)\\"\}/.exec(text) ?? [];
  const manifest = readFileSync(join(folder, 'manifest.json'), 'utf8');
  const [, account = '', region = ''] = /aws:\/\/(\d{12})\/([\w-]+)/.exec(manifest) ?? [];
  const assets = readdirSync(folder).filter((name) => name.startsWith('asset.'));
  const bundles = assets
    .filter((name) => readdirSync(join(folder, name)).includes('index.js'))
    .map((name) => join(folder, name, 'index.js'));
  // A setting that the exporter alone reads.
  const [bundle = ''] = bundles.filter((path) => readFileSync(path, 'utf8').includes('MAX_ROWS_PER_COMMIT'));
  return { domainId, account, region, bundle };
}

function fill({ world, templateId }: CasesService, domainId: string): void {
  for (let index = 0; index < CASES; index += 1) {
    const customer = `arn:aws:profile:us-east-1:1:domains/d/profiles/${index}`;
    const fields = [
      { id: 'title', value: { stringValue: `Case ${index}` } },
      { id: 'customer_id', value: { stringValue: customer } },
    ];
    const { caseId } = createCase(world, { domainId, templateId: templateId(domainId), fields });
    const comment = { body: 'A comment', contentType: 'Text/Plain' as const };
    createRelatedItem(world, { domainId, caseId, type: 'Comment', content: { comment } });
  }
}

function change(cases: CasesService, domainId: string): void {
  const caseId = cases.history(domainId)[0]?.caseId ?? '';
  const fields = [{ id: 'title', value: { stringValue: 'Changed' } }];
  updateCase(cases.world, { domainId, caseId, fields });
}

async function tick(env: Readonly<Record<string, string>>, bundle: string, domainId: string): Promise<void> {
  const { answer, error, logs } = await runTick({ event: { domainId }, env, bundle, timeoutMs: 300_000 });
  if (answer?.status === 'complete') return;
  throw new Error(`A tick ended ${answer?.status ?? error?.message}\n${logs.join('\n')}`);
}

/** Rows compared. @throws Error if one is missing, doubled or different, or a manifest names another bundle. */
async function compare(
  cases: CasesService,
  of: { domainId: string; hash: string; env: Readonly<Record<string, string>>; url: string },
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'moto-archive-'));
  try {
    await download(of.url, of.env, folder);
    const bundles = bundlesNamed(join(folder, 'manifests', `domain_id=${of.domainId}`));
    const { comparison, chain } = await compareExported(cases, of.domainId, folder);
    if (!isExact(comparison) || chain.length > 0)
      throw new Error(`Not exact: ${JSON.stringify({ ...comparison, chain })}`);
    if (bundles.length < 2 || bundles.some((bundle) => bundle !== of.hash)) {
      throw new Error(`Expected two manifests or more of bundle ${of.hash}, got ${JSON.stringify(bundles)}`);
    }
    return comparison.compared;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Of every manifest: the bundle that made it. */
function bundlesNamed(folder: string): unknown[] {
  return readdirSync(folder).map((name) => {
    const { bundleSha256 } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { bundleSha256?: unknown };
    return bundleSha256;
  });
}

async function download(endpoint: string, env: Readonly<Record<string, string>>, folder: string): Promise<void> {
  const { AWS_REGION: region = '', AWS_ACCESS_KEY_ID: accessKeyId = '', EXPORT_BUCKET: Bucket = '' } = env;
  const credentials = { accessKeyId, secretAccessKey: 'moto' };
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const { Contents = [], IsTruncated } = await s3.send(new ListObjectsV2Command({ Bucket }));
  if (IsTruncated) throw new Error('More objects than expected');
  for (const { Key = '' } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const path = join(folder, Key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, (await Body?.transformToByteArray()) ?? new Uint8Array());
  }
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
