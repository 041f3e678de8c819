/** Templates that `synthesize-all.ts` has made before the tests, and what is in them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import type { ConfigurationName } from './configurations';

/** Environment variable with the folder of the templates. */
export const TEMPLATES_VARIABLE = 'SYNTHESIZED_TEMPLATES';

/** What a synth gave. */
export interface Synthesized {
  readonly template: Record<string, unknown>;
  /** What it wrote for the person at the terminal. */
  readonly warnings: readonly string[];
}

export function templateFile(folder: string, name: string): string {
  return join(folder, `${name}.json`);
}

/** The template of a configuration. */
export function templateOf(name: ConfigurationName): Template {
  return Template.fromJSON(synthesized(name).template);
}

/** What the synth of a configuration warned of. */
export function warningsOf(name: ConfigurationName): readonly string[] {
  return synthesized(name).warnings;
}

function synthesized(name: ConfigurationName): Synthesized {
  const folder = process.env[TEMPLATES_VARIABLE];
  if (folder === undefined) {
    throw new Error(
      'There are no templates: expected this file to be of the project "infrastructure" (jest.config.js)',
    );
  }
  return JSON.parse(readFileSync(templateFile(folder, name), 'utf8')) as Synthesized;
}

/** A resource of a template. Properties are as CloudFormation gets them. */
export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is JSON of any shape, and each test names the path it pins.
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** The resources of a type, by logical id. */
export function resources(template: Template, type: string): Map<string, Resource> {
  return new Map(Object.entries(template.findResources(type)) as [string, Resource][]);
}

/** The one resource of a type whose logical id begins so; fails if there is another number of them. */
export function resource(template: Template, type: string, idPrefix = ''): Resource {
  const found = [...resources(template, type)].filter(([id]) => id.startsWith(idPrefix));
  expect(found.map(([id]) => id)).toHaveLength(1);
  const [only] = found;
  if (only === undefined) throw new Error('unreachable: one was found');
  return only[1];
}
