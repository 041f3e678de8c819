/** Tests that need a running Trino, started by `.ci/trino/run.sh`; `npm test` knows nothing of them. */
const { projects } = require('../../jest.config');

const { displayName: _, ...system } = projects.find(({ displayName }) => displayName === 'system');

/** @type {import('jest').Config} */
module.exports = {
  ...system,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/trino/**/*.trino.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/trino/set-up.ts',
  globalTeardown: '<rootDir>/test/trino/tear-down.ts',
  // One server, two cores.
  maxWorkers: 1,
};
