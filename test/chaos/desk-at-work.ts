/** People at the desk: a history behind them, and changes that go on while ticks come and go. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CasesService } from '../../local/cases/server';
import { setUpDesk } from '../../local/seed/desk';
import { Player } from '../../local/seed/player';
import { nextChanges, pastWeeks } from '../../local/seed/scenario';
import { clientOf, shortened } from '../support/desk';

export interface Desk {
  /** Changes to cases so far, the history included. */
  readonly changes: number;
  /** Cases are created, updated and commented until `stop`, which rejects if a change failed. */
  startWork(everyMs: number): { stop(): Promise<void> };
  close(): void;
}

interface DeskOptions {
  readonly domainId: string;
  readonly seed: number;
  readonly cases: number;
  /** The history's last moment; epoch milliseconds. */
  readonly endsAt: number;
  /** Moves the service's clock; undefined lets it run by itself again. */
  readonly setTime: (time: number | undefined) => void;
}

/** Four weeks of work, done through the API at its own times. Straight to the service: people are not the ones under fire. */
export async function openDesk(service: CasesService, options: DeskOptions): Promise<Desk> {
  const { domainId, seed, cases, endsAt, setTime } = options;
  const client = clientOf(service);
  const actions = shortened(pastWeeks({ seed, cases, endsAt }), 8, 4);
  setTime(actions[0]?.at);
  const player = new Player(client, await setUpDesk(client, domainId));
  for (const action of actions) {
    setTime(action.at);
    await player.play(action);
  }
  setTime(undefined);
  let changes = actions.length;
  let chapters = 0;

  async function workUntil(isOver: () => boolean, everyMs: number): Promise<void> {
    while (!isOver()) {
      chapters += 1;
      const chapter = `chapter ${chapters}`;
      for (const action of nextChanges({ seed, chapter, changes: 8, cases: player.cases, now: Date.now() })) {
        if (isOver()) return;
        await player.play(action);
        changes += 1;
        await sleep(everyMs);
      }
    }
  }

  return {
    get changes() {
      return changes;
    },
    startWork(everyMs) {
      let isOver = false;
      const work = workUntil(() => isOver, everyMs);
      work.catch(() => undefined); // Reported by `stop`.
      return {
        stop: () => {
          isOver = true;
          return work;
        },
      };
    },
    close: () => client.destroy(),
  };
}
