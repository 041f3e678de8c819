/** Writes `docs/images/dashboard.svg`: the layout of the CloudWatch dashboard of `config/example.json`, as synthesised. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CaseAuditExportStack } from '../lib/case-audit-export-stack';
import { readConfig } from '../lib/config/config-file';
import type { BundleName } from '../lib/function/bundled-function';
import { DASHBOARD_DRAWING, dashboardDrawing } from './dashboard-drawing';

const ROOT = join(__dirname, '..');

/** The template of the example, but for the function's code, which no widget shows. */
function exampleTemplate(scratch: string): Template {
  const bundleDirectory = join(scratch, 'bundle');
  for (const name of ['export', 'verify', 'keys'] satisfies BundleName[]) {
    mkdirSync(join(bundleDirectory, name), { recursive: true });
    writeFileSync(join(bundleDirectory, name, 'index.js'), '');
  }
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  const app = new App({ context, analyticsReporting: false, outdir: join(scratch, 'out') });
  const config = readConfig(join(ROOT, 'config/example.json'), new Date());
  return Template.fromStack(new CaseAuditExportStack(app, 'stack', { config, bundleDirectory }));
}

const scratch = mkdtempSync(join(tmpdir(), 'dashboard-'));
try {
  writeFileSync(DASHBOARD_DRAWING, dashboardDrawing(exampleTemplate(scratch)));
} finally {
  rmSync(scratch, { recursive: true });
}
