import { readFileSync } from 'node:fs';
import { QUERYING_PAGE, queryingPage } from '../../scripts/querying-page';

test('The page of questions has the answers of the demo (npx tsx scripts/querying-page.ts writes it)', async () => {
  expect(readFileSync(QUERYING_PAGE, 'utf8')).toBe(await queryingPage());
});
