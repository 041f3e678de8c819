/** Promises: a name holds from the commit whose dictionary first says it to the one whose dictionary no longer does. */
import { saveFiles } from '../../support/scratch';
import { databaseOfFile, pathOf, saveRowless } from './database';

const field = (fieldId: string, name: string | null, deleted = false) => ({
  fieldId,
  name,
  type: 'Text',
  namespace: 'Custom',
  deleted,
});
const options = (fieldId: string, all: Readonly<Record<string, string>> | null, asOf: string) => ({
  fieldId,
  asOf,
  options: all && Object.entries(all).map(([value, name]) => ({ value, name, active: true })),
});
const templates = (names: Readonly<Record<string, string>> | null) => ({
  asOf: '2026-01-01T00:00:00.000Z',
  templates: names && Object.entries(names).map(([templateId, name]) => ({ templateId, name, status: 'Active' })),
});

/** By the number of the commit. */
const DICTIONARIES: Readonly<Record<number, object>> = {
  // As the first builds wrote them.
  1: { fields: [field('a', 'A'), field('b', null)] },
  // Nobody may look options and templates up.
  2: { fields: [field('a', 'A'), field('b', 'B')], options: [options('s', null, 'then')], templates: templates(null) },
  5: {
    fields: [field('a', 'A2'), field('b', 'B')],
    options: [options('s', { x: 'X', y: 'Y' }, 'then')],
    templates: templates({ t: 'T' }),
  },
  // Only the time of the look-up is another.
  6: {
    fields: [field('a', 'A2'), field('b', 'B')],
    options: [options('s', { x: 'X', y: 'Y' }, 'now')],
    templates: templates({ t: 'T' }),
  },
  9: {
    fields: [field('a', 'A', true), field('b', 'B')],
    options: [options('s', { y: 'Y' }, 'now')],
    templates: templates({ t: 'T!' }),
  },
  12: {
    fields: [field('a', 'A', true)],
    options: [options('s', { x: 'X', y: 'Y' }, 'now')],
    templates: templates({ t: 'T' }),
  },
};

const database = databaseOfFile(async (archive) => {
  await saveRowless(archive, 'd', '2026-01-01');
  for (const [seq, dictionary] of Object.entries(DICTIONARIES)) {
    const stored = { version: 1, domainId: 'd', seq: Number(seq), ...dictionary };
    saveFiles(archive, [[pathOf('fields', 'd', Number(seq)), `${JSON.stringify(stored)}\n`]]);
  }
});

test('of a field', async () => {
  expect(await spans('SELECT field_id, name, deleted, from_seq, to_seq FROM field_dictionary')).toEqual([
    ['a', 'A', false, 1, 5],
    ['a', 'A2', false, 5, 9],
    ['a', 'A', true, 9, null],
    ['b', null, false, 1, 2],
    ['b', 'B', false, 2, 12],
  ]);
});

test('of an option, also one that goes and comes back, and none where the look-up is denied', async () => {
  expect(await spans('SELECT value, label, from_seq, to_seq FROM option_labels')).toEqual([
    ['x', 'X', 5, 9],
    ['x', 'X', 12, null],
    ['y', 'Y', 5, null],
  ]);
});

test('of a template', async () => {
  expect(await spans('SELECT template_id, name, from_seq, to_seq FROM template_names')).toEqual([
    ['t', 'T', 5, 9],
    ['t', 'T!', 9, 12],
    ['t', 'T', 12, null],
  ]);
});

test('without manifests or users their tables are empty, and every view can be asked', async () => {
  for (const name of ['export_commits', 'export_gaps', 'user_names', 'changes', 'case_milestones']) {
    expect(await database.rows(`SELECT * FROM ${name}`)).toMatchObject({ rows: [] });
  }
});

async function spans(sql: string): Promise<unknown[][]> {
  const { columns, rows } = await database.rows(`${sql} ORDER BY 1, from_seq`);
  return rows.map((row) => columns.map((name) => row[name]));
}
