/** Stacks as `npx cdk` makes them, but for the code of their functions, at which neither a page nor a test looks. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { CaseAuditExportStack } from '../lib/case-audit-export-stack';
import type { DeployConfig } from '../lib/config/config';
import type { BundleName } from '../lib/function/bundled-function';

const ROOT = join(__dirname, '..');

/** A folder with something in place of the bundles, so that no build is needed. Returns it. */
export function bundleStandIn(directory: string): string {
  for (const name of ['export', 'verify', 'keys'] satisfies BundleName[]) {
    mkdirSync(join(directory, name), { recursive: true });
    writeFileSync(join(directory, name, 'index.js'), 'exports.handler = async () => ({});\n');
  }
  return directory;
}

/** An app with the feature flags of `cdk.json`. */
export function appOf(outdir: string): App {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  // `analyticsReporting` would add a resource of its own to the template; the CLI leaves it out as cdk.json says.
  return new App({ context, analyticsReporting: false, outdir });
}

/** Makes the stack of a configuration and returns what `use` makes of it. Nothing stays on the disk. */
export function withStack<T>(config: DeployConfig, use: (stack: CaseAuditExportStack, app: App) => T): T {
  const scratch = mkdtempSync(join(tmpdir(), 'stack-'));
  try {
    const app = appOf(join(scratch, 'out'));
    const bundleDirectory = bundleStandIn(join(scratch, 'bundle'));
    return use(new CaseAuditExportStack(app, 'stack', { config, bundleDirectory }), app);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
