/** Promise: whatever the compliance packs find has an answer, and the page that reviewers read says so. */
import { readText } from '../../lib/text-file';
import { answerTo, COMPLIANCE_PAGE, compliancePage, findings } from '../../scripts/compliance';
import { ANSWERS } from '../../scripts/compliance-answers';
import { skipValidation } from './make-stack';

skipValidation();

const found = findings();
const titles = found.map(({ rule, resource }) => `${rule} on ${resource}`);

test('every finding has an answer', () => {
  expect(found.length).toBeGreaterThan(10);
  expect(found.filter((finding) => answerTo(finding) === undefined)).toEqual([]);
});

test('every answer is to a finding: none is left over from something that was mended', () => {
  const answered = ANSWERS.flatMap(({ rule, resources }) => resources.map((resource) => `${rule} on ${resource}`));
  expect(answered.filter((title) => !titles.includes(title))).toEqual([]);
  expect(new Set(answered).size).toBe(answered.length);
});

test('what a setting is said to mend is gone where that setting is made', () => {
  const bySetting = found.filter((finding) => answerTo(finding)?.kind === 'setting');
  expect(bySetting.length).toBeGreaterThan(0);
  for (const { examples } of bySetting) expect([...examples]).toEqual(['config/example.json']);
});

test('no rule ended in an error of its own', () => {
  expect(titles.filter((title) => /CdkNagValidationFailure/.test(title))).toEqual([]);
});

test('the page is current (npm run compliance writes it)', () => {
  expect(readText(COMPLIANCE_PAGE)).toBe(compliancePage(found));
});
