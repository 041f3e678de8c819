/** Promise: an editor that knows the published schema, the page of options and the construct's interface say what synth checks. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import type { z } from 'zod';
import type { exportOptionsSchema } from '../../../lib/config/config';
import { checkConfig } from '../../../lib/config/config-file';
import type { ExportOptions } from '../../../lib/config/export-options';
import { readText } from '../../../lib/text-file';
import { CONFIG_SCHEMA, configJsonSchema, EXPORT_OPTIONS, exportOptions } from '../../../scripts/config-schema';
import { CONFIGURATION_PAGE, withTables } from '../../../scripts/configuration-page';
import { EVERYTHING, MINIMAL, NOW } from '../configurations';

const schema = JSON.parse(readFileSync(CONFIG_SCHEMA, 'utf8'));
const example = JSON.parse(readFileSync('config/example.json', 'utf8'));
// Formats only repeat what patterns say.
const validate = new Ajv({ allErrors: true, strict: true, validateFormats: false }).compile(schema);

describe('npm run docs has been run', () => {
  test('for the schema', () => expect(schema).toEqual(JSON.parse(configJsonSchema())));
  test('for the construct’s options', () => expect(readText(EXPORT_OPTIONS)).toBe(exportOptions()));
  test('for the page of options', () => {
    const page = readText(CONFIGURATION_PAGE);
    expect(withTables(page)).toBe(page);
  });
});

test('the interface of the construct takes what the check takes, and the other way round', () => {
  type Checked = Immutable<z.input<typeof exportOptionsSchema>>;
  const both: [Same<ExportOptions, Checked>, Same<Checked, ExportOptions>] = [true, true];
  expect(both).toEqual([true, true]);
});

test('every option says what it is for', () => {
  for (const [name, option] of Object.entries<{ description?: string }>(schema.properties)) {
    expect([name, option.description]).toEqual([name, expect.stringMatching(/^\S.*\.$/)]);
  }
});

describe('the schema', () => {
  test.each([
    ['the example', example],
    ['the regulated example', JSON.parse(readFileSync('config/example-regulated.json', 'utf8'))],
    ['the least configuration', MINIMAL],
    ['every option', EVERYTHING],
  ])('accepts %s', (_name, config) => {
    validate(config);
    expect(validate.errors).toBeNull();
  });

  test.each<[string, object, string]>([
    ['an unknown key', { colour: 'red' }, ''],
    ['a missing key', { region: undefined }, ''],
    ['an account as a number', { account: 111122223333 }, '/account'],
    ['a log retention that CloudWatch lacks', { logRetentionDays: 100 }, '/logRetentionDays'],
    ['COMPLIANCE without the acknowledgement', { objectLock: { mode: 'COMPLIANCE', days: 1 } }, '/objectLock'],
    ['a share above 1', { perDomain: { abc: { share: 2 } } }, '/perDomain/abc/share'],
    ['an unknown setting', { settings: { settle: 3 } }, '/settings'],
  ])('marks %s where it is, and synth refuses it as well', (_name, change, path) => {
    const config = JSON.parse(JSON.stringify({ ...MINIMAL, ...change }));
    expect(validate(config)).toBe(false);
    expect(validate.errors?.map(({ instancePath }) => instancePath)).toContain(path);
    expect(() => checkConfig(config, 'test', NOW)).toThrow();
  });

  test('is named by the example, so that a copy of it has an editor’s help', () => {
    expect(example.$schema).toBe('./schema.json');
    expect(Object.keys(example)[0]).toBe('$schema');
  });
});

type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T;

/** True if every value of the one is a value of the other. */
type Same<One, Other> = One extends Other ? true : false;
