/** Runs once before the tests of the infrastructure: each configuration is synthesised, its template kept as a file. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Scratch } from '../support/scratch';
import { CONFIGURATIONS, type Configuration } from './configurations';
import { makeStack, skipValidation } from './make-stack';
import { type Synthesized, TEMPLATES_VARIABLE, templateFile } from './templates';

// biome-ignore lint/style/noDefaultExport: jest asks for it.
export default function synthesizeAll(): void {
  const folder = mkdtempSync(join(tmpdir(), 'templates-'));
  const scratch = new Scratch();
  const resumeValidation = skipValidation();
  try {
    for (const [name, configuration] of Object.entries<Configuration>(CONFIGURATIONS)) {
      writeFileSync(templateFile(folder, name), JSON.stringify(synthesize(scratch, configuration)));
    }
  } finally {
    scratch.remove();
    resumeValidation();
  }
  // Workers inherit it.
  process.env[TEMPLATES_VARIABLE] = folder;
}

function synthesize(scratch: Scratch, { input, switches }: Configuration): Synthesized {
  const warnings: string[] = [];
  const { error } = console;
  console.error = (...words: unknown[]) => void warnings.push(words.join(' '));
  try {
    const { stack } = makeStack(scratch, input, switches);
    return { template: Template.fromStack(stack).toJSON(), warnings };
  } finally {
    console.error = error;
  }
}
