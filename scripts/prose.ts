const WIDTH = 120;

/** Lines that stay as they are: blank ones, headings, tables, quotes and HTML. */
const KEPT = /^\s*($|[|#<>])/;
/** The marker of a list item, with its indentation. */
const ITEM = /^(\s*)([-*] |\d+\. )?/;

/** Wraps the paragraphs and list items of a Markdown page at 120 columns. Code, tables and headings stay as they are. */
export function wrapped(page: string): string {
  const lines: string[] = [];
  let paragraph: string[] = [];
  let isCode = false;
  const endParagraph = () => {
    lines.push(...wrapParagraph(paragraph));
    paragraph = [];
  };
  for (const line of page.split('\n')) {
    const isFence = line.trimStart().startsWith('```');
    if (isFence || isCode || KEPT.test(line)) {
      endParagraph();
      lines.push(line);
    } else {
      if (ITEM.exec(line)?.[2] !== undefined) endParagraph();
      paragraph.push(line);
    }
    if (isFence) isCode = !isCode;
  }
  endParagraph();
  return lines.join('\n');
}

function wrapParagraph([first, ...others]: readonly string[]): string[] {
  if (first === undefined) return [];
  const [marked = '', indentation = '', marker = ''] = ITEM.exec(first) ?? [];
  const words = [first.slice(marked.length), ...others].flatMap((line) => line.trim().split(/ +/));
  const lines: string[] = [];
  let line = marked + words.shift();
  for (const word of words) {
    if (line.length + 1 + word.length <= WIDTH) line += ` ${word}`;
    else {
      lines.push(line);
      line = indentation + ' '.repeat(marker.length) + word;
    }
  }
  return [...lines, line];
}

/**
 * A page with another text between the marks of one of its generated parts; everything else is left as it is.
 * @throws Error if the marks are not there.
 */
export function withPart(page: string, name: string, part: string): string {
  const beginMark = `<!-- ${name}: written by npm run docs -->`;
  const endMark = `<!-- /${name} -->`;
  const begin = page.indexOf(beginMark);
  const end = page.indexOf(endMark);
  if (begin < 0 || end < begin) throw new Error(`The page lacks ${beginMark} and, after it, ${endMark} around a part`);
  return `${page.slice(0, begin)}${beginMark}\n\n${part}\n\n${page.slice(end)}`;
}
