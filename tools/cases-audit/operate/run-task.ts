/** An operator's task, done by the built bundle of the function with the settings and AWS credentials of this shell. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportAnswer } from '../../../lambda/export/run/invocation';
import { WrongCallError } from '../outcome';

/** The function's own handler. */
export type Handler = (
  event: unknown,
  context: { readonly getRemainingTimeInMillis: () => number },
) => Promise<ExportAnswer>;

const MAX_RUN_MS = 15 * 60_000;

/** Beside the built command line, and as its sources see it. */
const PLACES = ['lambda/export/index.js', '../../../dist/lambda/export/index.js'];

/** @throws WrongCallError where the bundle is not built. */
export function loadHandler(places: readonly string[] = PLACES.map((place) => join(__dirname, place))): Handler {
  const bundle = places.find((place) => existsSync(place));
  if (bundle === undefined) {
    throw new WrongCallError(
      'The bundle of the function is not here: expected lambda/export/index.js beside cases-audit.js, as the package has it. Install the package, or build it first: npm run build',
    );
  }
  // biome-ignore lint/style/noCommonJs: the bundle is a file that is built, and may be missing.
  return (require(bundle) as { handler: Handler }).handler;
}

/**
 * Runs the task until nothing of it is left, another run has the lease, or somebody says stop between two runs.
 * Rejects with what the function throws: InvalidInputError for what does not fit the state of the export.
 * @returns the last answer.
 */
export async function runTask(
  event: Readonly<Record<string, unknown>>,
  handler: Handler,
  on: { readonly answer: (answer: ExportAnswer) => void; readonly isStopped?: () => boolean },
): Promise<ExportAnswer> {
  for (;;) {
    const endsAt = Date.now() + MAX_RUN_MS;
    const answer = await handler(event, { getRemainingTimeInMillis: () => endsAt - Date.now() });
    on.answer(answer);
    if (answer.status !== 'continues' || on.isStopped?.() === true) return answer;
  }
}
