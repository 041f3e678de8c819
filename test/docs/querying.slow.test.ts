import { readText } from '../../lib/text-file';
import { QUERYING_PAGE, queryingPage } from '../../scripts/querying-page';

test('The page of questions has the answers of the demo (npx tsx scripts/querying-page.ts writes it)', async () => {
  expect(readText(QUERYING_PAGE)).toBe(await queryingPage());
});
