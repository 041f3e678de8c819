/** Which code and which settings made the commits of an archive, by period: hashes, as the manifests have them. */
import type { Manifest } from '../../../lambda/export/domain/manifest';

export const BUILDS_FORMAT = 'cases-audit-builds/v1';

/** Commits in a row of one bundle and one set of settings. */
interface BuildRun {
  readonly bundleSha256: string;
  readonly settingsSha256: string;
  readonly firstCommit: number;
  readonly lastCommit: number;
  /** `exportedAt` of the first and the last, ISO 8601, UTC. */
  readonly from: string;
  readonly until: string;
}

/** `builds.json`. Members are added, never renamed or removed, within a version. */
export interface Builds {
  readonly format: typeof BUILDS_FORMAT;
  readonly domains: readonly { readonly domain: string; readonly runs: readonly BuildRun[] }[];
}

/** Takes manifests in the order of their numbers. */
export class BuildRuns {
  readonly #runs: BuildRun[] = [];

  add({ seq, bundleSha256, settingsSha256, exportedAt }: Manifest): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && last.bundleSha256 === bundleSha256 && last.settingsSha256 === settingsSha256) {
      this.#runs[this.#runs.length - 1] = { ...last, lastCommit: seq, until: exportedAt };
      return;
    }
    const ends = { firstCommit: seq, lastCommit: seq, from: exportedAt, until: exportedAt };
    this.#runs.push({ bundleSha256, settingsSha256, ...ends });
  }

  get runs(): readonly BuildRun[] {
    return this.#runs;
  }
}
