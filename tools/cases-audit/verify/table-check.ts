/** The checkpoint table against the archive: the newest commit, gaps that left, and, if asked for, every event id of the ledger. */
import { storedIds } from '../../../lambda/export/domain/case-items';
import type { Checkpoints, TableState } from '../archive/archive';
import { manifestKeyIn } from '../archive/archive-keys';
import { ledgerKey } from './archive-data';
import type { DomainResult } from './check-domain';
import { type Findings, Reporter } from './findings';

/** STATE as it was before the check, to be held against what the check found. Null where it could not be read. */
export function readState(
  checkpoints: Checkpoints,
  domainId: string,
  findings: Findings,
): Promise<TableState | null | 'unread'> {
  return new Reporter(findings, domainId).reading({}, () => checkpoints.state(domainId), 'unread' as const);
}

/** @param before STATE as it stood before the archive was read; the exporter may have gone on since. */
export async function checkTable(
  checkpoints: Checkpoints,
  result: DomainResult,
  before: TableState | null | 'unread',
  { findings, ledger }: { readonly findings: Findings; readonly ledger: boolean },
): Promise<void> {
  const reporter = new Reporter(findings, result.domain);
  const after = await readState(checkpoints, result.domain, findings);
  if (before !== 'unread' && after !== 'unread') checkHead(reporter, checkpoints.name, result, [before, after]);
  const check = async () => {
    await checkLeftGaps(reporter, checkpoints, result);
    if (ledger) await checkLedger(reporter, checkpoints, result);
  };
  await reporter.reading({}, check, undefined);
}

function checkHead(
  reporter: Reporter,
  table: string,
  { newest, partition, expiry }: DomainResult,
  [before, after]: readonly [TableState | null, TableState | null],
): void {
  const seq = Math.max(newest?.seq ?? 0, expiry.through);
  const differs = (words: string) =>
    reporter.add('table-differs', { commit: seq || null, key: seq > 0 ? manifestKeyIn(partition, seq) : null }, words);
  if (after === null) {
    differs(`The table ${table} knows nothing of the domain: is it the table of this archive?`);
    return;
  }
  if (seq < (before?.applied ?? 0)) {
    differs(
      `The table ${table} has published commit ${before?.applied}, and the archive ends with commit ${seq}: the newest manifests were taken away, or it is another archive.`,
    );
  }
  if (seq > (after.head?.seq ?? 0)) {
    differs(
      `The archive holds commit ${seq}, and the newest that the table ${table} has made is ${after.head?.seq ?? 'none'}: the table was restored, or a manifest was put there.`,
    );
  }
  const known = [before?.head, after.head].find((head) => head?.seq === seq);
  if (known && newest?.seq === seq && known.sha256 !== newest.sha256) {
    differs(
      `Manifest ${seq} has the SHA-256 ${newest?.sha256}, and the table ${table} says ${known.sha256}: one of them was altered.`,
    );
  }
}

async function checkLeftGaps(reporter: Reporter, checkpoints: Checkpoints, { domain, partition, data }: DomainResult) {
  for (const { seq, caseId } of data.unexplainedGaps) {
    const entry = await checkpoints.retry(domain, caseId);
    if (entry !== null && entry.seq >= seq) continue;
    reporter.add(
      'gap-vanished',
      { commit: seq, key: manifestKeyIn(partition, seq) },
      `A case that was a gap before commit ${seq} is none from there on; no row and no gone list says why, and the table has no entry of the retry list that was settled then.`,
    );
  }
}

async function checkLedger(
  reporter: Reporter,
  checkpoints: Checkpoints,
  { domain, newest, data, expiry }: DomainResult,
) {
  const { events } = data;
  if (events === null) return;
  for await (const { caseId, seq, ids, sortKey } of checkpoints.ledger(domain)) {
    // What was committed after this check is not its business.
    if (seq > (newest?.seq ?? 0)) continue;
    // Its rows are gone.
    if (expiry.touches(seq)) continue;
    let unknown = 0;
    for (const id of storedIds(ids)) if (!events.strike(ledgerKey(caseId, { ledgerId: id }))) unknown += 1;
    if (unknown === 0) continue;
    reporter.add(
      'ledger-differs',
      { commit: seq, key: sortKey },
      `The table knows ${unknown} event${unknown === 1 ? '' : 's'} that no row and no quarantine holds: whoever put the id${unknown === 1 ? '' : 's'} there keeps the exporter from ever exporting ${unknown === 1 ? 'it' : 'them'}.`,
    );
  }
  reportMissing(reporter, events.left());
}

function reportMissing(reporter: Reporter, left: Iterable<number>): void {
  const missing = new Map<number, number>();
  for (const seq of left) missing.set(seq, (missing.get(seq) ?? 0) + 1);
  for (const [seq, count] of [...missing].sort(([a], [b]) => a - b)) {
    reporter.add(
      'ledger-differs',
      { commit: seq, key: null },
      `${count} event${count === 1 ? '' : 's'} of commit ${seq} ${count === 1 ? 'is' : 'are'} not in the table's ledger: ${count === 1 ? 'it' : 'they'} would be exported again.`,
    );
  }
}
