/** Tests that need a running Trino, started by `.ci/trino/run.sh`; `npm test` knows nothing of them. */
const base = require('../../jest.config');

/** @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/trino/**/*.trino.ts'],
  globalSetup: '<rootDir>/test/trino/set-up.ts',
  globalTeardown: '<rootDir>/test/trino/tear-down.ts',
  // One server, two cores.
  maxWorkers: 1,
};
