/** A value that is right by itself and wrong beside the others. */
export interface Violation {
  readonly path: readonly PropertyKey[];
  readonly expected: string;
}

/** The violation of what does not hold; none of what does. */
export function unless(holds: boolean, path: readonly PropertyKey[], expected: () => string): Violation[] {
  return holds ? [] : [{ path, expected: expected() }];
}

/** Whether the ARN, if there is one, is of the Region. */
export function isIn(region: string | undefined, arn: string | undefined): boolean {
  return arn === undefined || isSame(arn.split(':')[3], region);
}

/** What is not known yet cannot be wrong. */
export function isSame(one: string | undefined, other: string | undefined): boolean {
  return other === undefined || one === other;
}

/** Whether each is there once. */
export function isUnique(ids: readonly string[]): boolean {
  return new Set(ids).size === ids.length;
}
