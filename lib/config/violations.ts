/** A value that is valid by itself and contradicts others. */
export interface Violation {
  readonly path: readonly PropertyKey[];
  readonly expected: string;
}

/** Returns a violation unless the condition holds. */
export function unless(holds: boolean, path: readonly PropertyKey[], expected: () => string): Violation[] {
  return holds ? [] : [{ path, expected: expected() }];
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
