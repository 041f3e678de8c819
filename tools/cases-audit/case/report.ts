/** What an archive says of a case, for people. Holds ids, counts and times, and no value of the case. */
import { relative } from 'node:path';
import { printable } from '../words';
import type { CaseAnswer } from './answer';

/** One sentence, and where the page and the bag are, as seen from the folder in which the caller is. */
export function caseWords({ answer, page, extract }: CaseAnswer): string {
  return [
    `${printable(answer)}${page === null && extract === null ? '' : ':'}`,
    ...(page === null ? [] : [`  ${relative(process.cwd(), page)}`]),
    ...(extract === null ? [] : extractLines(extract)),
    '',
  ].join('\n');
}

function extractLines({ folder, seal, unbound, unsigned }: NonNullable<CaseAnswer['extract']>): string[] {
  return [
    `  ${relative(process.cwd(), folder)}`,
    `Seal (SHA-256 of its tagmanifest-sha256.txt; write it into the certificate):\n  ${seal}`,
    ...unbound.map(({ commit, why }) => `Commit ${commit} is not in it: ${printable(why)}`),
    ...(unsigned.length === 0
      ? []
      : [
          `No key that you gave has signed the note of commit ${unsigned.join(', ')} itself: whoever checks the extract will see it as unproven.`,
        ]),
  ];
}
