import { relative } from 'node:path';
import { counted } from '../../tools/cases-audit/words';
import { type FieldChanges, openFieldChanges } from '../../tools/query/field-changes';
import { asTable } from '../../tools/query/formats';
import { callersFolder } from '../../tools/read-arguments';
import { ORDER_NUMBER_RENAMED } from '../seed/fields';
import { Story } from './chapters';
import { printEvidence } from './evidence';
import { clearFolder } from './folder';
import { bold, dim, heading, labelled, type Print, seconds, wrapped } from './print';
import { printVerdict } from './verdict';
import { DEMO_SETTINGS, type DemoWorld, startWorld } from './world';

export interface DemoOptions {
  /** At least 1. */
  readonly cases: number;
  readonly seed: number;
  /** What a demo has left there is made anew; everything else stays. */
  readonly folder: string;
}

const MINUTE = 60_000;

/**
 * Runs the whole path on real input: a support desk's changes through the Cases API, the built bundle in ticks, SQL
 * over the files, every row compared with the service's history, then `cases-audit verify` on the archive and on an
 * altered copy. Resolves with whether everything was as expected; rejects with DemoError where a tick misbehaved.
 */
export async function runDemo(options: DemoOptions, print: Print): Promise<boolean> {
  const { folder, cases, seed } = options;
  const startedAt = performance.now();
  clearFolder(folder);
  const endsAt = Date.now() - MINUTE;
  const world = await startWorld(folder, endsAt);
  try {
    printOpening(print, world, options);
    const exact = await tellStory(print, world, { cases, seed, endsAt });
    printEnd(print, folder, performance.now() - startedAt);
    return exact;
  } finally {
    await world.close();
  }
}

async function tellStory(
  print: Print,
  world: DemoWorld,
  options: { cases: number; seed: number; endsAt: number },
): Promise<boolean> {
  const story = new Story(world, print, options);
  const some = Math.max(6, Math.round(options.cases / 5));
  await story.makeHistory();
  await story.tick('Tick 1: live changes first, then all the history', 'complete');

  print();
  print(dim('From here on no comment is edited or deleted: that moves nothing which a search shows, so only'));
  print(dim('a later sweep finds it (SWEEP_DAYS, 30 days by default).'));
  const rename = { do: 'rename-field', field: 'orderNumber', name: ORDER_NUMBER_RENAMED } as const;
  await story.makeChanges('second', some, [rename]);
  await story.tick('Tick 2: what has changed since; one field has a new name', 'complete');

  await story.makeChanges('third', Math.ceil(some / 2));
  await story.killedTick('Tick 3: killed (SIGKILL) after its COMMIT, in the middle of publishing');
  await story.tick('Tick 4: comes while the lease of the dead one still runs', 'busy');
  await story.waitForLease();
  await story.tick('Tick 5: finishes what the dead one began, then goes on', 'complete');
  await story.tick('Tick 6: nothing is new', 'complete');

  const changes = await openFieldChanges(world.archiveFolder);
  await printAnswers(print, changes).finally(() => changes.close());
  const isExact = await printVerdict(print, world, story.commits());
  return (await printEvidence(print, world)) && isExact;
}

function printOpening(print: Print, { stack }: DemoWorld, { cases, seed }: DemoOptions): void {
  const settings = Object.entries(DEMO_SETTINGS).map(([name, value]) => `${name}=${value}`);
  print(heading('Connect Cases audit export: the demo'));
  print('Everything runs on this machine. The exporter is the bundle that is deployed, one process per tick.');
  print();
  const lines = [
    ...labelled(
      'services',
      wrapped([
        `Cases ${stack.cases.url}`,
        `S3 ${stack.s3.url}`,
        `DynamoDB ${stack.dynamodb.url}`,
        `KMS ${stack.kms.url}`,
      ]),
    ),
    ...labelled('settings', [...wrapped(settings), dim('so that it takes seconds; the others are the defaults')]),
    ...labelled('clock', ['the Cases service replays four past weeks, and reaches the present at tick 1']),
  ];
  for (const line of lines) print(line);
  print();
  print(`${heading('Four weeks at a support desk')}  ${counted(cases, 'case')}, through the API, by seed ${seed}`);
}

function printEnd(print: Print, folder: string, tookMs: number): void {
  print();
  print(`Done in ${seconds(tookMs)}. The files are in ${bold(relative(callersFolder(), folder) || '.')}/. Next:`);
  print('  npm run query -- --list            the questions that have names');
  print('  npm run query -- latest-changes    one of them, with the ids of cases');
  print('  npm run timeline -- <case id>      the page of a case, to be handed over');
}

interface Question {
  readonly title: string;
  readonly sql: string;
}

/** The author in one word. */
const BY = `coalesce(split_part(performed_by_user_arn, '/', -1), performed_by_custom_entity, 'IAM role only')`;

/** `old → new`; only the new value where there was no old one. */
const CHANGE = `left(coalesce(${side('old')} || ' → ', '') || ${side('new')}, 30)`;

const QUESTIONS: readonly Question[] = [
  {
    title: 'The latest changes',
    sql: `SELECT strftime(performed_time, '%m-%d %H:%M:%S') AS "time", left(case_id, 8) AS "case",
       field_name AS field, ${CHANGE} AS change, ${BY} AS "by"
FROM field_changes
WHERE event_type = 'Case.Updated'
ORDER BY performed_time DESC, event_id, field_index
LIMIT 10`,
  },
  {
    title: 'One case from its first event to its last',
    sql: `SELECT strftime(performed_time, '%m-%d %H:%M') AS "time",
       lower(split_part(event_type, '.', 2)) AS event,
       left(CASE WHEN related_item_type IS NULL OR related_item_type = 'Custom' THEN field_name
            ELSE related_item_type || ' ' || field_id END, 20) AS field,
       ${CHANGE} AS change, ${BY} AS "by"
FROM field_changes
WHERE case_id = (SELECT case_id FROM field_changes GROUP BY case_id
                 ORDER BY count(*) <= 22 DESC, count(old_value_type) DESC, case_id LIMIT 1)
ORDER BY performed_time, event_id, field_index`,
  },
  {
    title: 'Who changed the status of cases most?',
    sql: `SELECT ${BY} AS who, count(*) AS changes, count(DISTINCT case_id) AS cases,
       count(*) FILTER (new_value = 'closed') AS closed, strftime(max(performed_time), '%m-%d %H:%M') AS latest
FROM field_changes
WHERE event_type = 'Case.Updated' AND field_id = 'status'
GROUP BY ALL
ORDER BY changes DESC, who
LIMIT 6`,
  },
];

/** Asks the files three questions and prints the answers as tables, at most 100 characters wide. */
async function printAnswers(print: Print, changes: FieldChanges): Promise<void> {
  for (const { title, sql } of QUESTIONS) {
    print();
    print(heading(title));
    print(asTable(await changes.query(sql), 100));
  }
}

/** Shortens a value: an ARN to its last part, a time to its minute, a cleared field to a mark. */
function side(which: 'old' | 'new'): string {
  const short = `regexp_replace(regexp_replace(${which}_value, '^arn:.*/', ''), '^(....-..-..)T(..:..):.*Z$', '\\1 \\2')`;
  return `CASE ${which}_value_type WHEN 'empty' THEN '(cleared)' ELSE ${short} END`;
}
