import { getEventListeners } from 'node:events';
import { createClock } from '../../../lambda/export/aws/clock';

const clock = createClock();
const HOUR_MS = 3_600_000;

describe('the real clock', () => {
  test('tells epoch milliseconds, and a time that never goes back', () => {
    const before = Date.now();
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    const times = Array.from({ length: 1_000 }, () => clock.monotonic());
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('sleeps at least as long as asked', async () => {
    const started = clock.monotonic();
    await clock.sleep(30);
    // Timers count whole milliseconds.
    expect(clock.monotonic() - started).toBeGreaterThanOrEqual(29);
  });

  test.each([0, -5, Number.NEGATIVE_INFINITY])('a sleep of %p is over at once', async (ms) => {
    await expect(clock.sleep(ms)).resolves.toBeUndefined();
  });

  test('a signal ends the sleep without an error, and so does one that fired before', async () => {
    const ending = new AbortController();
    const asleep = clock.sleep(HOUR_MS, ending.signal);
    ending.abort();
    await expect(asleep).resolves.toBeUndefined();
    await expect(clock.sleep(HOUR_MS, ending.signal)).resolves.toBeUndefined();
  });

  test('leaves no listener on the signal, however the sleep ended', async () => {
    const ending = new AbortController();
    await Promise.all(Array.from({ length: 5 }, () => clock.sleep(1, ending.signal)));
    expect(getEventListeners(ending.signal, 'abort')).toEqual([]);
    const asleep = clock.sleep(HOUR_MS, ending.signal);
    expect(getEventListeners(ending.signal, 'abort')).toHaveLength(1);
    ending.abort();
    await asleep;
    expect(getEventListeners(ending.signal, 'abort')).toEqual([]);
  });

  test('a sleep longer than a timer can count is not cut short', async () => {
    const ending = new AbortController();
    let over = false;
    const asleep = clock.sleep(2 ** 40, ending.signal).then(() => {
      over = true;
    });
    await clock.sleep(30);
    expect(over).toBe(false);
    ending.abort();
    await asleep;
  });
});
