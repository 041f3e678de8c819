/** Whatever a customer's value holds, the page shows it as text, whole, and nothing of it acts. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { cssString, html, visible, visiblePlain } from '../../../tools/timeline/html/markup';
import { anyCharacter } from '../../export/domain/arbitraries';
import { HOSTILE } from './hostile';
import { all, one, readPage, text } from './page-reader';
import { change, evidence, pageOf } from './rows';

const anyText = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: anyCharacter }),
  fc.string({ unit: 'grapheme' }),
);

describe('A value in markup', () => {
  test('is read back as it was, by a reader that lets no other tag pass', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        expect(text(readPage(html`<td>${visible(value)}</td>`.markup))).toBe(value.toWellFormed());
        expect(one(readPage(html`<a href="${value}">x</a>`.markup), '<a>').attributes['href']).toBe(value);
      }),
    );
  });

  test.each([
    ['a bidi control', 'a\u202Eb', 'a<span class="mark">U+202E</span>b'],
    ['a zero width space', 'a\u200Bb', 'a<span class="mark">U+200B</span>b'],
    ['a control', 'a\u0000\u001bb', 'a<span class="mark">U+0000</span><span class="mark">U+001B</span>b'],
    ['a tag character', '\u{E0041}', '<span class="mark">U+E0041</span>'],
    ['a joiner outside an emoji', 'pay\u200Dpal', 'pay<span class="mark">U+200D</span>pal'],
    ['blanks at the ends', ' a b\n', '<span class="blank"> </span>a b<span class="blank">\n</span>'],
    ['another blank', 'a\u00A0b', 'a<span class="blank">\u00A0</span>b'],
    ['what joins an emoji: stays', '👩‍👧 ❤️ 1️⃣', '👩‍👧 ❤️ 1️⃣'],
    ['line ends and tabs: stay', 'a\n\tb', 'a\n\tb'],
    ['a lone surrogate', 'a\ud800', 'a\ufffd'],
  ])('shows %s', (_, value, expected) => {
    expect(visible(value).markup).toBe(expected);
  });

  test('is plain where elements cannot stand', () => {
    expect(visiblePlain('a\u202E b')).toBe('a[U+202E] b');
  });

  test('never ends a string of the style sheet', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const inside = cssString(value).slice(1, -1);
        expect(inside.replaceAll(/\\[0-9a-f]{1,6} /g, '')).toMatch(/^[A-Za-z0-9 ]*$/);
      }),
    );
  });
});

describe('A page of hostile values', () => {
  test('holds each of them as text, and no tag of theirs, wherever they stand', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (first, second, third) => {
        const rows = [
          change(1, {
            eventType: `t${first}`,
            relatedItemType: second,
            customEntity: third,
            userArn: null,
            fieldId: `f${first}`,
          }),
          change(2, {
            fieldName: second,
            fieldType: third,
            oldValue: `o${first}`,
            newValue: `n${second}`,
            templateId: first,
          }),
          change(3, { newType: `k${first}`, newValue: `j${second}`, userArn: null, otherUser: third }),
          change(4, { oldType: 'userArn', oldValue: `a/${first}`, iamPrincipalArn: second, userArn: third }),
        ];
        const page = readPage(
          pageOf(rows, { caseId: `c${first}`, evidence: evidence({ domainId: second, problems: [third] }) }),
        );
        const [, , , last] = all(page, '<article>');
        const whole = text(page);
        for (const value of [
          `t${first}`,
          second,
          third,
          `o${first}`,
          `n${second}`,
          `k${first}`,
          `j${second}`,
          `a/${first}`,
        ]) {
          expect(whole.includes(value.toWellFormed())).toBe(true);
        }
        expect(last).toBeDefined();
        expect(text(one(page, '<h1>'))).toBe(`c${first}`.toWellFormed());
      }),
      { numRuns: 40 },
    );
  });

  test('allows no script, no request and no style but its own, by a policy that fits', () => {
    const page = readPage(pageOf([change(1)], { caseId: '</style><script>' }));
    const policy = all(page, '<meta>').find((meta) => meta.attributes['http-equiv'] === 'Content-Security-Policy');
    const hash = createHash('sha256')
      .update(text(one(page, '<style>')))
      .digest('base64');
    expect(policy?.attributes['content']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    );
    expect(text(one(page, '<style>'))).not.toMatch(/url\(|@import|https?:/);
  });
});
