/** `cases-audit doctor`: the command line. */
import { Command } from 'commander';
import { keyOption } from '../archive/places';
import type { Console } from '../console';
import { WrongCallError } from '../outcome';
import type { DoctorOptions } from './places';
import type * as Program from './program';

const EXAMPLES = `
Examples:
  cases-audit doctor --stack CaseAuditExport --config config/production.json
  cases-audit doctor --stack CaseAuditExport --after-deploy --key audit-key.pem

--after-deploy starts what schedules start anyway: each exporter, the daily
check, the refresh of the curated table. It awaits a commit, and tries one
delete that must be denied, of what does not exist: nothing is changed.

Exit codes: 0 all is well · 1 something is not as it must be · 2 wrong call ·
3 something could not be checked · 130 interrupted
`;

/** @param load where the program comes from; tests give their own. */
export function doctorCommand(
  console: Console,
  load: () => Promise<Pick<typeof Program, 'doctor'>> = () => import('./program'),
): Command {
  return new Command('doctor')
    .description(
      'Checks a deployment and says what to do: credentials, names, permissions, quotas, settings, clock, key, Athena.',
    )
    .option('--stack <name>', 'the stack whose outputs name all parts')
    .option('--bucket <name>', 'the archive bucket')
    .option('--table <name>', 'the checkpoint table')
    .option('--function <name>', 'the exporter of --domain')
    .option('--database <name>', 'the database in Glue')
    .option('--workgroup <name>', 'the workgroup of Athena')
    .option('--signing-key <arn>', 'the KMS key that signs notes')
    .option('--domain <id>', 'one domain alone')
    .option('--region <region>', 'of the account (default: that of your AWS settings)')
    .option('--config <file>', 'configuration file to compare the running functions with')
    .addOption(keyOption())
    .option('--after-deploy', 'the self-test of a deployment; starts what schedules start', false)
    .option('--wait <minutes>', 'with --after-deploy: how long a commit and the refresh are awaited', '20')
    .option('--json', 'the answer as JSON (cases-audit-doctor/v1)', false)
    .addHelpText('after', EXAMPLES)
    .action(async (options: DoctorOptions) => console.exit(await ask(load, options, console)));
}

async function ask(
  load: () => Promise<Pick<typeof Program, 'doctor'>>,
  options: DoctorOptions,
  console: Console,
): Promise<number> {
  const { doctor } = await load().catch((error: unknown) => {
    if (!(error instanceof Error) || !error.message.includes('cases-audit-doctor')) throw error;
    throw new WrongCallError(
      'cases-audit doctor needs the whole package, for its clients of AWS: this is cases-audit.js alone. Run it where the package is installed.',
      { cause: error },
    );
  });
  return doctor(options, console);
}
