import { SingleBar } from 'cli-progress';
import { count, type Print } from './print';

interface Progress {
  step(): void;
  stop(): void;
}

/** Shows progress: a bar on a terminal, otherwise a plain line at every quarter. */
export function startProgress(what: string, total: number, print: Print): Progress {
  return process.stdout.isTTY ? bar(what, total) : lines(what, total, print);
}

function bar(what: string, total: number): Progress {
  const single = new SingleBar({
    format: `  ${what} {bar} {value}/{total}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 40,
    hideCursor: true,
    stream: process.stdout,
  });
  // The bar hides the cursor and ends the wrapping of lines: whoever ends the demo gets both back, and the end that was asked for.
  const end = (signal: NodeJS.Signals) => {
    stop();
    process.kill(process.pid, signal);
  };
  const stop = () => {
    for (const signal of ENDS) process.removeListener(signal, end);
    single.stop();
  };
  for (const signal of ENDS) process.once(signal, end);
  single.start(total, 0);
  return { step: () => single.increment(), stop };
}

const ENDS = ['SIGINT', 'SIGTERM'] as const;

function lines(what: string, total: number, print: Print): Progress {
  let done = 0;
  return {
    step() {
      done += 1;
      const quarter = Math.floor((done * 4) / total);
      if (quarter > Math.floor(((done - 1) * 4) / total)) print(`  ${what} ${count(done)} of ${count(total)}`);
    },
    stop: () => undefined,
  };
}
