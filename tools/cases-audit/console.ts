import { Presets, SingleBar } from 'cli-progress';
import type { Clock } from '../../lambda/export/ports';
import { InterruptedError } from './outcome';

/** What a command knows of the place where it runs. Tests give their own. */
export interface Console {
  /** To stdout: the answer, and nothing else. */
  out(text: string): void;
  /** To stderr. */
  err(text: string): void;
  /** Columns of the output; 80 where nobody knows. */
  readonly width: number;
  /** Stdout takes colours: a terminal, and nobody said NO_COLOR. */
  readonly hasColors: boolean;
  /** Somebody looks at stderr. */
  readonly isInteractive: boolean;
  /** Fires when somebody presses Ctrl-C. */
  readonly signal: AbortSignal;
  /** Epoch ms. */
  now(): number;
  /** Where a command waits between calls; this machine's clock by default. */
  readonly clock?: Clock;
  /** The environment, for AWS. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Tells how the command ended. */
  exit(code: number): void;
}

/** Tells how far work has come: what is under way, and how much of it is done. */
type Tick = (what: string, done: number) => void;

/** Does long work under a line on stderr that says how far it has come; nothing where nobody looks. Restores the terminal. */
export async function underProgress<T>(
  { isInteractive }: Pick<Console, 'isInteractive'>,
  unit: string,
  work: (tick: Tick) => Promise<T>,
): Promise<T> {
  if (!isInteractive) return work(() => undefined);
  const bar = new SingleBar(
    {
      format: `  {what}  {value} ${unit}  {duration_formatted}`,
      hideCursor: true,
      clearOnComplete: true,
      fps: 5,
      // Ctrl-C gives back cursor and wrapping at once, before the command has come to its end; ending is the command's own business.
      gracefulExit: true,
    },
    Presets.rect,
  );
  let isOn = false;
  try {
    return await work((what, done) => {
      if (!isOn) bar.start(Number.MAX_SAFE_INTEGER, 0, { what });
      isOn = true;
      bar.update(done, { what });
    });
  } finally {
    if (isOn) bar.stop();
  }
}

/**
 * Prints an answer whole, as JSON or as `report` has it for people.
 * @returns its exit code.
 * @throws InterruptedError where somebody pressed Ctrl-C meanwhile.
 */
export function printAnswer<Answer extends { readonly exitCode: number }>(
  console: Console,
  answer: Answer,
  isJson: boolean,
  report: (answer: Answer, console: Console) => string,
): number {
  if (console.signal.aborted) throw new InterruptedError();
  console.out(`${isJson ? JSON.stringify(answer, null, 2) : report(answer, console)}\n`);
  return answer.exitCode;
}
