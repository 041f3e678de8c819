/**
 * Has the example's stack deployed into ministack, waits for its schedule to start the function, and compares every row in the
 * archive with the history of the local Cases service. Nothing is called by hand between the schedule and the archive.
 *
 *   tsx .ci/tick/tick.ts <ministack's url> <folder of cdk synth> <python>
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { createCase } from '../../local/cases/model/cases';
import { createRelatedItem } from '../../local/cases/model/related-items';
import { type CasesService, startCasesService } from '../../local/cases/server';
import { isExact } from '../../local/demo/compare';
import { compareExported } from '../../test/support/exported';

const HOUR_MS = 3_600_000;
const CASES = 5;
/** ministack looks every ten seconds which schedules are due. */
const MOST_LOOKS = 300;

async function main([url = '', folder = '', python = '']: readonly string[]): Promise<void> {
  const { domainId, region, account } = placeOf(folder);
  let offsetMs = HOUR_MS;
  const cases = await startCasesService({ domains: [domainId], now: () => Date.now() - offsetMs });
  try {
    fill(cases, domainId);
    offsetMs = 0;
    const deploy = join(__dirname, 'deploy.py');
    // Not execFileSync: the functions call the Cases service, which lives in this process.
    const { stdout } = await promisify(execFile)(python, [deploy, url, folder, cases.url]);
    const { archive, made } = JSON.parse(stdout) as { archive: string; made: Record<string, number> };
    const credentials = { accessKeyId: account, secretAccessKey: 'ministack' };
    const s3 = new S3Client({ endpoint: url, region, credentials, forcePathStyle: true });
    const rows = await exported(cases, domainId, s3, archive);
    const count = Object.values(made).reduce((sum, each) => sum + each, 0);
    console.log(`tick: ${count} resources of ${Object.keys(made).length} kinds made`);
    console.log(`tick: the schedule started the function, and ${rows} rows are in the archive, all exact`);
  } finally {
    await cases.close();
  }
}

function placeOf(folder: string) {
  const text = (name: string) => readFileSync(join(folder, name), 'utf8');
  const [, account = '', region = ''] = /aws:\/\/(\d{12})\/([\w-]+)/.exec(text('manifest.json')) ?? [];
  const [, domainId = ''] = /\{\\"domainId\\":\\"([^"\\]+)\\"\}/.exec(text('case-audit-export.template.json')) ?? [];
  return { account, region, domainId };
}

function fill({ world, templateId }: CasesService, domainId: string): void {
  for (let index = 0; index < CASES; index += 1) {
    const fields = [
      { id: 'title', value: { stringValue: `Case ${index}` } },
      { id: 'customer_id', value: { stringValue: `arn:aws:profile:us-east-1:1:domains/d/profiles/${index}` } },
    ];
    const { caseId } = createCase(world, { domainId, templateId: templateId(domainId), fields });
    const comment = { body: 'A comment', contentType: 'Text/Plain' as const };
    createRelatedItem(world, { domainId, caseId, type: 'Comment', content: { comment } });
  }
}

/** Rows compared, once all are there. @throws Error if they do not come, or are not exact. */
async function exported(cases: CasesService, domainId: string, s3: S3Client, Bucket: string): Promise<number> {
  let told = 'nothing was written';
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    await sleep(1_000);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    const keys = Contents.map(({ Key = '' }) => Key);
    // The note is the last object of a commit.
    if (!keys.some((key) => key.startsWith('notes/'))) continue;
    try {
      const { comparison, chain } = await compared(cases, domainId, s3, { Bucket, keys });
      if (isExact(comparison) && chain.length === 0 && comparison.compared > 0) return comparison.compared;
      told = JSON.stringify({ ...comparison, chain });
    } catch (error) {
      // Perhaps listed in the middle of a commit.
      told = String(error);
    }
  }
  throw new Error(`The archive did not become exact: ${told}`);
}

async function compared(
  cases: CasesService,
  domainId: string,
  s3: S3Client,
  { Bucket, keys }: { readonly Bucket: string; readonly keys: readonly string[] },
) {
  const folder = mkdtempSync(join(tmpdir(), 'tick-archive-'));
  try {
    for (const key of keys) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
      mkdirSync(dirname(join(folder, key)), { recursive: true });
      writeFileSync(join(folder, key), (await Body?.transformToByteArray()) ?? new Uint8Array());
    }
    return await compareExported(cases, domainId, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
