import type { Config } from 'jest';

const config: Config = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: { '^.+\\.[jt]s$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  // hyparquet ships as ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!hyparquet/)', '<rootDir>/dist/'],
  testEnvironmentOptions: { customExportConditions: ['node', 'require', 'import', 'default'] },
  testTimeout: 60_000,
  maxWorkers: 2,
};

export default config;
