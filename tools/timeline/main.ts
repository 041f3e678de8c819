/** `npm run timeline -- <caseId>`: the history of one case as a page to read, print and hand over. */
import { writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { findArchive } from '../query/archive-folder';
import { QueryError } from '../query/field-changes';
import { outputFile, parseCommandLine, USAGE } from './command-line';
import { counted } from './completeness';
import { InputError } from './input-error';
import { fileNameOf, makePage } from './make-page';

/** What a wrong call ends with. */
const BAD_INPUT = 2;

/** Writes the page and answers with what is to be printed: ids and counts, no values. Rejects as `makePage` does. */
export async function timeline(args: readonly string[], madeAt: number): Promise<string> {
  const settings = parseCommandLine(args);
  if (settings === null) return USAGE;
  const archive = resolve(findArchive(settings.folder));
  const file = outputFile(settings.out, archive, fileNameOf(settings.caseId));
  const { html, timeline: made, completeness } = await makePage(archive, settings, madeAt);
  writeFileSync(file, html);
  const { completeAsOf, reasons } = completeness;
  const verdict =
    completeAsOf === null
      ? `not proven to be complete, for ${counted(reasons.length, 'reason')} given on the page`
      : `complete as of ${new Date(completeAsOf).toISOString()}`;
  return `${counted(made.events.length, 'event')}, ${counted(made.rowCount, 'row')}, ${verdict}:\n  ${relative(process.cwd(), file)}\n`;
}

async function main(): Promise<void> {
  process.stdout.write(await timeline(process.argv.slice(2), Date.now()));
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof InputError || error instanceof QueryError ? BAD_INPUT : 1;
  });
}
