/** A manifest as a checker reads it: whatever the bytes hold, the answer is facts or a problem, never a crash. */
import * as z from 'zod';
import type { Manifest } from '../../../lambda/export/domain/manifest';

/** What a Date can hold: anything beyond could not be written as a time. */
const timeMs = z.int().min(-8.64e15).max(8.64e15);
const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits');

const isoTime = z.iso.datetime({ precision: 3 });

const manifestJson = z.object({
  version: z.int().min(1),
  domainId: z.string().min(1),
  seq: z.int().min(1),
  previousSha256: sha256.nullable(),
  runId: z.string(),
  exportDate: z.string(),
  exportedAt: isoTime,
  lanes: z.object({
    live: z.object({
      watermark: timeMs.nullable(),
      provenUntil: timeMs.nullish(),
      heldPasses: count.optional(),
    }),
    related: z.object({ watermark: timeMs.nullable() }),
    sweep: z
      .object({
        // Manifests of the first builds do not say it.
        purpose: z.string().optional(),
        anchor: timeMs.nullable(),
        finishedAt: timeMs.nullable(),
        exportFrom: timeMs.nullish(),
      })
      .nullable(),
  }),
  counts: z.object({ events: count, rows: count, quarantined: count, replayed: count.optional() }),
  objects: z.array(
    z.object({
      key: z.string(),
      sha256,
      bytes: count,
      rows: count.optional(),
      firstPerformedTime: z.string().optional(),
      lastPerformedTime: z.string().optional(),
    }),
  ),
  gaps: z.array(z.object({ caseId: z.string(), cause: z.string(), since: z.string() })),
  debts: z.array(z.object({ cause: z.string(), cases: count })).optional(),
  history: z.object({ startedAt: timeMs, exportFrom: timeMs.nullable(), casesNotFound: count.nullable() }).nullish(),
  halfRead: z.array(z.object({ caseId: z.string() })).optional(),
  openQuarantine: count,
  gone: z.array(z.string()),
  cases: z.object({ count, sha256 }).optional(),
  signingKeys: z.array(sha256).optional(),
  voids: z.object({ sha256, runId: z.string() }).nullish(),
});

/** What a manifest says, as far as it is checked. */
export type StoredManifest = z.output<typeof manifestJson>;

/** The manifest in these bytes, or what is wrong with them: names of members, never their values. */
export function readStoredManifest(bytes: Uint8Array): StoredManifest | { readonly problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return { problem: `its ${bytes.length} bytes are no JSON` };
  }
  const { data, error } = manifestJson.safeParse(json);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  const member = issue === undefined || issue.path.length === 0 ? 'it' : `its member ${issue.path.join('.')}`;
  return { problem: `${member} is not what a manifest has (${issue?.code ?? 'unknown'})` };
}

/** As the exporter's own functions take it: they look at no member that was not read here. */
export function asManifest(stored: StoredManifest): Manifest {
  return stored as unknown as Manifest;
}
