/**
 * Contract: values that the writer would silently store wrong are rejected before anything is written, by an error that says
 * where, and never what.
 */
import type { CommitColumns, FieldChange } from '../../../lambda/export/domain/columns';
import { ParquetError } from '../../../lambda/export/domain/errors';
import { encodeRows } from '../../../lambda/export/parquet/encode';
import { checkRows } from '../../../lambda/export/parquet/guards';
import { COMMIT, METADATA, row } from '../../support/rows';

const SECRET = 'secret-customer-data';

describe('a row is refused', () => {
  const cases: [string, object, RegExp][] = [
    ['whose required string is null', { case_id: null }, /case_id: .*null/],
    ['whose required time is null', { performed_time: null }, /performed_time: .*null/],
    ['that lacks a required column', { case_id: undefined }, /case_id: .*missing/],
    ['that lacks an optional column', { old_value: undefined }, /old_value: .*missing/],
    ['with a column too many', { extra: SECRET }, /25 columns instead of 24/],
    ['with a commit column', { run_id: SECRET }, /25 columns instead of 24/],
    ['with a number in a string column', { old_value: 5 }, /old_value: .*not a string/],
    ['with a list in a string column', { old_value: [SECRET] }, /old_value: .*not a string/],
    ['with a lone surrogate', { old_value: `${SECRET}\ud800` }, /old_value: .*lone surrogate/],
    ['with ISO text in a time column', { performed_time: '2024-01-01T00:00:00Z' }, /performed_time: .*valid Date/],
    ['with a number in a time column', { performed_time: 5 }, /performed_time: .*valid Date/],
    ['with an invalid time', { performed_time: new Date(Number.NaN) }, /performed_time: .*valid Date/],
    ['with NaN in a double column', { old_value_double: Number.NaN }, /old_value_double: .*finite/],
    ['with Infinity in a double column', { old_value_double: Infinity }, /old_value_double: .*finite/],
    ['with -0 in a double column', { old_value_double: -0 }, /old_value_double: .*-0/],
    ['with text in a double column', { old_value_double: '12abc' }, /old_value_double: .*finite/],
    ['with a BigInt in a double column', { old_value_double: 5n }, /old_value_double: .*finite/],
    ['with text in a boolean column', { old_value_boolean: 'false' }, /old_value_boolean: .*boolean/],
    ['with a number in a boolean column', { old_value_boolean: 1 }, /old_value_boolean: .*boolean/],
    ['with a fraction in an int column', { field_index: 1.5 }, /field_index: .*32 bits/],
    ['with 2^31 in an int column', { field_index: 2 ** 31 }, /field_index: .*32 bits/],
    ['with text in an int column', { field_index: '1' }, /field_index: .*32 bits/],
  ];
  test.each(cases)('%s', async (_name, change, message) => {
    const rows = [row(), { ...row(), ...change } as FieldChange];
    const error = await encodeRows(rows, COMMIT, METADATA).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ParquetError);
    expect(String(error)).toMatch(message);
    expect(String(error)).toMatch(/row 1\b/);
    expect(String(error)).not.toContain(SECRET);
  });

  test('that has one column under another name', async () => {
    const { old_value: _, ...rest } = row();
    const rows = [{ ...rest, oldvalue: SECRET } as unknown as FieldChange];
    await expect(encodeRows(rows, COMMIT, METADATA)).rejects.toThrow(/row 0, column old_value: .*missing/);
  });

  test('that is earlier than the one before it', async () => {
    const rows = [row({ performed_time: new Date(2) }), row({ performed_time: new Date(1) })];
    await expect(encodeRows(rows, COMMIT, METADATA)).rejects.toThrow(/row 1 is earlier/);
  });
});

describe('a commit is refused', () => {
  const cases: [string, object, RegExp][] = [
    ['whose number is no safe integer', { commit_seq: 2 ** 53 }, /commit_seq: .*2\^53/],
    ['whose number is text', { commit_seq: '7' }, /commit_seq/],
    ['whose time is text', { exported_at: '2024-01-01' }, /exported_at: .*valid Date/],
    ['without run', { run_id: null }, /run_id: .*null/],
    ['with a member too many', { extra: 1 }, /4 columns instead of 3/],
  ];
  test.each(cases)('%s', async (_name, change, message) => {
    const commit = { ...COMMIT, ...change } as CommitColumns;
    const attempt = encodeRows([row()], commit, METADATA);
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toThrow(/the commit/);
  });
});

test('no rows, no file', async () => {
  await expect(encodeRows([], COMMIT, METADATA)).rejects.toThrow(/at least one row/);
});

test('what the writer itself throws becomes an Error without the value', async () => {
  // Passes the guards and then changes, as no sound row does: it reaches the writer's own check, which throws a string.
  let reads = 0;
  const shifty = {
    ...row(),
    get new_value_double(): number {
      reads += 1;
      return reads > 1 ? (SECRET as unknown as number) : 1;
    },
  };
  const error = await encodeRows([shifty], COMMIT, METADATA).catch((thrown: unknown) => thrown);
  expect(reads).toBeGreaterThan(1);
  expect(error).toBeInstanceOf(ParquetError);
  expect(String(error)).toMatch(/while writing: invalid value for DOUBLE$/);
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(SECRET);
});

test('only columns that are ASCII throughout count as ASCII', () => {
  const { asciiColumns } = checkRows([row({ new_value: 'a' }), row({ new_value: 'é', old_value: null })], COMMIT);
  expect(asciiColumns.has('case_id')).toBe(true);
  expect(asciiColumns.has('old_value')).toBe(true);
  expect(asciiColumns.has('run_id')).toBe(true);
  expect(asciiColumns.has('new_value')).toBe(false);
  expect(asciiColumns.has('performed_time')).toBe(false);
  expect(checkRows([row()], { ...COMMIT, run_id: 'ü' }).asciiColumns.has('run_id')).toBe(false);
});
