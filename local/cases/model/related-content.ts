import { EMPTY, type FieldChange, type FieldValue, type FieldValueUnion, isoTime, sameValue } from './values';

interface Comment {
  readonly body: string;
  readonly contentType: 'Text/Plain';
}

interface SlaInput {
  readonly name: string;
  readonly type: 'CaseField';
  readonly fieldId?: string | undefined;
  readonly targetFieldValues?: readonly FieldValueUnion[] | undefined;
  readonly targetSlaMinutes: number;
}

/** Content as CreateRelatedItem takes it: exactly one member. */
export type ItemInput =
  | { readonly contact: { readonly contactArn: string } }
  | { readonly comment: Comment }
  | { readonly file: { readonly fileArn: string } }
  | { readonly sla: { readonly slaInputConfiguration: SlaInput } }
  | { readonly connectCase: { readonly caseId: string } }
  | { readonly custom: { readonly fields: readonly FieldValue[] } };

/** Content as UpdateRelatedItem takes it. */
export type ItemUpdate =
  | Extract<ItemInput, { readonly comment: Comment }>
  | Extract<ItemInput, { readonly custom: object }>;

/** Content as the API shows it. */
export type ItemContent =
  | {
      readonly contact: {
        readonly contactArn: string;
        readonly channel: string;
        readonly connectedToSystemTime: string;
      };
    }
  | { readonly comment: Comment }
  | { readonly file: { readonly fileArn: string } }
  | {
      readonly sla: {
        readonly slaConfiguration: Omit<SlaInput, 'targetSlaMinutes'> & {
          readonly status: 'Active';
          readonly targetTime: string;
        };
      };
    }
  | { readonly connectCase: { readonly caseId: string } }
  | { readonly custom: { readonly fields: readonly FieldValue[] } };

/**
 * Turns the given content into stored content. A contact is a voice contact of the moment; an SLA is active until its
 * target.
 */
export function itemContent(input: ItemInput, now: number): ItemContent {
  if ('contact' in input) {
    return { contact: { ...input.contact, channel: 'VOICE', connectedToSystemTime: isoTime(now) } };
  }
  if ('sla' in input) {
    const { targetSlaMinutes, ...kept } = input.sla.slaInputConfiguration;
    const targetTime = isoTime(now + targetSlaMinutes * 60_000);
    return { sla: { slaConfiguration: { ...kept, status: 'Active', targetTime } } };
  }
  return input;
}

/**
 * The event fields of a change of content: new and different members, and removed ones as an empty value. Their ids are
 * the names of the content's members, or the field ids of a custom item (assumed: AWS documents neither).
 */
export function changesOfContent(before: ItemContent | undefined, after: ItemContent): readonly FieldChange[] {
  const old = before === undefined ? new Map<string, FieldValueUnion>() : contentValues(before);
  const current = contentValues(after);
  const changed = [...current].flatMap(([fieldId, value]): FieldChange[] => {
    const previous = old.get(fieldId);
    const unchanged = previous !== undefined && sameValue(previous, value);
    return unchanged ? [] : [{ fieldId, before: previous, after: value }];
  });
  const gone = [...old].filter(([fieldId]) => !current.has(fieldId));
  return [...changed, ...gone.map(([fieldId, value]): FieldChange => ({ fieldId, before: value, after: EMPTY }))];
}

function contentValues(content: ItemContent): Map<string, FieldValueUnion> {
  if ('custom' in content) return new Map(content.custom.fields.map(({ id, value }) => [id, value]));
  const members =
    'sla' in content
      ? content.sla.slaConfiguration
      : ((Object.values(content)[0] ?? {}) as Readonly<Record<string, unknown>>);
  return new Map(
    Object.entries(members).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, { stringValue: value }] as const] : [],
    ),
  );
}
