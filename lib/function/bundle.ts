import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';
import { PACKAGE_ROOT } from '../package-root';

/** Where `npm run build` leaves the function's bundle. */
export const BUNDLE_DIRECTORY = join(PACKAGE_ROOT, 'dist', 'lambda', 'export');

/** The bundle as it lies on disk, byte for byte what was tested. Throws an error that says what to do if it is not built. */
export function bundledCode(directory: string): AssetCode {
  const entry = join(directory, 'index.js');
  if (!existsSync(entry)) {
    throw new Error(`${entry}: no such file, expected the bundle of the function; run "npm run build" first`);
  }
  return Code.fromAsset(directory);
}
