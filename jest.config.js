/**
 * Four projects; `test/README.md` says which folders they hold. `npm test` leaves out `slow`, `npm run test:all` runs all.
 */

// The SDK asks for a newer Node than the oldest that the tests run on. Workers and child processes inherit the variable.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const SLOW = '\\.slow\\.test\\.ts$';

const shared = {
  testEnvironment: 'node',
  transform: { '^.+\\.[jt]s$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  // hyparquet ships as ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!hyparquet/)', '<rootDir>/dist/'],
  testPathIgnorePatterns: ['/node_modules/', SLOW],
  // In a test's sandbox each mention of a global is a slow look-up, unless the global is injected: a fifth of the time.
  sandboxInjectedGlobals: ['Array', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Set', 'String'],
};

/** A limit is for tests that hang; it never measures the machine. */
const limitedTo = (milliseconds) => ({
  globals: { TIME_LIMIT_MS: milliseconds },
  setupFilesAfterEnv: ['<rootDir>/test/support/time-limit.ts'],
});

/** Pure code and fakes: no server, no process, no wait. */
const unit = {
  ...shared,
  displayName: 'unit',
  testMatch: ['<rootDir>/test/{export,fakes,simulation}/**/*.test.ts'],
  testPathIgnorePatterns: [...shared.testPathIgnorePatterns, '<rootDir>/test/export/aws/'],
  ...limitedTo(30_000),
};

/** Templates, each made once before the tests. */
const infrastructure = {
  ...shared,
  displayName: 'infrastructure',
  testMatch: ['<rootDir>/test/lib/**/*.test.ts'],
  globalSetup: '<rootDir>/test/lib/synthesize-all.ts',
  globalTeardown: '<rootDir>/test/lib/remove-templates.ts',
  ...limitedTo(240_000),
};

/** Servers, files, the built bundle: whatever no other project holds. */
const system = {
  ...shared,
  displayName: 'system',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: [
    ...shared.testPathIgnorePatterns,
    '<rootDir>/test/(fakes|lib|simulation)/',
    '<rootDir>/test/export/(?!aws/)',
  ],
  ...limitedTo(240_000),
};

/** Much work, many processes, many worlds. */
const slow = {
  ...shared,
  displayName: 'slow',
  testMatch: ['<rootDir>/test/**/*.slow.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  ...limitedTo(1_200_000),
};

/** @type {import('jest').Config} */
module.exports = {
  projects: [unit, infrastructure, system, slow],
  maxWorkers: '100%',
  // A worker that has not ended by then leaks; one that needs a second on a busy machine does not.
  workerGracefulExitTimeout: 30_000,
};
