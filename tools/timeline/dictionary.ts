/** What fields, select values and templates were called, as of each commit: the files `fields/domain_id=<id>/<seq>.json`. */
import { DICTIONARY, type FieldDefinition, type StoredDictionary } from '../../lambda/export/domain/fields';
import type { Archive } from '../cases-audit/archive/archive';
import { readIfSound } from './evidence';
import type { CommitFacts } from './facts';

/** Null and undefined where nobody knows a name. */
export interface Dictionary {
  /** As the newest file says. */
  fieldNow(fieldId: string): FieldDefinition | undefined;
  /** What a select value was called when the commit was made. */
  label(fieldId: string, value: string, commitSeq: number): string | null;
  /** As the newest file that knows it says. */
  templateName(templateId: string): string | null;
}

/** Reads what the manifests list; a file that is missing or cannot be read leaves its names unknown. */
export async function readDictionary(archive: Archive, commits: readonly CommitFacts[]): Promise<Dictionary> {
  const contents: StoredDictionary[] = [];
  for (const { key } of commits.flatMap(({ objects }) => objects)) {
    if (!key.startsWith('fields/') || key.split('/').includes('..')) continue;
    const content = await readIfSound(DICTIONARY, archive, key);
    if (content !== undefined) contents.push(content);
  }
  return dictionaryOf(contents);
}

/** Of what the files hold, in any order. */
export function dictionaryOf(contents: readonly StoredDictionary[]): Dictionary {
  const files = [...contents]
    .sort((a, b) => a.seq - b.seq)
    .map(({ seq, fields, options, templates }) => ({
      seq,
      fields: new Map(fields.map((field) => [field.fieldId, field])),
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
