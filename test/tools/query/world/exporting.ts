/** What a world of the queries is on disk, and what the oracle has to know of it. */
import { join } from 'node:path';
import { saveFiles } from '../../../support/scratch';
import type { Exporter } from '../../exporter';
import { type Facts, readDomainFacts, type User } from '../oracle/facts';

/** Folder of the archive, inside a world's folder: as `npm run query` expects it. */
const ARCHIVE = 'archive';
const USERS = 'work-area/users/users.csv';

export interface ExportedWorld {
  /** Holds `archive/` and `work-area/users/users.csv`: a folder for `npm run query -- --folder`. */
  readonly folder: string;
  readonly archive: string;
  readonly usersFile: string;
  readonly facts: Facts;
}

/** Writes the archives and the list of users, and gathers what the oracle has to know. The worlds share one clock. */
export async function exportedWorld(
  folder: string,
  exporters: readonly Exporter[],
  users: readonly User[],
): Promise<ExportedWorld> {
  const archive = join(folder, ARCHIVE);
  for (const exporter of exporters) exporter.save(archive);
  const lines = users.map(({ arn, name, team }) => [arn, name, team].map(csvField).join(','));
  saveFiles(folder, [[USERS, `${['user_arn,name,team', ...lines].join('\n')}\n`]]);
  const domains = await Promise.all(
    exporters.map(({ cases }) => readDomainFacts(archive, cases.domainId, [...cases.cases.values()])),
  );
  const now = exporters[0]?.clock.now() ?? 0;
  return { folder, archive, usersFile: join(folder, USERS), facts: { domains, users, now } };
}

function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
