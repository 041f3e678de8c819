/** Makes the archive that dbt and pandas are tried over: the demo's desk, always the same. Prints its folder. */
import { makeDeskWorld } from '../../test/tools/query/world/desk-world';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('expected the folder to write to');
makeDeskWorld(folder, { cases: 60, seed: 1 }).then(
  ({ archive }) => process.stdout.write(`${archive}\n`),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
