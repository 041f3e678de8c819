/** Characters that cannot be seen, or that move what stands around them: one list for pages, tables and messages. */

/** A joiner or variation selector inside an emoji is seen by its effect. */
const IN_EMOJI = String.raw`(?<=\p{Extended_Pictographic}|[0-9#*](?=\uFE0F\u20E3))[\uFE0E\uFE0F]|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic})`;

/** Controls, format characters (bidi controls, zero widths, tags), fillers, private use, noncharacters. */
const INVISIBLE = String.raw`[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}\u2800]--[\t\n]]`;

/** Source of a regular expression (flag `v`) that finds each of them, save line ends, tabs, and what joins an emoji. */
export const UNSEEN_SOURCE = `(?!${IN_EMOJI})${INVISIBLE}`;

const UNSEEN = new RegExp(UNSEEN_SOURCE, 'gv');

/** `U+202E`. */
export function codePoint(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The text for a terminal: nothing in it moves the cursor or turns the line around. What is unseen stands as `[U+202E]`. */
export function onTerminal(text: string): string {
  return text.toWellFormed().replace(UNSEEN, (found) => `[${codePoint(found)}]`);
}

/** The same in one line, as the cell of a table: a line end is ` ⏎ `, a control character `�`. */
export function inCell(text: string): string {
  return onTerminal(text.replaceAll(/\r?\n/g, ' ⏎ ').replaceAll(/\p{Cc}/gu, '�'));
}

const WIDE_CHARACTERS = String.raw`\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Yi}\u{3000}-\u{303E}\u{FF01}-\u{FF60}\u{FFE0}-\u{FFE6}`;
const WIDE = new RegExp(`[${WIDE_CHARACTERS}]|\uFE0F`, 'u');
/** Characters that may join those beside them. */
const JOINING = /[\p{M}\p{Cf}\p{Emoji_Modifier}\p{Regional_Indicator}\u1100-\u11FF]/u;
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** How many columns of a terminal the text takes: two for each wide character, one for each other that is seen. */
export function columnsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  // Cutting into graphemes is slow, and most texts need none of it.
  if (!JOINING.test(text)) {
    for (const char of text) width += char > '\u02ff' && WIDE.test(char) ? 2 : 1;
    return width;
  }
  for (const { segment } of GRAPHEMES.segment(text)) {
    width += WIDE.test(segment) ? 2 : /^[\p{M}\p{Cf}]+$/u.test(segment) ? 0 : 1;
  }
  return width;
}
