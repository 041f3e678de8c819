/** The fields of the domain: a few at the start, others come and go. None is ever renamed, so names can be foretold. */
import type { FieldDefinition } from '../../../lambda/export/domain/fields';
import type { Domain } from './domain';

const AT_START: readonly (readonly [string, string, string, string])[] = [
  ['title', 'Title', 'Text', 'System'],
  ['status', 'Status', 'Text', 'System'],
  ['customer_id', 'Customer', 'Text', 'System'],
  ['field-priority', 'Priority', 'SingleSelect', 'Custom'],
  ['field-amount', 'Amount (€)', 'Number', 'Custom'],
  ['field-vip', 'VIP', 'Boolean', 'Custom'],
];

export class FieldBook {
  #made = 0;
  #aliveIds: readonly string[] | undefined;

  constructor(private readonly domain: Domain) {
    for (const [fieldId, name, type, namespace] of AT_START) {
      domain.fields.set(fieldId, { fieldId, name, type, namespace, deleted: false });
    }
  }

  /** Those that are not deleted, in the order in which they came. */
  alive(): FieldDefinition[] {
    return [...this.domain.fields.values()].filter(({ deleted }) => !deleted);
  }

  aliveIds(): readonly string[] {
    this.#aliveIds ??= this.alive().map(({ fieldId }) => fieldId);
    return this.#aliveIds;
  }

  create(name?: string): string {
    this.#made += 1;
    const fieldId = `field-${this.#made}`;
    const definition = { name: name ?? `Field ${this.#made}`, type: 'Text', namespace: 'Custom', deleted: false };
    this.domain.fields.set(fieldId, { fieldId, ...definition });
    this.#aliveIds = undefined;
    return fieldId;
  }

  /** @throws Error if there is no such field: a mistake of the caller. */
  delete(fieldId: string): void {
    const field = this.domain.fields.get(fieldId);
    if (field === undefined) throw new Error(`There is no field ${fieldId} to delete.`);
    this.domain.fields.set(fieldId, { ...field, deleted: true });
    this.#aliveIds = undefined;
  }

  customIds(): string[] {
    return this.alive()
      .filter(({ namespace }) => namespace === 'Custom')
      .map(({ fieldId }) => fieldId);
  }
}
