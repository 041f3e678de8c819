import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { z } from 'zod';
import { type CheckedOptions, type DeployConfig, deployConfigSchema, exportOptionsSchema } from './config';
import { domainIdOf } from './config-places';
import { RULES, type RuleContext } from './config-rules';
import { type JsonText, JsonTextError, readJsonText } from './json-text';
import type { Violation } from './violations';

/** The configuration is unusable. The message lists every problem, each with path, received and expected value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Files to be copied, not to be deployed. */
const EXAMPLE = /^example\b/;

/** Keys that identify a stack. */
const PLACE = ['prefix', 'account', 'region'] as const;

/**
 * Reads and checks a configuration file (JSON). Throws ConfigError, which names each problem with its line, also if another
 * configuration of the same folder has the same prefix in the same account and Region: deploying one would turn the other's
 * stack into its own. An example is not deployed, so copies of it beside it are allowed.
 */
export function readConfig(path: string, now: Date): DeployConfig {
  const text = parse(path);
  const config = checkConfig(text.value, path, now, text);
  if (EXAMPLE.test(basename(path))) return config;
  for (const other of others(path)) {
    if (PLACE.some((key) => other.content[key] !== config[key])) continue;
    throw new ConfigError(
      `${path}: one problem\n  - prefix: got "${config.prefix}", expected a prefix other than that of ${other.path}, which deploys to the same account and Region`,
    );
  }
  return config;
}

/**
 * Checks the content of a configuration file and fills in defaults. Throws ConfigError with all problems at once, each with its line where
 * `text` is what the input was read from.
 */
export function checkConfig(input: unknown, source: string, now: Date, text?: JsonText): DeployConfig {
  const { account, region } = shapeOf(input);
  const context = {
    now,
    account: typeof account === 'string' ? account : undefined,
    region: typeof region === 'string' ? region : undefined,
  };
  const { $schema: _, otherRegions: __, ...config } = check(deployConfigSchema, input, source, context, text);
  return { ...config, ...withDomainIds(config) };
}

/** Checks options that have no account and Region. Throws ConfigError with all problems at once. */
export function checkOptions(input: unknown, source: string, context: RuleContext): CheckedOptions {
  const options = check(exportOptionsSchema, input, source, context);
  return { ...options, ...withDomainIds(options) };
}

type ConfigSchema = typeof deployConfigSchema | typeof exportOptionsSchema;

function check<S extends ConfigSchema>(
  schema: S,
  input: unknown,
  source: string,
  context: RuleContext,
  text?: JsonText,
): z.output<S> {
  const result = schema.safeParse(input);
  const found = result.success ? [] : result.error.issues.flatMap(placesOf);
  found.push(...brokenRules(schema, input, context));
  const problems = [
    ...(text?.doubled ?? []).map(
      ({ path, lines: [first, second] }) => `${name(path)}: got twice, in lines ${first} and ${second}, expected once`,
    ),
    ...found.map((violation) => problem(violation, input, text)),
  ];
  if (result.success && problems.length === 0) return result.data as z.output<S>;
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  throw new ConfigError(`${source}: ${count}\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
}

/** Asks a rule even if keys that it does not need are wrong, so that all problems are reported at once. */
function brokenRules(schema: ConfigSchema, input: unknown, context: RuleContext): Violation[] {
  const given = shapeOf(input);
  const shape: Record<string, z.ZodType> = schema.shape;
  const parsed = Object.entries(shape).map(([key, field]) => [key, field.safeParse(given[key])] as const);
  const right = Object.fromEntries(parsed.flatMap(([key, result]) => (result.success ? [[key, result.data]] : [])));
  return RULES.filter(({ needs }) => needs.every((key) => key in right)).flatMap(({ violations }) =>
    violations(right as CheckedOptions, context),
  );
}

function withDomainIds({ domains, retiredDomains, pausedDomains, perDomain }: CheckedOptions) {
  return {
    domains: domains.map(domainIdOf),
    retiredDomains: retiredDomains.map(domainIdOf),
    pausedDomains: pausedDomains.map(domainIdOf),
    perDomain: Object.fromEntries(Object.entries(perDomain).map(([name, its]) => [domainIdOf(name), its])),
  };
}

function* others(path: string): Generator<{ readonly path: string; readonly content: Record<PropertyKey, unknown> }> {
  for (const name of readdirSync(dirname(path)).sort()) {
    if (!name.endsWith('.json') || name === basename(path) || EXAMPLE.test(name)) continue;
    try {
      yield { path: name, content: shapeOf(parse(join(dirname(path), name)).value) };
    } catch {
      // Not a configuration, or not one yet: its own deployment will report it.
    }
  }
}

function parse(path: string): JsonText {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(
      `${path}: cannot be read (${cause instanceof Error ? cause.message : String(cause)}); expected a configuration file: copy config/example.json and pass -c config=config/<name>.json`,
      { cause },
    );
  }
  try {
    return readJsonText(content);
  } catch (cause) {
    if (!(cause instanceof JsonTextError)) throw cause;
    throw new ConfigError(`${path}: expected JSON; ${cause.message}`, { cause });
  }
}

function placesOf(issue: z.core.$ZodIssue): Violation[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], expected: 'no such key' }));
  }
  return [{ path: issue.path, expected: issue.message }];
}

function problem({ path, expected, places }: Violation, input: unknown, text: JsonText | undefined): string {
  const value = path.reduce<unknown>((at, key) => shapeOf(at)[key], input);
  const got = value === undefined ? 'nothing' : JSON.stringify(value);
  return `${name(path)}: got ${got}, expected ${expected}${linesOf(places ?? [path], text)}`;
}

function linesOf(places: readonly (readonly PropertyKey[])[], text: JsonText | undefined): string {
  if (text === undefined) return '';
  const lines = [...new Set(places.map((place) => text.lineOf(place)))];
  return ` (line${lines.length === 1 ? '' : 's'} ${lines.join(' and ')})`;
}

function name(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(the file)';
  return path.map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at > 0 ? '.' : ''}${String(key)}`)).join('');
}

/** Views any value as an object that may have keys. */
function shapeOf(value: unknown): Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>) : {};
}
