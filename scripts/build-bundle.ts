import { chmodSync, cpSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { readText } from '../lib/text-file';

/** By the folder of the handler, each to a folder of its own below `dist/lambda`. */
const FUNCTIONS = ['export', 'verify', 'keys'] as const;
const COMMAND_LINE = 'dist/cases-audit.js';
const QUERY = 'dist/cases-audit-query.js';
const DOCTOR = 'dist/cases-audit-doctor.js';

/** Node 20 is the oldest version on which the project's own tests run. */
const SHARED = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions;

/**
 * Builds the bundle of a function, SDK included, as one CommonJS file. The same bytes are what the tests run and what CDK deploys.
 * The function itself is deployed on Node 24.
 */
async function buildFunction(name: (typeof FUNCTIONS)[number]): Promise<void> {
  const result = await build({
    ...SHARED,
    entryPoints: [`lambda/${name}/handler.ts`],
    outfile: `dist/lambda/${name}/index.js`,
    minify: true,
    // parquetjs-lite's generated Thrift code assigns to undeclared names, which "use strict" for the whole bundle would refuse.
    tsconfigRaw: { compilerOptions: { alwaysStrict: false, strict: false } },
    metafile: true,
  });
  // What is in the exporter's bundle; the others are small beside it.
  if (name === 'export') writeFileSync('dist/lambda/meta.json', JSON.stringify(result.metafile));
}

/**
 * Builds `cases-audit` as one file that runs with Node alone. Not minified: whoever relies on its verdict can read what it does.
 * Its `query` loads a second file, which needs DuckDB and the package's SQL, and its `doctor` a third, whose clients of AWS are half of all.
 */
async function buildCommandLine(): Promise<void> {
  const entryPoints = ['tools/cases-audit/main.ts'];
  await build({ ...SHARED, entryPoints, outfile: COMMAND_LINE, plugins: [BESIDE, WITHIN] });
  chmodSync(COMMAND_LINE, 0o755);
}

/** The import of a program of its own becomes one of the file beside. */
const BESIDE: Plugin = {
  name: 'programs beside',
  setup({ onResolve }) {
    onResolve({ filter: /\/query\/main$/ }, () => ({ path: `./${basename(QUERY)}`, external: true }));
    onResolve({ filter: /^\.\/program$/ }, () => ({ path: `./${basename(DOCTOR)}`, external: true }));
  },
};

/** The page that goes into a bag becomes part of the file. */
const WITHIN: Plugin = {
  name: 'VERIFY.md within',
  setup({ onLoad }) {
    onLoad({ filter: /bag[\\/]verify-page\.ts$/ }, () => ({
      contents: `export const VERIFY_PAGE = ${JSON.stringify(readText('VERIFY.md'))};`,
    }));
  },
};

async function buildDoctor(): Promise<void> {
  await build({ ...SHARED, entryPoints: ['tools/cases-audit/doctor/program.ts'], outfile: DOCTOR });
}

async function buildQuery(): Promise<void> {
  const external = ['@duckdb/node-api'];
  await build({ ...SHARED, entryPoints: ['tools/query/main.ts'], outfile: QUERY, external });
  cpSync('tools/query/duckdb', 'dist/duckdb', { recursive: true });
}

void Promise.all([...FUNCTIONS.map(buildFunction), buildCommandLine(), buildQuery(), buildDoctor()]);
