/** Words and lines that every command prints. */

/** `1 row`, `2,016 rows`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/** Lines of at most `width` characters; a word that is longer, such as a key, goes on in the next line. */
export function wrap(text: string, width: number): string {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ').flatMap((each) => each.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [''])) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines.join('\n');
}

/** Keys come from whoever wrote to the archive: nothing of them may steer a terminal. */
export function printable(text: string): string {
  return text.replaceAll(
    /[^\P{C}\n]|[\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** ISO 8601 with milliseconds and `Z`. */
export function isoOf(time: number): string {
  return new Date(time).toISOString();
}

export function isoOrNull(time: number | null): string | null {
  return time === null ? null : isoOf(time);
}

/** Collects an option that may be given again. */
export function several(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** Characters put in, left out or exchanged between the two, as few as can be (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const now = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const exchanged = (above[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1);
      now.push(Math.min(exchanged, (above[column] as number) + 1, (now[column - 1] as number) + 1));
    }
    above = now;
  }
  return above[b.length] as number;
}
