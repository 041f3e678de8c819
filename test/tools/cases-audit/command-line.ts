/** Runs `cases-audit` in this process. */
import type { Console } from '../../../tools/cases-audit/console';
import { run } from '../../../tools/cases-audit/main';

/** Ten minutes after the newest commit of the model. */
export const NOW = Date.UTC(2026, 0, 10, 20, 10);

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface CliOptions {
  readonly now?: number;
  readonly signal?: AbortSignal;
}

/** A console that keeps what it is told, in `ended`. */
export function keepingConsole({ now = NOW, signal = new AbortController().signal }: CliOptions = {}) {
  const ended = { code: -1, out: '', err: '' };
  const console: Console = {
    out: (text) => {
      ended.out += text;
    },
    err: (text) => {
      ended.err += text;
    },
    exit: (code) => {
      ended.code = code;
    },
    width: 80,
    hasColors: false,
    isInteractive: false,
    signal,
    now: () => now,
    env: process.env,
  };
  return { console, ended };
}

/** Any command line. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
  const { console, ended } = keepingConsole(options);
  const code = await run(args, console);
  return { ...ended, code };
}

/** What a command says with `--json`; its exit code is the one in its answer. Throws if it says nothing. */
export async function answerOf<T extends { readonly exitCode: number }>(
  [command = '', ...args]: readonly string[],
  options: CliOptions = {},
): Promise<T> {
  const { out, err, code } = await cli([command, '--json', ...args], options);
  if (out === '') throw new Error(`${command} said nothing: ${err}`);
  const answer = JSON.parse(out) as T;
  expect(answer.exitCode).toBe(code);
  return answer;
}
