/** Opens each page in Chromium and lists what is wrong with it; exit code 1 if anything is. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [work, executablePath, screenshots] = process.argv.slice(2);
const require = createRequire(join(work, 'package.json'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** 320 px is what a window of 1280 px shows at 400 %. */
const WIDTHS = [1280, 360, 320];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

async function problemsOf(browser, name) {
  const url = pathToFileURL(join(work, `${name}.html`)).href;
  const page = await browser.newPage();
  const problems = [];
  page.on('console', (message) => problems.push(`console: ${message.type()} ${message.text()}`));
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    problems.push('a dialog');
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url() !== url) problems.push(`asks for ${request.url()}`);
  });
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(url);
    problems.push(...(await page.evaluate(tooWide)).map((what) => `wider than ${width} px: ${what}`));
    if (screenshots) await page.screenshot({ path: join(screenshots, `${name}-${width}.png`) });
    problems.push(...(await violations(page)).map((what) => `at ${width} px, ${what}`));
  }
  const texts = JSON.parse(readFileSync(join(work, `${name}.json`), 'utf8'));
  problems.push(
    ...(await page.evaluate(unreadable, texts)).map((text) => `not to be read: ${JSON.stringify(text.slice(0, 80))}`),
  );
  problems.push(...(await page.evaluate(actors)).map((tag) => `an element that acts: ${tag}`));
  problems.push(...(await printed(page, name)));
  await page.close();
  console.log(`${name}: ${texts.length} texts, ${problems.length} problems`);
  return problems.map((problem) => `${name}: ${problem}`);
}

/** Elements that reach out of the window, those that are hidden for readers' ears only left out. */
function tooWide() {
  const most = document.documentElement.clientWidth;
  const found = [...document.querySelectorAll('body *')].filter(
    (element) => element.getBoundingClientRect().right > most + 1,
  );
  const scrolls = document.documentElement.scrollWidth > most ? ['the page scrolls'] : [];
  return [
    ...scrolls,
    ...found.slice(0, 5).map((element) => `${element.tagName} ${element.className} in ${element.closest('[id]')?.id}`),
  ];
}

function unreadable(texts) {
  const body = document.body.cloneNode(true);
  for (const mark of body.querySelectorAll('.mark')) {
    mark.textContent = String.fromCodePoint(Number.parseInt(mark.textContent.slice(2), 16));
  }
  return texts.filter((text) => !body.textContent.includes(text));
}

function actors() {
  const found = document.querySelectorAll(
    'script, iframe, object, embed, form, input, img, svg, video, link, base, [style]',
  );
  const handlers = [...document.querySelectorAll('*')].filter((element) =>
    element.getAttributeNames().some((name) => name.startsWith('on')),
  );
  const links = [...document.querySelectorAll('[href]')].filter(
    (element) => !element.getAttribute('href').startsWith('#'),
  );
  return [...found, ...handlers, ...links].map((element) => element.outerHTML.slice(0, 80));
}

async function violations(page) {
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate(() => globalThis.axe.run());
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `axe ${id}: ${nodes
          .slice(0, 3)
          .map(({ html }) => html.slice(0, 120))
          .join(' | ')}`,
    );
}

/** Also with every text folded away: paper has no handle to unfold it. */
async function printed(page, name) {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = false;
  });
  const pdf = await page.pdf({ format: 'A4' });
  if (screenshots) writeFileSync(join(screenshots, `${name}.pdf`), pdf);
  const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  const events = await page.evaluate(() => document.querySelectorAll('article').length);
  const most = 2 + Math.ceil(events / 5);
  const isLong = name === 'demo' && pages > most;
  await page.emulateMedia({ media: 'print' });
  const folded = await page.evaluate(
    () =>
      [...document.querySelectorAll('details .text')].filter((text) => text.getBoundingClientRect().height < 40).length,
  );
  await page.emulateMedia({ media: null });
  return [
    ...(pages > 0 ? [] : ['prints no page']),
    ...(isLong ? [`prints ${pages} pages for ${events} events, expected ${most} at most`] : []),
    ...(folded === 0 ? [] : [`${folded} texts are folded away in print`]),
  ];
}

const browser = await chromium.launch({ executablePath, args: FLAGS });
try {
  const problems = [...(await problemsOf(browser, 'demo')), ...(await problemsOf(browser, 'hostile'))];
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await browser.close();
}
