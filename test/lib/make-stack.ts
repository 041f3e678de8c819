/** Stacks as `npx cdk` would make them, for the tests that look at constructs; a template comes from `templates.ts`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { CaseAuditExportStack } from '../../lib/case-audit-export-stack';
import type { DeployConfig } from '../../lib/config/config';
import { checkConfig } from '../../lib/config/config-file';
import type { BundleName } from '../../lib/function/bundled-function';
import type { Scratch } from '../support/scratch';
import { NOW, type Switches } from './configurations';

interface MadeStack {
  readonly app: App;
  readonly stack: CaseAuditExportStack;
  readonly config: DeployConfig;
}

/**
 * Until the function that it returns is called, nothing is validated in this process: to start the library's validation takes
 * seconds. `validation.slow.test.ts` validates every configuration.
 */
export function skipValidation(): () => void {
  const { CDK_VALIDATION = '' } = process.env;
  process.env['CDK_VALIDATION'] = 'false';
  return () => {
    process.env['CDK_VALIDATION'] = CDK_VALIDATION;
  };
}

/** A folder with something in place of the bundles, so that no build is needed. */
export function bundleStandIn(scratch: Scratch): string {
  const directory = scratch.emptyFolder();
  for (const name of ['export', 'verify', 'keys'] satisfies BundleName[]) {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, 'index.js'), 'exports.handler = async () => ({});\n');
  }
  return directory;
}

/** The app as `npx cdk` would make it, with the feature flags of `cdk.json`. */
export function makeStack(
  scratch: Scratch,
  input: object,
  switches: Switches & { readonly bundleDirectory?: string } = {},
): MadeStack {
  const { context } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'cdk.json'), 'utf8')) as {
    context: Record<string, unknown>;
  };
  // `analyticsReporting` would add a resource of its own to the template; the CLI leaves it out as cdk.json says.
  const app = new App({ context, analyticsReporting: false, outdir: scratch.emptyFolder() });
  const config = checkConfig(input, 'test', NOW);
  const stack = new CaseAuditExportStack(app, `${config.prefix}-export`, {
    config,
    bundleDirectory: switches.bundleDirectory ?? bundleStandIn(scratch),
    ...(switches.deleteData !== undefined && { deleteData: switches.deleteData }),
  });
  return { app, stack, config };
}
