/** Contract: any rows come out of the file as they went in, whatever the sizes of pages and row groups. */
import * as fc from 'fast-check';
import { encoderWith } from '../../../lambda/export/parquet/encode';
import { Duck, expectBothReadersSee } from '../../support/parquet-files';
import { anyRows, COMMIT, METADATA } from '../../support/rows';

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
});
afterAll(() => duck.close());

test('any rows, in pages and row groups of any size', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyRows(20),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 8 }),
      async (rows, a, b) => {
        const bytes = await encoderWith({ rowGroupSize: a, pageSize: b })(rows, COMMIT, METADATA);
        await expectBothReadersSee(duck, rows, bytes);
      },
    ),
    { numRuns: 60 },
  );
});
