/** What fields, options and templates were called, commit by commit, straight from the dictionaries. */
import type { StoredDictionary } from '../../../../lambda/export/domain/fields';
import type { Cell, Row } from './canonical';
import type { DomainFacts, Facts } from './facts';

/** The dictionary that holds for a commit: the newest that is not newer. */
export function dictionaryAt(domain: DomainFacts, commitSeq: number): StoredDictionary | undefined {
  return domain.dictionaries.findLast(({ seq }) => seq <= commitSeq);
}

interface Entry {
  /** What it is, such as a field's id. */
  readonly key: Row;
  readonly says: Row;
}

/** Walks from dictionary to dictionary: a span opens where something is first said, and closes where it no longer is. */
function spans(facts: Facts, entriesOf: (dictionary: StoredDictionary) => readonly Entry[]): Row[] {
  return facts.domains.flatMap((domain) => {
    const open = new Map<string, { row: Row; from: number }>();
    const closed: Row[] = [];
    const close = (id: string, to: Cell) => {
      const span = open.get(id);
      if (span !== undefined) closed.push({ domain_id: domain.domainId, ...span.row, from_seq: span.from, to_seq: to });
      open.delete(id);
    };
    for (const dictionary of domain.dictionaries) {
      const said = new Map(entriesOf(dictionary).map(({ key, says }) => [JSON.stringify(key), { ...key, ...says }]));
      for (const [id, { row }] of [...open]) {
        if (JSON.stringify(said.get(id)) !== JSON.stringify(row)) close(id, dictionary.seq);
      }
      for (const [id, row] of said) if (!open.has(id)) open.set(id, { row, from: dictionary.seq });
    }
    for (const id of [...open.keys()]) close(id, null);
    return closed;
  });
}

export function fieldDictionary(facts: Facts): Row[] {
  return spans(facts, ({ fields }) =>
    fields.map(({ fieldId, name, type, namespace, deleted }) => ({
      key: { field_id: fieldId },
      says: { name, type, namespace, deleted },
    })),
  );
}

export function optionLabels(facts: Facts): Row[] {
  return spans(facts, ({ options = [] }) =>
    options.flatMap(({ fieldId, options: all }) =>
      (all ?? []).map(({ value, name, active }) => ({
        key: { field_id: fieldId, value },
        says: { label: name, active },
      })),
    ),
  );
}

export function templateNames(facts: Facts): Row[] {
  return spans(facts, ({ templates }) =>
    (templates?.templates ?? []).map(({ templateId, name, status }) => ({
      key: { template_id: templateId },
      says: { name, status },
    })),
  );
}
