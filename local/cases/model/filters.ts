import { validationError } from './api-error';
import { bareValue, checkValueOfType, compareValues, type FieldValue, type FieldValueUnion, sameValue } from './values';
import type { CaseFields, Domain, Field } from './world';

/** Compares one field with one value: exactly one operator. */
type FieldFilter =
  | { readonly equalTo: FieldValue }
  | { readonly contains: FieldValue }
  | { readonly greaterThan: FieldValue }
  | { readonly greaterThanOrEqualTo: FieldValue }
  | { readonly lessThan: FieldValue }
  | { readonly lessThanOrEqualTo: FieldValue };

interface TagFilter {
  readonly equalTo: { readonly key?: string | undefined; readonly value?: string | undefined };
}

/** The whole filter union of SearchCases; without `tag` it is that of custom related items. */
export type CaseFilter =
  | { readonly field: FieldFilter }
  | { readonly not: CaseFilter }
  | { readonly tag: TagFilter }
  | { readonly andAll: readonly CaseFilter[] }
  | { readonly orAll: readonly CaseFilter[] };

/** The fields and tags that a filter compares. */
interface Filtered {
  readonly fields: CaseFields;
  readonly tags: Readonly<Record<string, string>>;
}

type Predicate = (subject: Filtered) => boolean;

/**
 * The filter as a predicate. Throws ValidationException for a field that the domain does not have, or a value or
 * operator that does not suit its type. A field without a value satisfies nothing but `equalTo` an empty value. An
 * empty andAll lets everything pass, an empty orAll nothing.
 */
export function compileFilter(domain: Domain, filter: CaseFilter): Predicate {
  if ('field' in filter) return compileFieldFilter(domain, filter.field);
  if ('tag' in filter) {
    const { key, value } = filter.tag.equalTo;
    return ({ tags }) => key !== undefined && tags[key] !== undefined && (value === undefined || tags[key] === value);
  }
  if ('not' in filter) {
    const inner = compileFilter(domain, filter.not);
    return (subject) => !inner(subject);
  }
  const list = 'andAll' in filter ? filter.andAll : filter.orAll;
  const parts = list.map((part) => compileFilter(domain, part));
  return 'andAll' in filter
    ? (subject) => parts.every((part) => part(subject))
    : (subject) => parts.some((part) => part(subject));
}

/** Throws ValidationException unless the domain has, or had, a field of this id. */
export function knownField(domain: Domain, fieldId: string): Field {
  const field = domain.fields.get(fieldId);
  if (field === undefined) throw validationError(`Field ${fieldId} does not exist in domain ${domain.domainId}`);
  return field;
}

function compileFieldFilter(domain: Domain, filter: FieldFilter): Predicate {
  const [operator, operand] = Object.entries(filter)[0] as [string, FieldValue];
  const field = knownField(domain, operand.id);
  checkValueOfType(operand.id, field.type, operand.value);
  const holds = operatorTest(field, operator, operand);
  return ({ fields }) => holds(fields.get(operand.id));
}

function operatorTest(
  field: Field,
  operator: string,
  { value: wanted }: FieldValue,
): (value: FieldValueUnion | undefined) => boolean {
  const isEmpty = (value: FieldValueUnion | undefined) => value === undefined || 'emptyValue' in value;
  if (isEmpty(wanted)) {
    if (operator !== 'equalTo')
      throw validationError(`An empty value can be compared by equalTo only, not ${operator}`);
    return isEmpty;
  }
  if (operator === 'contains') return containsTest(field, wanted);
  const ordered = (test: (order: number) => boolean) => (value: FieldValueUnion | undefined) =>
    value !== undefined && !isEmpty(value) && !isNaNValue(value) && test(compareValues(field.type, value, wanted));
  switch (operator) {
    case 'equalTo':
      return field.type === 'DateTime'
        ? ordered((order) => order === 0)
        : (value) => value !== undefined && sameValue(value, wanted);
    case 'greaterThan':
      return ordered((order) => order > 0);
    case 'greaterThanOrEqualTo':
      return ordered((order) => order >= 0);
    case 'lessThan':
      return ordered((order) => order < 0);
    default:
      return ordered((order) => order <= 0);
  }
}

function containsTest(field: Field, wanted: FieldValueUnion): (value: FieldValueUnion | undefined) => boolean {
  const part = bareValue(wanted);
  if (typeof part !== 'string') throw validationError(`Field ${field.fieldId} of type ${field.type} has no contains`);
  const lower = part.toLowerCase();
  return (value) => {
    const text = value === undefined ? null : bareValue(value);
    return typeof text === 'string' && text.toLowerCase().includes(lower);
  };
}

function isNaNValue(value: FieldValueUnion): boolean {
  return Number.isNaN(bareValue(value));
}
