/**
 * Writes the README's pictures of the demo and of a timeline page, `docs/images/demo.png` and `timeline.png`, from a demo that
 * it runs. Needs Chromium; where `optipng` is installed, it makes the files smaller without loss. Look at them afterwards.
 *
 *   npm run pictures
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { timeline } from '../tools/timeline/main';

const ROOT = join(__dirname, '..');
const IMAGES = join(ROOT, 'docs', 'images');
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];

/** Blocks of the demo's output that the picture shows, by how they begin; the others are left out, with a sign of it. */
const SHOWN = ['Connect Cases', 'Four weeks', 'Tick 1:', 'Tick 3:', 'Tick 5:', 'Is it exact?'];

const LINE_HEIGHT = 18;
const PADDING = 16;

/** The demo's output as a terminal shows it, with its colours. Rejects with an Error if the demo is not exact. */
function runDemo(folder: string): string {
  const args = ['tsx', join(ROOT, 'local/demo/main.ts'), '--folder', folder];
  const { status, stdout, stderr } = spawnSync('npx', args, {
    encoding: 'utf8',
    env: { ...process.env, FORCE_COLOR: '1' },
  });
  if (status !== 0) throw new Error(`The demo ended with ${status}, expected 0:\n${stderr}`);
  return stdout;
}

function excerptOf(output: string): string[] {
  const blocks = output.trim().split('\n\n');
  let isLeftOut = false;
  const lines = ['$ npm run demo'];
  for (const block of blocks) {
    const isShown = SHOWN.some((begin) => withoutColours(block).startsWith(begin));
    if (isShown) {
      const shown = block.split('\n').filter((line) => !/^ {2}changes [\d,]+ of/.test(line));
      lines.push(...(isLeftOut ? ['', '\u001b[2m[…]\u001b[22m'] : []), '', ...shown);
    }
    isLeftOut = !isShown;
  }
  return lines;
}

/** The colours that the demo uses. */
const STYLES: Readonly<Record<string, string>> = {
  1: 'font-weight:600',
  2: 'opacity:.62',
  31: 'color:#ff7b72',
  32: 'color:#56d364',
  36: 'color:#79c0ff',
};

function terminalPage(lines: readonly string[]): string {
  const text = lines.map(toHtml).join('\n');
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #0d1117; }
pre { margin: 0; padding: ${PADDING}px; color: #e6edf3; font: 13px/${LINE_HEIGHT}px "DejaVu Sans Mono", Menlo, Consolas, monospace; }
</style><pre>${text}</pre>`;
}

function toHtml(line: string): string {
  const escaped = line.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  let open = 0;
  const html = escaped.replace(COLOUR, (_, code: string) => {
    const style = STYLES[code];
    if (style !== undefined) open += 1;
    else if (open > 0) open -= 1;
    else return '';
    return style === undefined ? '</span>' : `<span style="${style}">`;
  });
  return html + '</span>'.repeat(open);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's colours are control characters.
const COLOUR = /\u001b\[(\d+)m/g;

function withoutColours(text: string): string {
  return text.replace(COLOUR, '');
}

/** The page with its verdict and two of the demo's case's events, so that both fit into one picture. */
function timelineExcerpt(html: string): string {
  const leftOut = ['current', 'persons', 'files'].map((id) => `section[aria-labelledby=${id}]`);
  const otherEvents = '.events > li:not(:nth-child(4), :nth-child(8))';
  const style = `<style>${[...leftOut, otherEvents].join(', ')} { display: none; }</style>`;
  // The page's own policy allows no other style than its own.
  return html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '').replace('</head>', `${style}</head>`);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function photograph(browser: string, page: string, picture: string, { width, height }: Size): void {
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars'];
  const url = pathToFileURL(page).href;
  const args = [...flags, '--force-device-scale-factor=1.4', `--window-size=${width},${height}`];
  const { status } = spawnSync(browser, [...args, `--screenshot=${picture}`, url], { stdio: 'ignore' });
  if (status !== 0) throw new Error(`${browser} ended with ${status}, expected 0 and the picture ${picture}`);
  spawnSync('optipng', ['-quiet', '-strip', 'all', '-o5', picture], { stdio: 'ignore' });
}

function findBrowser(): string {
  const found = BROWSERS.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
  if (found === undefined)
    throw new Error(`There is no browser to make pictures with, expected ${BROWSERS.join(' or ')}`);
  return found;
}

/** The case that the README shows. */
function caseOfReadme(): string {
  const [, caseId] = /^npm run timeline -- ([0-9a-f-]+)$/m.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
  if (caseId === undefined) throw new Error('README.md names no case, expected a line "npm run timeline -- <case id>"');
  return caseId;
}

async function main(): Promise<void> {
  const browser = findBrowser();
  const scratch = mkdtempSync(join(tmpdir(), 'pictures-'));
  mkdirSync(IMAGES, { recursive: true });
  try {
    const folder = join(scratch, 'demo');
    const lines = excerptOf(runDemo(folder));
    const terminal = join(scratch, 'terminal.html');
    writeFileSync(terminal, terminalPage(lines));
    const height = lines.length * LINE_HEIGHT + 2 * PADDING;
    photograph(browser, terminal, join(IMAGES, 'demo.png'), { width: 860, height });

    const page = join(scratch, 'timeline.html');
    await timeline([caseOfReadme(), '--folder', folder, '--out', page], Date.now());
    writeFileSync(page, timelineExcerpt(readFileSync(page, 'utf8')));
    photograph(browser, page, join(IMAGES, 'timeline.png'), { width: 900, height: 1395 });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
