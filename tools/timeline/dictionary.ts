/** What fields, select values and templates were called, as of each commit: the files `fields/domain_id=<id>/<seq>.json`. */
import { join } from 'node:path';
import * as z from 'zod';
import { readJson } from './evidence';
import type { CommitFacts } from './facts';

const dictionaryJson = z.object({
  seq: z.int(),
  fields: z.array(
    z.object({
      fieldId: z.string(),
      name: z.string().nullable(),
      type: z.string().nullable(),
      deleted: z.boolean(),
    }),
  ),
  options: z
    .array(
      z.object({
        fieldId: z.string(),
        options: z.array(z.object({ value: z.string(), name: z.string().nullable() })).nullable(),
      }),
    )
    .nullish(),
  templates: z
    .object({ templates: z.array(z.object({ templateId: z.string(), name: z.string().nullable() })).nullable() })
    .nullish(),
});

interface FieldNow {
  readonly name: string | null;
  readonly type: string | null;
  readonly deleted: boolean;
}

/** Null and undefined where nobody knows a name. */
export interface Dictionary {
  /** As the newest file says. */
  fieldNow(fieldId: string): FieldNow | undefined;
  /** What a select value was called when the commit was made. */
  label(fieldId: string, value: string, commitSeq: number): string | null;
  /** As the newest file that knows it says. */
  templateName(templateId: string): string | null;
}

/** Reads what the manifests list; a file that is missing or cannot be read leaves its names unknown. */
export function readDictionary(archive: string, commits: readonly CommitFacts[]): Dictionary {
  const keys = commits.flatMap(({ objects }) => objects).map(({ key }) => key);
  return dictionaryOf(
    keys
      .filter((key) => key.startsWith('fields/') && !key.split('/').includes('..'))
      .map((key) => readJson(join(archive, key))),
  );
}

/** Of the files' contents, in any order. What is not a dictionary is left out. */
export function dictionaryOf(contents: readonly unknown[]): Dictionary {
  const files = contents
    .flatMap((content) => dictionaryJson.safeParse(content).data ?? [])
    .sort((a, b) => a.seq - b.seq)
    .map(({ seq, fields, options, templates }) => ({
      seq,
      fields: new Map(fields.map(({ fieldId, ...field }) => [fieldId, field])),
      labels: new Map(
        options?.flatMap(({ fieldId, options: values }) =>
          (values ?? []).map(({ value, name }) => [labelKey(fieldId, value), name] as const),
        ),
      ),
      templates: new Map(templates?.templates?.map(({ templateId, name }) => [templateId, name])),
    }));
  return {
    fieldNow: (fieldId) => files.at(-1)?.fields.get(fieldId),
    label: (fieldId, value, commitSeq) =>
      files.findLast(({ seq }) => seq <= commitSeq)?.labels.get(labelKey(fieldId, value)) ?? null,
    templateName: (templateId) =>
      files.findLast(({ templates }) => templates.get(templateId))?.templates.get(templateId) ?? null,
  };
}

function labelKey(fieldId: string, value: string): string {
  return JSON.stringify([fieldId, value]);
}
