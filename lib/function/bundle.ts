import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';
import { PACKAGE_ROOT } from '../text-file';

/** The folder of `npm run build`, with one folder per bundle. */
export const BUNDLE_DIRECTORY = join(PACKAGE_ROOT, 'dist', 'lambda');

/**
 * The deployed functions: the exporters, the scheduled check of the archive, and the deployment's own helper that
 * publishes public keys.
 */
export type BundleName = 'export' | 'verify' | 'keys';

/** Returns a bundle as it lies on disk, byte for byte as tested. Throws an error with the remedy if it is not built. */
export function bundledCode(bundleDirectory: string, name: BundleName): AssetCode {
  const directory = join(bundleDirectory, name);
  const entry = join(directory, 'index.js');
  if (!existsSync(entry)) {
    throw new Error(`${entry}: no such file, expected the bundle of the function; run "npm run build" first`);
  }
  return Code.fromAsset(directory);
}
