/**
 * VERIFY.md, as it goes into a bag. The one file of the command line has its text within (`scripts/build-bundle.ts`).
 */
import { join } from 'node:path';
import { readText } from '../../../lib/text-file';

export const VERIFY_PAGE: string = readText(join(__dirname, '../../../VERIFY.md'));
