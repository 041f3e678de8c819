/** Promise: every output on a page is what the command prints, and every alarm has its lines on the page for whoever is on call. */
import { readText } from '../../lib/text-file';
import { type Desk, openDesk, PAGES_WITH_OUTPUTS, withOutputs } from '../../scripts/page-outputs';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

test.each(PAGES_WITH_OUTPUTS)('%s (npx tsx scripts/page-outputs.ts writes it)', async (path) => {
  const page = readText(path);
  expect(page).toMatch(/<!-- output: cases-audit /);
  expect(await withOutputs(page, desk)).toBe(page);
});

test('an output that was changed by hand is seen', async () => {
  const page = `<!-- output: cases-audit status --offline archive -->\n\n\`\`\`\nall is well\n\`\`\`\n\n<!-- /output -->\n`;
  expect(await withOutputs(page, desk)).not.toContain('all is well');
});
