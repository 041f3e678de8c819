import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ARCHIVE_FOLDER } from '../../local/demo/folder';
import { QueryError } from './query-error';

const PREFIXES = ['manifests', 'field_changes'] as const;

/**
 * Where the archive lies in a folder: the folder itself if it is a copy of an archive bucket (`aws s3 sync`), or the archive
 * inside the folder of a demo. Throws QueryError that says what was expected where it is neither.
 */
export function findArchive(folder: string): string {
  const found = [join(folder, ARCHIVE_FOLDER), folder].find((each) =>
    PREFIXES.some((prefix) => existsSync(join(each, prefix))),
  );
  if (found !== undefined) return found;
  throw new QueryError(
    `There are no exported files in ${folder}. Expected the folder of a demo (make one by npm run demo), or a copy of an archive bucket with the folders ${PREFIXES.join(' and ')} in it (aws s3 sync s3://<archive bucket> <folder>).`,
  );
}
