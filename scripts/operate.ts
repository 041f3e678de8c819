import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportAnswer } from '../lambda/export/export';
import { readArguments } from '../tools/read-arguments';

const BUNDLE = join(__dirname, '../dist/lambda/export/index.js');
const MAX_RUN_MS = 15 * 60_000;

const USAGE = `An operator's tasks (docs/runbook.md), done by the built bundle with the settings and AWS credentials of this shell.

Usage: npm run operate -- replay-quarantine --domain <id>
       npm run operate -- void-commit --domain <id> --seq <number>

  replay-quarantine  events that an older version could not flatten get their rows, each once
  void-commit        replaces the last commit, which cannot be published as a staged object is gone
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
  if (!existsSync(BUNDLE)) throw new UsageError('The bundle is not built. Build it first: npm run build');
  // biome-ignore lint/style/noCommonJs: the bundle is a file that is built, and may be missing.
  const { handler } = require(BUNDLE) as {
    handler: (event: unknown, context: { getRemainingTimeInMillis: () => number }) => Promise<ExportAnswer>;
  };
  for (let status: string = 'continues'; status === 'continues'; ) {
    const endsAt = Date.now() + MAX_RUN_MS;
    const answer = await handler(event, { getRemainingTimeInMillis: () => endsAt - Date.now() });
    process.stdout.write(`${JSON.stringify(answer)}\n`);
    status = answer.status;
    if (status === 'busy')
      throw new Error('Another run has the lease. Try again when it has ended (15 minutes at most).');
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof Error && /UsageError|InvalidInputError/.test(error.name) ? 2 : 1;
  });
}
