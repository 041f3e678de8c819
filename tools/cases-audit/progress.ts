import { Presets, SingleBar } from 'cli-progress';
import type { Console } from './console';

interface Progress {
  /** So far done. */
  tick(what: string, done: number): void;
  /** Restores the terminal. */
  stop(): void;
}

const NONE: Progress = { tick: () => undefined, stop: () => undefined };

/** A line on stderr that says how far long work has come; nothing where nobody looks. */
export function progressOn({ isInteractive }: Pick<Console, 'isInteractive'>, unit: string): Progress {
  if (!isInteractive) return NONE;
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
  return {
    tick(what, done) {
      if (!isOn) bar.start(Number.MAX_SAFE_INTEGER, 0, { what });
      isOn = true;
      bar.update(done, { what });
    },
    stop() {
      if (isOn) bar.stop();
    },
  };
}
