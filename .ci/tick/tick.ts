/**
 * Has the example's stack deployed into ministack, waits for its schedule to start the function, and compares every row in the
 * archive with the history of the local Cases service. Nothing is called by hand between the schedule and the archive.
 *
 *   tsx .ci/tick/tick.ts <ministack's url> <folder of cdk synth> <python>
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { S3Client } from '@aws-sdk/client-s3';
import { type CasesService, startCasesService } from '../../local/cases/server';
import { isExact } from '../../local/demo/compare';
import { compareExported } from '../../test/support/exported';
import { fill, keysIn, placeOf, runMain, s3Of, withCopy } from '../emulated';

const HOUR_MS = 3_600_000;
/** ministack looks every ten seconds which schedules are due. */
const MOST_LOOKS = 300;

async function main([url = '', folder = '', python = '']: readonly string[]): Promise<void> {
  const place = placeOf(folder);
  const { domainId } = place;
  let offsetMs = HOUR_MS;
  const cases = await startCasesService({ domains: [domainId], now: () => Date.now() - offsetMs });
  try {
    fill(cases, domainId);
    offsetMs = 0;
    const deploy = join(__dirname, 'deploy.py');
    // Not execFileSync: the functions call the Cases service, which lives in this process.
    const { stdout } = await promisify(execFile)(python, [deploy, url, folder, cases.url]);
    const { archive, made } = JSON.parse(stdout) as { archive: string; made: Record<string, number> };
    const rows = await exported(cases, domainId, s3Of(url, place), archive);
    const count = Object.values(made).reduce((sum, each) => sum + each, 0);
    console.log(`tick: ${count} resources of ${Object.keys(made).length} kinds made`);
    console.log(`tick: the schedule started the function, and ${rows} rows are in the archive, all exact`);
  } finally {
    await cases.close();
  }
}

/** Rows compared, once all are there. @throws Error if they do not come, or are not exact. */
async function exported(cases: CasesService, domainId: string, s3: S3Client, Bucket: string): Promise<number> {
  let told = 'nothing was written';
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    await sleep(1_000);
    const keys = await keysIn(s3, Bucket);
    // The note is the last object of a commit.
    if (!keys.some((key) => key.startsWith('notes/'))) continue;
    try {
      const { comparison, chain } = await withCopy(s3, Bucket, (copy) => compareExported(cases, domainId, copy));
      if (isExact(comparison) && chain.length === 0 && comparison.compared > 0) return comparison.compared;
      told = JSON.stringify({ ...comparison, chain });
    } catch (error) {
      // Perhaps listed in the middle of a commit.
      told = String(error);
    }
  }
  throw new Error(`The archive did not become exact: ${told}`);
}

runMain(main);
