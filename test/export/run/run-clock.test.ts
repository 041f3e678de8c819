import { runClock } from '../../../lambda/export/run/run';
import { createManualClock } from '../../fakes/manual-clock';
import { MINUTE, START } from '../fixtures';

describe("A run's clock", () => {
  test('shows at its start what the wall clock does, in whole milliseconds, and goes on with time', () => {
    const wall = createManualClock({ start: START });
    const clock = runClock(wall);
    expect(clock.now()).toBe(START);
    wall.advance(1234.7);
    expect(clock.now()).toBe(START + 1234);
    expect(clock.monotonic()).toBe(1234.7);
  });

  test('follows no wall clock that is set meanwhile, neither back nor forward', () => {
    const wall = createManualClock({ start: START });
    const clock = runClock(wall);
    wall.advance(MINUTE);
    for (const set of [START - 60 * MINUTE, START + 600 * MINUTE]) {
      wall.setWallClock(set);
      expect(clock.now()).toBe(START + MINUTE);
    }
    expect(runClock(wall).now()).toBe(START + 600 * MINUTE);
  });

  test('sleeps as the clock below it does, and wakes for a signal', async () => {
    const wall = createManualClock({ start: START });
    const clock = runClock(wall);
    const end = new AbortController();
    const slept = clock.sleep(MINUTE);
    const woken = clock.sleep(60 * MINUTE, end.signal);
    expect(wall.sleepers()).toBe(2);
    end.abort();
    await woken;
    wall.advance(MINUTE);
    await slept;
    expect(clock.now()).toBe(START + MINUTE);
  });
});
