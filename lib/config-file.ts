import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { type DeployConfig, deployConfigSchema } from './config';

/** The configuration cannot be used. The message lists every problem, each with path, what came and what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads and checks a configuration file (JSON). Throws ConfigError. */
export function readConfig(path: string, now: Date): DeployConfig {
  return checkConfig(parse(path), path, now);
}

/**
 * Checks a configuration and fills in defaults. Throws ConfigError with all problems at once.
 * `now` is needed for one rule: a firstExportDate after tomorrow would hide every partition until then.
 */
export function checkConfig(input: unknown, source: string, now: Date): DeployConfig {
  const result = deployConfigSchema.safeParse(input);
  const problems = result.success ? [] : result.error.issues.flatMap((issue) => describe(issue, input));
  problems.push(...tooLate(input, now));
  if (result.success && problems.length === 0) return result.data;
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  throw new ConfigError(`${source}: ${count}\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
}

function parse(path: string): unknown {
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
    return JSON.parse(content);
  } catch (cause) {
    throw new ConfigError(
      `${path}: expected JSON, got a syntax error: ${cause instanceof Error ? cause.message : ''}`,
      {
        cause,
      },
    );
  }
}

function describe(issue: z.core.$ZodIssue, input: unknown): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => problem([...issue.path, key], input, 'no such key'));
  }
  return [problem(issue.path, input, issue.message)];
}

function problem(path: readonly PropertyKey[], input: unknown, expected: string): string {
  const value = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    input,
  );
  const got = value === undefined ? 'nothing' : JSON.stringify(value);
  return `${name(path)}: got ${got}, expected ${expected}`;
}

function name(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(the file)';
  return path.map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at > 0 ? '.' : ''}${String(key)}`)).join('');
}

function tooLate(input: unknown, now: Date): string[] {
  const given = (input as { firstExportDate?: unknown } | null | undefined)?.firstExportDate;
  const tomorrow = new Date(now.getTime() + 86_400_000).toISOString().slice(0, 10);
  if (typeof given !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(given) || given <= tomorrow) return [];
  return [
    problem(['firstExportDate'], input, 'a date that is not in the future: rows exported before it stay invisible'),
  ];
}
