import { loadHandler, runTask } from '../tools/cases-audit/operate/commands';
import { readArguments } from '../tools/read-arguments';

const USAGE = `An operator's tasks (docs/runbook.md), done by the built bundle with the settings and AWS credentials of this shell.

Usage: npm run operate -- replay-quarantine --domain <id>
       npm run operate -- void-commit --domain <id> --seq <number>

  replay-quarantine  events that an older version could not flatten get their rows, each once
  void-commit        replaces the last commit if it cannot be published because a staged object is gone
  --domain           id of the Cases domain
  --seq              number of the commit to void: head.seq of the table's STATE item

Needs EXPORT_BUCKET, CHECKPOINT_TABLE and STAGING_BUCKET as the function has them. The function itself takes the same tasks:
aws lambda invoke --payload '{"domainId":"<id>","task":"replay-quarantine"}' …
`;

const OPTIONS = { domain: { type: 'string' }, seq: { type: 'string' }, help: { type: 'boolean' } } as const;

/** What the command line asks for, wrong. The message says what came and what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command line as the event that the handler takes; undefined asks for the usage. */
export function eventOf(args: readonly string[]): Record<string, unknown> | undefined {
  const { values, positionals } = readArguments(args, OPTIONS, (message) => new UsageError(message));
  const [task, ...more] = positionals;
  if (values.help || (task === undefined && Object.keys(values).length === 0)) return undefined;
  if (more.length > 0 || (task !== 'replay-quarantine' && task !== 'void-commit')) {
    throw new UsageError(
      `Received "${positionals.join(' ')}", expected one task: replay-quarantine or void-commit. Try --help.`,
    );
  }
  const { domain: domainId, seq } = values;
  if (domainId === undefined) throw new UsageError('--domain is missing, expected the id of a Cases domain');
  if (task === 'replay-quarantine' && seq === undefined) return { domainId, task };
  if (task === 'void-commit' && seq !== undefined && /^[1-9]\d*$/.test(seq))
    return { domainId, task, seq: Number(seq) };
  throw new UsageError(
    task === 'void-commit'
      ? `--seq is ${seq === undefined ? 'missing' : `"${seq}"`}, expected the number of the commit to void`
      : '--seq belongs to void-commit only',
  );
}

async function main(): Promise<void> {
  const event = eventOf(process.argv.slice(2));
  if (event === undefined) {
    process.stdout.write(USAGE);
    return;
  }
  const { status } = await runTask(event, loadHandler(), {
    answer: (answer) => void process.stdout.write(`${JSON.stringify(answer)}\n`),
  });
  if (status === 'busy')
    throw new Error('Another run has the lease. Try again when it has ended (15 minutes at most).');
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof Error && /UsageError|WrongCallError|InvalidInputError/.test(error.name) ? 2 : 1;
  });
}
