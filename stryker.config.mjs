/**
 * Mutation testing of the pure core, on demand: `npm run mutate`, or one file of it:
 * `npm run mutate -- -m lambda/export/domain/skip.ts`. Results and their reading: `docs/mutation-testing.md`.
 */
import { fileURLToPath } from 'node:url';
import jestConfig from './jest.config.js';

// The pure core's tests need no time limit: Stryker has one for each mutant.
const {
  displayName: _,
  setupFilesAfterEnv: __,
  ...unit
} = jestConfig.projects.find(({ displayName }) => displayName === 'unit');

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
const options = {
  mutate: ['lambda/export/domain/**/*.ts'],
  testRunner: 'jest',
  jest: {
    projectType: 'custom',
    config: {
      ...unit,
      testEnvironment: fileURLToPath(new URL('./test/export/domain/stop-at-first-failure.cjs', import.meta.url)),
      testMatch: ['<rootDir>/test/export/domain/**/*.test.ts'],
      // The same mutants fall in every run.
      setupFiles: ['<rootDir>/test/export/domain/fixed-seed.ts'],
    },
  },
  coverageAnalysis: 'perTest',
  concurrency: 1,
  // Endless loops are ended by their count; time is only the last resort, so that a busy machine kills no mutant.
  timeoutMS: 60_000,
  // Nothing but the core and its tests is copied, not even jest.config.js, whose projects would be run in place of the above.
  // Types are checked by `npm run typecheck`.
  ignorePatterns: ['**', '!package.json', '!lambda/export/domain/**', '!test/export/domain/**'],
  tempDirName: '.stryker-tmp',
  reporters: ['clear-text', 'progress', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: 'reports/mutation.json' },
  incrementalFile: 'reports/mutation-incremental.json',
  thresholds: { high: 95, low: 90, break: 85 },
};

// biome-ignore lint/style/noDefaultExport: Stryker reads the default export.
export default options;
