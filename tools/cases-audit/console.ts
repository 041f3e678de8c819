import type { Clock } from '../../lambda/export/ports';

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
