/** What the objects of one commit say, decoded, held against its manifest and against each other. Their bytes have the right hashes. */
import { caseList, parseSeed } from '../../../lambda/export/domain/case-slice';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import {
  openEvents,
  parseQuarantine,
  type Quarantine,
  type QuarantinedEvent,
  type ReplayedEvent,
} from '../../../lambda/export/domain/quarantine';
import type { ObjectKind } from '../archive/archive-keys';
import { type FileRow, readRowFile } from './row-file';
import type { SenseProblem } from './sense';

export interface CommitData {
  readonly problems: readonly SenseProblem[];
  readonly rows: readonly FileRow[];
  readonly quarantined: readonly QuarantinedEvent[];
  readonly replayed: readonly ReplayedEvent[];
  /** How many events in quarantine this commit adds, less those that it replayed; null where that could not be read. */
  readonly openQuarantined: number | null;
}

/** @param bytesOf of each object that the manifest lists, by kind: all of them. Never rejects. */
export async function readCommitData(
  manifest: Manifest,
  bytesOf: ReadonlyMap<ObjectKind, Uint8Array>,
): Promise<CommitData> {
  const problems: SenseProblem[] = [];
  const kinds = ['field_changes', 'quarantine', 'fields'] as const;
  const [rowBytes, quarantineBytes, fieldBytes] = kinds.map((kind) => bytesOf.get(kind));
  const object = manifest.objects.find(({ key }) => key.startsWith('field_changes/'));
  const file = rowBytes && object ? await readRowFile(rowBytes, manifest, object) : null;
  problems.push(...(file?.problems ?? []));
  const quarantine = quarantineBytes === undefined ? null : readQuarantine(manifest, quarantineBytes, problems);
  if (fieldBytes !== undefined) problems.push(...dictionaryProblems(manifest, fieldBytes));
  const isReadable = (file?.problems.length ?? 0) === 0 && (quarantineBytes === undefined || quarantine !== null);
  if (isReadable) problems.push(...caseProblems(manifest, file, quarantine));
  return {
    problems,
    rows: file?.rows ?? [],
    quarantined: quarantine?.events ?? [],
    replayed: quarantine?.replayed ?? [],
    openQuarantined:
      quarantineBytes !== undefined && quarantine === null
        ? null
        : openEvents(quarantine?.events ?? []) - (quarantine?.replayed.length ?? 0),
  };
}

function readQuarantine(manifest: Manifest, bytes: Uint8Array, problems: SenseProblem[]): Quarantine | null {
  const { domainId, seq, counts } = manifest;
  const key = manifest.objects.find((each) => each.key.startsWith('quarantine/'))?.key ?? '';
  const differs = (words: string): SenseProblem => ({ kind: 'quarantine-differs', key, words });
  try {
    const quarantine = parseQuarantine(bytes, { domainId, seq });
    const isVoid = manifest.voids !== undefined && manifest.voids !== null;
    const found = { quarantined: quarantine.events.length, replayed: isVoid ? 0 : quarantine.replayed.length };
    if (found.quarantined !== counts.quarantined || found.replayed !== (counts.replayed ?? 0)) {
      problems.push(
        differs(
          `The quarantine object of commit ${seq} holds ${found.quarantined} events and names ${found.replayed} as replayed; its manifest counts ${counts.quarantined} and ${counts.replayed ?? 0}.`,
        ),
      );
    }
    return quarantine;
  } catch {
    problems.push(differs(`The quarantine object of commit ${seq} is none of this domain and commit.`));
    return null;
  }
}

function dictionaryProblems({ domainId, seq, objects }: Manifest, bytes: Uint8Array): SenseProblem[] {
  const key = objects.find((each) => each.key.startsWith('fields/'))?.key ?? '';
  try {
    const { domainId: ownDomain, seq: own } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<
      string,
      unknown
    >;
    if (ownDomain === domainId && own === seq) return [];
  } catch {
    // No JSON: as wrong as another's.
  }
  return [
    {
      kind: 'object-misplaced',
      key,
      words: `The field dictionary of commit ${seq} is none of this domain and commit.`,
    },
  ];
}

/** The list of case digests, made again from the rows. */
function caseProblems(
  manifest: Manifest,
  file: { readonly rows: readonly FileRow[]; readonly seed: string | undefined } | null,
  quarantine: Quarantine | null,
): SenseProblem[] {
  const { cases, domainId, seq } = manifest;
  // Manifests of the first builds have no list.
  if (cases === undefined) return [];
  const differs = (words: string): SenseProblem => ({ kind: 'cases-differ', words: `Commit ${seq}: ${words}.` });
  const rows = file?.rows ?? [];
  const events = quarantine?.events ?? [];
  if (rows.length + events.length === 0) {
    return cases.count === 0 ? [] : [differs(`its manifest lists ${cases.count} cases, and it holds none`)];
  }
  const seeds = [file?.seed, quarantine?.caseSalt].filter((seed) => seed !== undefined);
  if (new Set(seeds).size !== 1) {
    return [differs(seeds.length === 0 ? 'no seed of its case digests is there' : 'its seeds differ')];
  }
  try {
    const seed = parseSeed(seeds[0]);
    const list = caseList({ domainId, seq, seed }, rows, events);
    if (list.count !== cases.count)
      return [differs(`it holds ${list.count} cases, and its manifest lists ${cases.count}`)];
    if (list.sha256 === cases.sha256) return [];
    return [
      differs(
        `the list of its case digests has the SHA-256 ${list.sha256}, and its manifest says ${cases.sha256}: a row, an event or the seed was altered`,
      ),
    ];
  } catch {
    return [differs('its rows are none of which case digests can be made')];
  }
}
