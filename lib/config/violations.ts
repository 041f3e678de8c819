import { STAGING_PREFIX } from '../../lambda/export/domain/keys';
import { CURATED_PREFIX, CURATED_RESULTS_PREFIX, USERS_PREFIX, VERIFY_PREFIX } from '../storage/work-area';
import type { CheckedOptions } from './config';

/** A value that is valid by itself and contradicts others. */
export interface Violation {
  readonly path: readonly PropertyKey[];
  readonly expected: string;
  /** Where to look, if at other places than at the path. */
  readonly places?: readonly (readonly PropertyKey[])[];
}

/** Returns a violation unless the condition holds. */
export function unless(holds: boolean, path: readonly PropertyKey[], expected: string): Violation[] {
  return holds ? [] : [{ path, expected }];
}

/** Whether the ARN, if there is one, is of the Region. */
export function isIn(region: string | undefined, arn: string | undefined): boolean {
  return arn === undefined || isSame(arn.split(':')[3], region);
}

/** Whether two values are equal; an unknown one cannot be wrong. */
export function isSame(one: string | undefined, other: string | undefined): boolean {
  return other === undefined || one === other;
}

/** Whether every id occurs once. */
export function isUnique(ids: readonly string[]): boolean {
  return new Set(ids).size === ids.length;
}

/** Other prefixes in the work bucket. Query results expire. */
const WORK_PREFIXES = [
  { prefix: STAGING_PREFIX, holds: 'commits are staged' },
  { prefix: CURATED_PREFIX, holds: 'the curated table lies' },
  { prefix: CURATED_RESULTS_PREFIX, holds: 'the refresh keeps its answers' },
  { prefix: USERS_PREFIX, holds: 'lists of people lie' },
  { prefix: VERIFY_PREFIX, holds: 'the scheduled check keeps what it found' },
] as const;

/** The prefixes of the configuration that overlap with others of their bucket. */
export function overlaps({ prefixes }: Pick<CheckedOptions, 'prefixes'>): Violation[] {
  const { queryResults, archiveAccessLogs, workAccessLogs } = prefixes;
  return [
    ...WORK_PREFIXES.flatMap(({ prefix, holds }) =>
      unless(
        !overlap(queryResults, prefix),
        ['prefixes', 'queryResults'],
        `a prefix that does not overlap with ${prefix}, where ${holds}`,
      ),
    ),
    ...unless(
      !overlap(archiveAccessLogs, workAccessLogs),
      ['prefixes', 'workAccessLogs'],
      `a prefix that does not overlap with ${archiveAccessLogs}, that of archiveAccessLogs`,
    ),
  ];
}

function overlap(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}
