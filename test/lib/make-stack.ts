/** Stacks as `npx cdk` would make them, for the tests that look at constructs; a template comes from `templates.ts`. */
import type { App } from 'aws-cdk-lib';
import { CaseAuditExportStack } from '../../lib/case-audit-export-stack';
import type { DeployConfig } from '../../lib/config/config';
import { checkConfig } from '../../lib/config/config-file';
import { appOf, bundleStandIn } from '../../scripts/example-stack';
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

/** The app as `npx cdk` would make it, with the feature flags of `cdk.json`. */
export function makeStack(
  scratch: Scratch,
  input: object,
  switches: Switches & { readonly bundleDirectory?: string } = {},
): MadeStack {
  const app = appOf(scratch.emptyFolder());
  const config = checkConfig(input, 'test', NOW);
  const stack = new CaseAuditExportStack(app, `${config.prefix}-export`, {
    config,
    bundleDirectory: switches.bundleDirectory ?? bundleStandIn(scratch.emptyFolder()),
    ...(switches.deleteData !== undefined && { deleteData: switches.deleteData }),
  });
  return { app, stack, config };
}
