/**
 * Evidence: whenever a note stands it is the text of its manifest, which stands already; a commit is applied only with its note; and
 * the list of case digests is that of the rows and quarantined events of the commit. That a signature fails shows in no other way.
 */
import { caseList, NO_CASES, parseSeed } from '../../lambda/export/domain/case-slice';
import { noteText, parseNote } from '../../lambda/export/domain/commit-note';
import type { Manifest } from '../../lambda/export/domain/manifest';
import { isSignedBy } from '../../lambda/export/domain/note-keys';
import { parseQuarantine } from '../../lambda/export/domain/quarantine';
import type { NoteSigner } from '../../lambda/export/ports';
import type { ArchiveInvariants } from './archive-invariants';
import type { RowFormat } from './rows';
import type { Violations } from './violations';

const PROMISE = '11, evidence';

export class NoteInvariants {
  /** Commits whose note stands, and of how many keys it carries a signature. */
  readonly signatures = new Map<number, number>();

  constructor(
    private readonly violations: Violations,
    private readonly manifests: ArchiveInvariants['manifests'],
    private readonly signers: readonly NoteSigner[],
  ) {}

  written(seq: number, bytes: Uint8Array): void {
    const known = this.manifests.get(seq);
    if (known === undefined) {
      this.violations.add(PROMISE, `the note of commit ${seq} was published before its manifest`);
      return;
    }
    const { text, signatures } = parseNote(bytes);
    if (text !== noteText(known.manifest, known.sha256)) {
      this.violations.add(PROMISE, `the note of commit ${seq} does not say what its manifest does`);
    }
    for (const { keyId, signature } of signatures) {
      const key = this.signers.find(({ key: { id } }) => id === keyId)?.key;
      if (key === undefined || !isSignedBy(key, text, signature)) {
        this.violations.add(PROMISE, `the note of commit ${seq} holds a signature of key ${keyId} that is none`);
      }
    }
    this.signatures.set(seq, signatures.length);
  }

  applied(seq: number): void {
    for (let one = seq; one > 0 && !this.signatures.has(one); one -= 1) {
      this.violations.add(PROMISE, `commit ${one} is applied, and has no note`);
    }
  }
}

/** What of a world the slices are made of. */
interface SlicedWorld {
  readonly archive: ArchiveInvariants;
  readonly rows: RowFormat;
  readonly violations: Violations;
}

/** Every list of case digests, made again from what is published. */
export async function judgeSlices(world: SlicedWorld): Promise<void> {
  const published = world.archive.published();
  for (const { manifest } of world.archive.manifests.values()) {
    const { cases } = manifest;
    const made = await sliced(world, manifest, published);
    if (cases?.count === made.count && cases.sha256 === made.sha256) continue;
    world.violations.add(PROMISE, `commit ${manifest.seq} lists ${cases?.count} cases, its objects make ${made.count}`);
  }
}

async function sliced(
  { rows: { files } }: SlicedWorld,
  { objects, domainId, seq }: Manifest,
  published: ReadonlyMap<string, Uint8Array>,
) {
  const bytesOf = (folder: string) => {
    const key = objects.find((object) => object.key.startsWith(folder))?.key;
    return key === undefined ? undefined : published.get(key);
  };
  const [file, kept] = [bytesOf('field_changes/'), bytesOf('quarantine/')];
  const quarantine = kept && parseQuarantine(kept, { domainId, seq });
  const slices = file && (await files.slicesOf(file));
  const seed = slices?.seed ?? (quarantine?.caseSalt === undefined ? undefined : parseSeed(quarantine.caseSalt));
  if (seed === undefined) return NO_CASES;
  return caseList({ domainId, seq, seed }, slices?.rows ?? [], quarantine?.events ?? []);
}
