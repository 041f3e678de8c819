import fc from 'fast-check';
import { Mutex } from '../../../lambda/export/domain/pacer';

describe('A mutex', () => {
  test('runs one at a time, in the order of asking, whatever each one awaits and however it ends', async () => {
    const work = fc.record({ turns: fc.nat(5), fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(work, { maxLength: 12 }), async (works) => {
        const mutex = new Mutex();
        const order: number[] = [];
        let inside = 0;
        const results = await Promise.allSettled(
          works.map(({ turns, fails }, index) =>
            mutex.run(async () => {
              inside += 1;
              expect(inside).toBe(1);
              for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
              order.push(index);
              inside -= 1;
              if (fails) throw new Error(`work ${index}`);
              return index;
            }),
          ),
        );
        expect(order).toEqual(works.map((_, index) => index));
        for (const [index, result] of results.entries()) {
          if (works[index]?.fails) expect(result).toEqual({ status: 'rejected', reason: new Error(`work ${index}`) });
          else expect(result).toEqual({ status: 'fulfilled', value: index });
        }
      }),
    );
  });

  test('gives a failure to the one who asked and to nobody else', async () => {
    const mutex = new Mutex();
    const failing = mutex.run(() => Promise.reject(new Error('mine')));
    const next = mutex.run(async () => 'fine');
    await expect(failing).rejects.toThrow('mine');
    await expect(next).resolves.toBe('fine');
  });

  test('a work that throws before it awaits does not hold the lock', async () => {
    const mutex = new Mutex();
    const failing = mutex.run(() => {
      throw new Error('at once');
    });
    await expect(failing).rejects.toThrow('at once');
    await expect(mutex.run(async () => 1)).resolves.toBe(1);
  });
});
