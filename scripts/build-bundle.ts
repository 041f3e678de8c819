import { writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const OUTPUT = 'dist/lambda/export/index.js';

/**
 * Builds the Lambda bundle, SDK included, as one CommonJS file. The same bytes are what the tests run and what CDK deploys.
 * Target Node 20: the oldest version on which the project's own tests run; the function itself is deployed on Node 24.
 */
async function buildBundle(): Promise<void> {
  const result = await build({
    entryPoints: ['lambda/export/handler.ts'],
    outfile: OUTPUT,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    // parquetjs-lite's generated Thrift code assigns to undeclared names, which "use strict" for the whole bundle would refuse.
    tsconfigRaw: { compilerOptions: { alwaysStrict: false, strict: false } },
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  writeFileSync('dist/lambda/meta.json', JSON.stringify(result.metafile));
}

void buildBundle();
