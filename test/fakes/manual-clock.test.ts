import { createManualClock } from './manual-clock';

describe('manual clock', () => {
  test('time stands still until it is moved, and sleepers wake in order', async () => {
    const clock = createManualClock({ start: 1000 });
    const woken: string[] = [];
    const sleeping = [
      clock.sleep(20).then(() => woken.push('b')),
      clock.sleep(10).then(() => woken.push('a')),
      clock.sleep(30).then(() => woken.push('c')),
    ];
    clock.advance(20);
    await Promise.all(sleeping.slice(0, 2));
    expect(woken).toEqual(['a', 'b']);
    expect([clock.now(), clock.monotonic(), clock.sleepers()]).toEqual([1020, 20, 1]);
    clock.advance(10);
    await sleeping[2];
  });

  test('a jump of the wall clock leaves the monotonic one, and a signal ends a sleep', async () => {
    const clock = createManualClock({ start: 1000 });
    const stop = new AbortController();
    const sleeping = clock.sleep(10_000, stop.signal);
    clock.setWallClock(5);
    stop.abort();
    await sleeping;
    expect([clock.now(), clock.monotonic(), clock.sleepers()]).toEqual([5, 0, 0]);
    await clock.sleep(10, stop.signal);
  });

  test('auto: concurrent sleepers share one time, however long they sleep', async () => {
    const clock = createManualClock({ start: 0, auto: true });
    const woken: number[] = [];
    async function tick(every: number, times: number): Promise<void> {
      for (let n = 0; n < times; n++) {
        await clock.sleep(every);
        woken.push(clock.now());
      }
    }
    await Promise.all([tick(3_600_000, 3), tick(2_000_000, 3)]);
    expect(woken).toEqual([2_000_000, 3_600_000, 4_000_000, 6_000_000, 7_200_000, 10_800_000]);
  });
});
