/** Whether a manifest makes sense after the one before it. Pure: no bytes but the manifests' are looked at. */

import { RETRY_CAUSES } from '../../../lambda/export/domain/case-items';
import { domainInKeys } from '../../../lambda/export/domain/keys';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { OBJECT_KINDS, type ObjectKind, objectKeyIn } from '../archive/archive-keys';
import type { FindingKind } from './findings';
import type { Carry } from './state-file';

/**
 * A watermark follows the clock of its run, and two runs' clocks may differ. Scans overlap by a quarter of an hour, so what goes back by
 * less takes nothing back: the claim before was no larger than what was read.
 */
const CLOCKS_DIFFER_MS = 900_000;

export interface SenseProblem {
  readonly kind: FindingKind;
  readonly words: string;
  readonly key?: string;
}

export function carryOf(manifest: Manifest, sha256: string, hasNotes: boolean): Carry {
  const { live, related } = manifest.lanes;
  return {
    seq: manifest.seq,
    sha256,
    exportDate: manifest.exportDate,
    exportedAt: manifest.exportedAt,
    live: live.watermark,
    provenUntil: live.provenUntil ?? null,
    related: related.watermark,
    openQuarantine: manifest.openQuarantine,
    gaps: namesAllGaps(manifest) ? Object.fromEntries(manifest.gaps.map(({ caseId, since }) => [caseId, since])) : null,
    hasNotes,
  };
}

/** What stands against a manifest by itself: its place, and what it counts of its objects. */
export function problemsOfOne(manifest: Manifest, partition: string, seq: number): SenseProblem[] {
  return [...placeProblems(manifest, partition, seq), ...countProblems(manifest), ...debtProblems(manifest)];
}

function placeProblems({ domainId, seq: own, objects, exportDate }: Manifest, partition: string, seq: number) {
  const problems: SenseProblem[] = [];
  if (domainInKeys(domainId) !== partition || own !== seq) {
    problems.push({
      kind: 'manifest-misplaced',
      words: `The manifest at the place of commit ${seq} calls itself commit ${own} of domain ${domainId}: it was moved, renamed or copied here.`,
    });
  }
  const seen = new Set<ObjectKind>();
  for (const { key } of objects) {
    const kind = OBJECT_KINDS.find((each) => key === objectKeyIn(each, partition, exportDate, seq));
    if (kind === undefined || seen.has(kind)) {
      problems.push({
        kind: 'object-misplaced',
        key,
        words: `Manifest ${seq} lists ${key}${kind === undefined ? ', which is no place of an object of this commit' : ' twice'}.`,
      });
    }
    if (kind !== undefined) seen.add(kind);
  }
  return problems;
}

function countProblems({ seq, counts, objects }: Manifest): SenseProblem[] {
  const differs = (words: string): SenseProblem => ({ kind: 'counts-differ', words });
  const stored = objects.reduce((sum, { rows }) => sum + (rows ?? 0), 0);
  const hasQuarantine = objects.some(({ key }) => key.startsWith('quarantine/'));
  return [
    ...(stored === counts.rows
      ? []
      : [differs(`Manifest ${seq} counts ${counts.rows} rows, and lists files that hold ${stored}.`)]),
    ...(counts.quarantined + (counts.replayed ?? 0) > 0 && !hasQuarantine
      ? [differs(`Manifest ${seq} counts quarantined events, and lists no quarantine object.`)]
      : []),
  ];
}

const RETRIED: ReadonlySet<string> = new Set(RETRY_CAUSES);

/** How many entries of the retry list the account of debts counts; null where none is kept. */
function retriedCases({ debts }: Manifest): number | null {
  return debts?.reduce((sum, { cause, cases }) => sum + (RETRIED.has(cause) ? cases : 0), 0) ?? null;
}

function namesAllGaps(manifest: Manifest): boolean {
  const retried = retriedCases(manifest);
  return retried === null || retried === manifest.gaps.length;
}

/** A manifest names the oldest gaps, as many as it has room for: never more than the account counts, and fewer only when full. */
function debtProblems(manifest: Manifest): SenseProblem[] {
  const retried = retriedCases(manifest);
  if (retried === null || retried === manifest.gaps.length) return [];
  const isFull = Buffer.byteLength(JSON.stringify(manifest.gaps)) > FULL_GAPS_BYTES;
  if (retried > manifest.gaps.length && isFull) return [];
  return [
    {
      kind: 'counts-differ',
      words: `Manifest ${manifest.seq} names ${manifest.gaps.length} gaps, and its account of debts counts ${retried}.`,
    },
  ];
}

/** Names stop at 400,000 bytes; as read here a gap lacks the count of its attempts. */
const FULL_GAPS_BYTES = 250_000;

/** What stands against a manifest as the successor of the one before. A void takes the lanes back, and says so. */
export function problemsAfter(before: Carry, manifest: Manifest): SenseProblem[] {
  const isVoid = manifest.voids !== undefined && manifest.voids !== null;
  return [
    ...dateProblems(before, manifest, isVoid),
    ...(isVoid ? [] : watermarkProblems(before, manifest)),
    ...quarantineProblems(before, manifest, isVoid),
  ];
}

function dateProblems(before: Carry, { seq, exportDate, exportedAt }: Manifest, isVoid: boolean): SenseProblem[] {
  if (exportDate < before.exportDate && !(isVoid && exportDate === '')) {
    return [
      {
        kind: 'date-back',
        words: `The export date goes back from ${before.exportDate} to ${exportDate} at commit ${seq}.`,
      },
    ];
  }
  const day = exportedAt.slice(0, 10);
  const expected = [day, before.exportDate].sort()[1];
  if (isVoid || exportDate === expected) return [];
  return [
    {
      kind: 'date-back',
      words: `Commit ${seq} was exported at ${exportedAt} after one of ${before.exportDate}, so its export date is ${expected}; it says ${exportDate}.`,
    },
  ];
}

function watermarkProblems(before: Carry, { seq, lanes }: Manifest): SenseProblem[] {
  const { live, related } = lanes;
  // A place that a search hides holds the live scan below it, for a few passes.
  const isHeld = (live.heldPasses ?? 0) > 0;
  const pairs: readonly (readonly [string, number | null, number | null])[] = [
    ...(isHeld ? [] : [['live', before.live, live.watermark] as const]),
    ['proven', before.provenUntil, live.provenUntil ?? null],
    ['related', before.related, related.watermark],
  ];
  return pairs.flatMap(([name, was, is]) => {
    if (was === null || (is !== null && is >= was - CLOCKS_DIFFER_MS)) return [];
    const to = is === null ? 'nothing' : new Date(is).toISOString();
    return [
      {
        kind: 'watermark-back' as const,
        words: `The ${name} watermark goes back from ${new Date(was).toISOString()} to ${to} at commit ${seq}, which is no void.`,
      },
    ];
  });
}

/** Events in quarantine that no row holds: those before, and those of the commit, less the replayed. The object says it exactly. */
function quarantineProblems(before: Carry, { seq, counts, openQuarantine }: Manifest, isVoid: boolean): SenseProblem[] {
  const least = before.openQuarantine - (counts.replayed ?? 0);
  const most = least + counts.quarantined;
  if (isVoid || (openQuarantine >= least && openQuarantine <= most)) return [];
  return [
    {
      kind: 'quarantine-differs',
      words: `Manifest ${seq} counts ${openQuarantine} events in quarantine; after ${before.openQuarantine} before it, ${counts.quarantined} new and ${counts.replayed ?? 0} replayed, expected ${least === most ? least : `${least} to ${most}`}.`,
    },
  ];
}

/**
 * Cases of gaps of before that this manifest does not name and does not call gone: either rows of the case are in this commit, or
 * its entry of the retry list was closed.
 */
export function leftGaps(before: Carry, manifest: Manifest): string[] {
  // A list without room for all may drop a name for want of room.
  if (before.gaps === null || !namesAllGaps(manifest)) return [];
  const named = new Set(manifest.gaps.map(({ caseId }) => caseId));
  const gone = new Set(manifest.gone);
  return Object.keys(before.gaps).filter((caseId) => !named.has(caseId) && !gone.has(caseId));
}
