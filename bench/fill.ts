import { createCase, updateCase } from '../local/cases/model/cases';
import { createField } from '../local/cases/model/fields';
import type { CasesServiceOptions } from '../local/cases/server';
import { type LocalStack, startLocalStack } from '../local/exporter/stack';

const HISTORY_AGE_MS = 2 * 86_400_000;

/** Local services whose Cases is two days back until `arrive` is called: what is made before is settled history. */
export async function startInThePast(cases: Omit<CasesServiceOptions, 'now'>) {
  let offsetMs = -HISTORY_AGE_MS;
  const stack = await startLocalStack({ cases: { ...cases, now: () => Date.now() + offsetMs } });
  const arrive = (): void => {
    offsetMs = 0;
  };
  return { stack, arrive };
}

/** What a domain is filled with, in the service's model, without HTTP. */
export interface Filling {
  readonly domainId: string;
  readonly cases: number;
  /** Case.Created included, which sets five fields more. */
  readonly eventsACase: number;
  /** Fields that each update changes: so many rows. */
  readonly fieldsAnEvent: number;
  /** Text of a field's new value; what it was before becomes the old one. No two may be alike. */
  readonly text?: (number: number) => string;
}

/** Makes the cases; their ids, in the order of creation. */
export function fillDomain(stack: LocalStack, filling: Filling): string[] {
  const { domainId, cases, eventsACase, fieldsAnEvent, text = ordinaryText } = filling;
  const { world } = stack.cases;
  const templateId = stack.cases.templateId(domainId);
  const fieldIds = Array.from(
    { length: fieldsAnEvent },
    (_, index) => createField(world, { domainId, name: `Field ${index}`, type: 'Text' }).fieldId,
  );
  let values = 0;
  return Array.from({ length: cases }, (_, index) => {
    const { caseId } = createCase(world, { domainId, templateId, fields: firstFields(index) });
    for (let update = 1; update < eventsACase; update += 1) {
      const fields = fieldIds.map((id) => ({ id, value: { stringValue: text(values++) } }));
      updateCase(world, { domainId, caseId, fields });
    }
    return caseId;
  });
}

let changes = 0;

/** One event more. */
export function changeCase(stack: LocalStack, domainId: string, caseId: string): void {
  changes += 1;
  const fields = [{ id: 'title', value: { stringValue: `Change ${changes}` } }];
  updateCase(stack.cases.world, { domainId, caseId, fields });
}

function firstFields(index: number) {
  const profile = `arn:aws:profile:us-east-1:111122223333:domains/d/profiles/${index}`;
  return [
    { id: 'title', value: { stringValue: `Case ${index}` } },
    { id: 'customer_id', value: { stringValue: profile } },
  ];
}

function ordinaryText(number: number): string {
  return `Value ${number}, as long as such texts are in most of the fields of a case`;
}
