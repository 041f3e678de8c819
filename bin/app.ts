import { relative } from 'node:path';
import { App } from 'aws-cdk-lib';
import { CaseAuditExportStack } from '../lib/case-audit-export-stack';
import { readConfig } from '../lib/config/config-file';

/** `npx cdk <command> -c config=config/<name>.json`; deletion of data needs `-c deleteData=yes` besides the file. */
function main(): void {
  const app = new App();
  const path: unknown = app.node.tryGetContext('config') ?? 'config/example.json';
  const config = readConfig(String(path), new Date());
  const { stackName } = new CaseAuditExportStack(app, `${config.prefix}-export`, {
    config,
    deleteData: app.node.tryGetContext('deleteData') === 'yes',
  });
  const { stacks } = app.synth();
  const template = stacks.find((stack) => stack.stackName === stackName)?.templateFullPath ?? app.outdir;
  console.error(`Configuration: ${path}\nTemplate:      ${relative(process.cwd(), template)}`);
}

try {
  main();
} catch (error) {
  // What went wrong is in the message; where in our code would only hide it.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
