/**
 * Runs the bundle of a stack that `deploy.py` deployed, with the environment that the deployed function has, against moto's S3
 * and DynamoDB and the local Cases service; then compares every exported row with the service's history.
 *
 *   tsx run-bundle.ts <moto's url> <folder of cdk synth> <output of deploy.py>
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { updateCase } from '../../local/cases/model/cases';
import { type CasesService, startCasesService } from '../../local/cases/server';
import { isExact } from '../../local/demo/compare';
import { runTick } from '../../local/exporter/tick';
import { compareExported } from '../../test/support/exported';
import { fill, placeOf, runMain, s3Of, withCopy } from '../emulated';
import { askDoctor } from './ask-doctor';

const HOUR_MS = 3_600_000;
/** Old enough to be settled, new enough to lie within the overlap of the next pass. */
const SETTLED_MS = 5 * 60_000;

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
  const place = placeOf(folder);
  const { domainId, region, account } = place;
  const bundle = bundleIn(folder);
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
    const archive = deployed.Environment?.Variables['EXPORT_BUCKET'] ?? '';
    const rows = await withCopy(s3Of(url, place), archive, (copy) => compare(cases, domainId, hash, copy));
    const asked = await askDoctor({ ...env, AWS_ENDPOINT_URL: url }, domainId);
    console.log(`Made: ${listed(made)}`);
    console.log(`Not supported by moto: ${listed(unsupported)}`);
    console.log(`Two ticks of the deployed bundle (SHA-256 ${hash}): ${rows} rows, all exact`);
    console.log(`Doctor, of the stack alone: ${asked}`);
  } finally {
    await cases.close();
  }
}

/** The exporter's bundle among the assets: that with a setting which it alone reads. */
function bundleIn(folder: string): string {
  const assets = readdirSync(folder).filter((name) => name.startsWith('asset.'));
  const bundles = assets.map((name) => join(folder, name, 'index.js')).filter((path) => existsSync(path));
  return bundles.find((path) => readFileSync(path, 'utf8').includes('MAX_ROWS_PER_COMMIT')) ?? '';
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
async function compare(cases: CasesService, domainId: string, hash: string, folder: string): Promise<number> {
  const bundles = bundlesNamed(join(folder, 'manifests', `domain_id=${domainId}`));
  const { comparison, chain } = await compareExported(cases, domainId, folder);
  if (!isExact(comparison) || chain.length > 0)
    throw new Error(`Not exact: ${JSON.stringify({ ...comparison, chain })}`);
  if (bundles.length < 2 || bundles.some((bundle) => bundle !== hash)) {
    throw new Error(`Expected two manifests or more of bundle ${hash}, got ${JSON.stringify(bundles)}`);
  }
  return comparison.compared;
}

/** Of every manifest: the bundle that made it. */
function bundlesNamed(folder: string): unknown[] {
  return readdirSync(folder).map((name) => {
    const { bundleSha256 } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { bundleSha256?: unknown };
    return bundleSha256;
  });
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}

runMain(main);
