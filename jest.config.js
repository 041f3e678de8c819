/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: { '^.+\\.[jt]s$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  // hyparquet ships as ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!hyparquet/)', '<rootDir>/dist/'],
  testTimeout: 240_000,
  // Some wait for processes most of the time.
  maxWorkers: 3,
};
