import { z } from 'zod';

/** Text of a pattern. `expected` is what the message says of any other value. */
export function text(pattern: RegExp, expected: string): z.ZodString {
  return z.string(expected).regex(pattern, expected);
}

/** A whole number from `least` to `most`. */
export function integer(expected: string, least: number, most = Number.MAX_SAFE_INTEGER): z.ZodNumber {
  return z.number(expected).int(expected).min(least, expected).max(most, expected);
}

/** Unknown keys keep zod's own issue, which names them; `config-file.ts` turns it into one problem a key. */
export function unknownKeys(expected: string) {
  return (issue: { readonly code?: string }): string => (issue.code === 'unrecognized_keys' ? 'no such key' : expected);
}
