/**
 * What a program that ran by tsx said on stderr itself. The service that compiles for tsx shares its stderr, and on a busy
 * machine says `context canceled` as it is stopped with the program.
 */
export function ownWords(stderr: string): string {
  return stderr.replaceAll(/^context canceled\n/gm, '');
}
