/** What must hold of the archive at every moment, seen from outside: at each write and after each tick. Findings name keys, never values. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { filesOf } from '../../local/demo/archive';
import { ARCHIVE_BUCKET } from '../../local/exporter/stack';
import type { ProxiedAnswer, ProxiedRequest } from '../../local/proxy/proxy';
import { contradictionsIn, verifyFolder } from '../../tools/cases-audit/verify/verify-folder';
import { kindOf } from './requests';

/**
 * Published bytes never change and are written once; nothing is visible before its COMMIT; a manifest stands only where all that
 * it lists stands; the chain has no hole.
 */
export class ArchiveWatch {
  readonly #hashes = new Map<string, string>();
  readonly #written = new Set<string>();
  readonly #findings = new Set<string>();
  /** The highest commit that a request has made. */
  #committed = 0;

  /** `headSeq`: what the checkpoint table gives as the last commit that was made, 0 for none. */
  constructor(
    private readonly folder: string,
    private readonly domainId: string,
    private readonly headSeq: () => Promise<number>,
  ) {}

  get findings(): readonly string[] {
    return [...this.#findings];
  }

  /** Told of every request to DynamoDB that took effect. */
  noteTableAnswer(request: ProxiedRequest, { status }: ProxiedAnswer): void {
    if (status === 200) this.#committed = Math.max(this.#committed, committedSeq(request));
  }

  /** Told of every request to S3 at the moment at which it took effect; whoever sent it does not know yet. */
  noteObjectAnswer({ method, path, body }: ProxiedRequest, { status }: ProxiedAnswer): void {
    const prefix = `/${ARCHIVE_BUCKET}/`;
    if (method !== 'PUT' || status !== 200 || !path.startsWith(prefix)) return;
    const key = decodeURIComponent(path.slice(prefix.length).split('?')[0] ?? '');
    if (this.#written.has(key)) this.#findings.add(`${key} was written more than once`);
    if (seqOf(key) > this.#committed) this.#findings.add(`${key} was written before its COMMIT`);
    if (key.startsWith('manifests/')) {
      for (const object of listedIn(body)) {
        if (!this.#written.has(object)) this.#findings.add(`${key} was written before ${object}, which it lists`);
      }
    }
    this.#written.add(key);
  }

  /** Safe also while requests are under way: what depends on another thing is read before it. */
  async look(): Promise<void> {
    const files = filesOf(this.folder);
    this.#compareBytes(files);
    // Nothing is there before the first commit is published.
    if (files.some((key) => key.startsWith('manifests/'))) {
      for (const problem of contradictionsIn(await verifyFolder(this.folder, { domain: this.domainId })))
        this.#findings.add(problem);
    }
    const head = await this.headSeq();
    for (const key of files) {
      if (seqOf(key) > head) this.#findings.add(`${key} is visible, though commit ${seqOf(key)} was never made`);
    }
  }

  #compareBytes(files: readonly string[]): void {
    const present = new Set(files);
    for (const key of this.#hashes.keys()) if (!present.has(key)) this.#findings.add(`${key} is gone`);
    for (const key of files) {
      const hash = createHash('sha256')
        .update(readFileSync(join(this.folder, key)))
        .digest('hex');
      const before = this.#hashes.get(key);
      if (before !== undefined && before !== hash) this.#findings.add(`${key} has other bytes than before`);
      this.#hashes.set(key, before ?? hash);
    }
  }
}

/** Of `…/000000000007.parquet`: 7. NaN for a key without a number, which is in no commit. */
function seqOf(key: string): number {
  return Number(key.match(/(\d{12})\.\w+$/)?.[1] ?? Number.NaN);
}

/** The number of the head that an UpdateItem sets; 0 for any other request. */
function committedSeq(request: ProxiedRequest): number {
  if (kindOf('dynamodb', request) !== 'dynamodb.commit') return 0;
  const { ExpressionAttributeValues: values } = updateJson.parse(JSON.parse(request.body.toString()));
  return Math.max(0, ...Object.values(values).map(({ M }) => (M?.['manifestKey'] ? Number(M['seq']?.N ?? 0) : 0)));
}

const updateJson = z.object({
  ExpressionAttributeValues: z.record(
    z.string(),
    z.object({ M: z.record(z.string(), z.object({ N: z.string().optional() })).optional() }),
  ),
});

function listedIn(manifest: Buffer): string[] {
  return manifestJson.parse(JSON.parse(manifest.toString())).objects.map(({ key }) => key);
}

const manifestJson = z.object({ objects: z.array(z.object({ key: z.string() })) });
