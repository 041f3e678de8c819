import picocolors from 'picocolors';

/** By itself the library also colours what is redirected in a CI job. */
const { FORCE_COLOR, NO_COLOR } = process.env;
const colors = picocolors.createColors(FORCE_COLOR ? FORCE_COLOR !== '0' : process.stdout.isTTY === true && !NO_COLOR);

/** Destination of the demo's lines. */
export type Print = (line?: string) => void;

const LABEL_WIDTH = 13;
/** With two blanks and a label before it, a value then fits into 100 characters. */
const VALUE_WIDTH = 84;

export function heading(text: string): string {
  return colors.bold(colors.cyan(text));
}

export function dim(text: string): string {
  return colors.dim(text);
}

export function good(text: string): string {
  return `${colors.green('✓')} ${text}`;
}

export function bad(text: string): string {
  return `${colors.red('✗')} ${text}`;
}

/** A labelled line of a block; further values stand below the first. */
export function labelled(label: string, values: readonly string[]): string[] {
  return values.map((value, index) => `  ${dim((index === 0 ? label : '').padEnd(LABEL_WIDTH))}${value}`);
}

/** Joins the parts by ` · `, in as few lines as possible. */
export function wrapped(parts: readonly string[]): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const longer = `${last} · ${part}`;
    if (last !== undefined && longer.length <= VALUE_WIDTH) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

export function bold(text: string): string {
  return colors.bold(text);
}
