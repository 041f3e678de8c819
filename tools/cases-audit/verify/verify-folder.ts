import { MANIFEST } from '../../../lambda/export/domain/manifest';
import { openFolder } from '../archive/folder';
import { FINDING_KINDS } from './findings';
import { readingPlan } from './reading-plan';
import { type VerifyResult, verifyArchive } from './verify-archive';

/**
 * For the other tools: the one checker over a folder, without keys, tables or held notes. Every byte is hashed; rows are decoded only if
 * asked for.
 */
export function verifyFolder(
  folder: string,
  {
    domain,
    readData = 'none',
    form = MANIFEST,
  }: { readonly domain?: string; readonly readData?: 'all' | 'none'; readonly form?: typeof MANIFEST } = {},
): Promise<VerifyResult> {
  return verifyArchive({
    archive: openFolder(folder),
    mirror: null,
    checkpoints: null,
    keys: [],
    plan: readingPlan(readData, () => ''),
    ledger: false,
    domain,
    held: null,
    form,
    now: Date.now(),
    signal: new AbortController().signal,
    onCommit: () => undefined,
  });
}

/** What contradicts an archive, a sentence each. Signatures are not among it: no key is given. */
export function contradictionsIn({ findings }: VerifyResult): string[] {
  return findings.kept.filter(({ kind }) => FINDING_KINDS[kind] === 'contradicts').map(({ words }) => words);
}
