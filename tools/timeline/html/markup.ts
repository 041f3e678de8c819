/**
 * HTML by a template tag that escapes whatever is put into it. Values of customers are hostile: characters that cannot be seen,
 * or that move what stands around them, are shown by their code points.
 */
import { codePoint, UNSEEN_SOURCE } from '../../shown-text';

/** Finished HTML. Made by `html`, `joined`, `visible` and `cssOnly` alone. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number | readonly Markup[];

/** Strings are escaped for text and for attributes between double quotes. */
export function html(fixed: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: fixed.reduce((sum, text, index) => sum + rendered(parts[index - 1] ?? '') + text) };
}

export const NOTHING: Markup = { markup: '' };

function joined(parts: readonly Markup[], separator: Markup = NOTHING): Markup {
  return { markup: parts.map(({ markup }) => markup).join(separator.markup) };
}

/** Text as it is, save what is unseen: that stands as `U+202E` in a frame. Line ends and tabs stay; other blanks are marked. */
export function visible(text: string): Markup {
  const wellFormed = text.toWellFormed();
  let markup = '';
  let end = 0;
  for (const { 0: found, index } of wellFormed.matchAll(UNSEEN)) {
    markup += escaped(wellFormed.slice(end, index)) + mark(found);
    end = index + found.length;
  }
  return { markup: markup + escaped(wellFormed.slice(end)) };
}

/** The same for places that take no elements, such as a page's title: `[U+202E]`. */
export function visiblePlain(text: string): string {
  return text.toWellFormed().replace(UNSEEN, (found) => (isBlank(found) ? found : `[${codePoint(found)}]`));
}

/** A string of a style sheet, with its quotes: nothing in it can end it. */
export function cssString(text: string): string {
  const escapedText = visiblePlain(text).replace(
    /[^A-Za-z0-9 ]/gu,
    (char) => `\\${(char.codePointAt(0) ?? 0).toString(16)} `,
  );
  return `"${escapedText}"`;
}

/** A style element's content, which is no place for values other than by `cssString`. */
export function cssOnly(css: string): Markup {
  if (css.includes('<')) throw new Error('A style sheet with "<" could end its element');
  return { markup: css };
}

function rendered(part: Part): string {
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'markup' in part ? part.markup : joined(part).markup;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Blanks at either end, and within the text all others than a space, a tab and a line end. */
const BLANK = String.raw`^[ \t\n]+|[ \t\n]+$|[\p{Zs}--[ ]]`;

const UNSEEN = new RegExp(`${BLANK}|${UNSEEN_SOURCE}`, 'gv');

function mark(found: string): string {
  return isBlank(found) ? `<span class="blank">${found}</span>` : `<span class="mark">${codePoint(found)}</span>`;
}

function isBlank(found: string): boolean {
  return /^[\p{Zs}\t\n]+$/u.test(found);
}
