#!/usr/bin/env node
/** `cases-audit`: the one door to an archive, for whoever has to answer for it. */
import { Command, CommanderError } from 'commander';
import { caseCommand } from './case/command';
import { completionCommand } from './completion';
import type { Console } from './console';
import { doctorCommand } from './doctor/command';
import { replayCommand, voidCommand } from './operate/commands';
import { EXIT_CODES, InterruptedError, WRONG_CALL } from './outcome';
import { packCommand } from './pack/command';
import { coverageCommand } from './period/command';
import { queryCommand } from './query/command';
import { recheckCommand } from './recheck/command';
import { statusCommand } from './status/status';
import { verifyCommand } from './verify/command';

/** An end that nobody foresaw is no verdict: nothing was contradicted, and not all was checked. */
const BROKEN = EXIT_CODES['sound-as-far-as-checked'];

const COMMANDS = [
  verifyCommand,
  coverageCommand,
  statusCommand,
  queryCommand,
  voidCommand,
  replayCommand,
  caseCommand,
  packCommand,
  recheckCommand,
  doctorCommand,
  completionCommand,
];

/** Runs a command line and answers with its exit code. Never rejects. */
export async function run(args: readonly string[], console: Omit<Console, 'exit'>): Promise<number> {
  let code = 0;
  const program = new Command('cases-audit').description(
    'Answers from an archive of Amazon Connect Cases audit events, without trusting whoever made it.',
  );
  const exit = (ended: number) => {
    code = ended;
  };
  for (const make of COMMANDS) program.addCommand(make({ ...console, exit }));
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureOutput({ writeOut: (text) => console.out(text), writeErr: (text) => console.err(text) });
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return codeOf(error, console);
  }
}

function codeOf(error: unknown, console: Omit<Console, 'exit'>): number {
  // Commander has said what is wrong; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_CALL;
  // A program that is loaded from a file of its own has classes of its own: only their names are shared.
  const name = error instanceof Error ? error.name : '';
  if (name === 'InterruptedError' || console.signal.aborted) {
    console.err(`${new InterruptedError().message}\n`);
    return EXIT_CODES.interrupted;
  }
  console.err(`${error instanceof Error ? error.message : String(error)}\n`);
  if (name === 'WrongCallError') return WRONG_CALL;
  if (name === 'ArchiveError') return EXIT_CODES['sound-as-far-as-checked'];
  console.err('This is a fault of cases-audit itself: nothing was proven, for or against the archive.\n');
  return BROKEN;
}

async function main(): Promise<void> {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  process.once('SIGTERM', () => controller.abort());
  // A reader that has seen enough, such as head, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  process.exitCode = await run(process.argv.slice(2), {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    width: process.stdout.columns ?? 80,
    hasColors: process.stdout.isTTY === true && !process.env['NO_COLOR'],
    isInteractive: process.stderr.isTTY === true,
    signal: controller.signal,
    now: () => Date.now(),
    env: process.env,
  });
  // A query that goes on in the engine's threads would keep the process until its end.
  if (process.exitCode === EXIT_CODES.interrupted) process.exit();
}

if (require.main === module) void main();
