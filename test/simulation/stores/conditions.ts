/** What a condition says of an item, and what changes make of it: the rules of the service, where the exporter can meet them. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Changes, Condition } from '../../../lambda/export/aws/table-requests';
import { areEqual, type Item, numberOf, orderOf, typeOf } from './attribute-values';

type Change = Changes[string];
type Comparator = Extract<Condition, { is: unknown }>['is'];

/** The service would refuse the request, or it asks for what is not simulated. */
class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';
}

/** @throws InvalidRequest */
export function refuse(what: string): never {
  throw new InvalidRequest(what);
}

/** Whether the condition holds of an item; one that is not there has no attributes. */
export function holds(condition: Condition, item: Item | undefined, values: Item): boolean {
  if ('allOf' in condition) return condition.allOf.every((each) => holds(each, item, values));
  if ('anyOf' in condition) return condition.anyOf.some((each) => holds(each, item, values));
  if ('absent' in condition) return valueAt(item, condition.absent) === undefined;
  return compares(condition.is, valueAt(item, condition.path), named(condition.value, values));
}

/** The item after the changes. Every attribute is read as it was before. */
export function changed(changes: Changes, item: Item, values: Item): Item {
  const after = Object.entries(changes).map(([name, change]) => [name, valueAfter(change, item[name], values)]);
  return { ...item, ...Object.fromEntries(after) };
}

/**
 * What the service refuses before it looks at any item: values that an operator cannot take, that are not given, or that
 * nothing names.
 *
 * @throws InvalidRequest
 */
export function check(values: Item, condition?: Condition, changes: Changes = {}): void {
  const used = new Set([...namesIn(condition), ...Object.values(changes).flatMap(namesOfChange)]);
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0) refuse(`Value provided is unused in expressions: ${unused.join()}`);
  if (condition !== undefined) checkOrder(condition, values);
  for (const [name, change] of Object.entries(changes)) {
    if (!/^\w+$/.test(name)) refuse(`a change within a map is not simulated: ${name}`);
    for (const value of namesOfChange(change)) named(value, values);
    const added = typeof change === 'string' || change.plus === undefined ? 'N' : typeOf(named(change.plus, values));
    if (added !== 'N') refuse(`Incorrect operand type for operator or function: + of ${added}`);
  }
}

function checkOrder(condition: Condition, values: Item): void {
  if ('allOf' in condition || 'anyOf' in condition) {
    for (const each of 'allOf' in condition ? condition.allOf : condition.anyOf) checkOrder(each, values);
  } else if ('is' in condition) {
    const type = typeOf(named(condition.value, values));
    const isOrder = condition.is !== '=' && condition.is !== '<>';
    if (isOrder && !['S', 'N', 'B'].includes(type)) {
      refuse(`Incorrect operand type for operator or function: ${condition.is} of ${type}`);
    }
  }
}

function namesIn(condition: Condition | undefined): string[] {
  if (condition === undefined || 'absent' in condition) return [];
  if ('is' in condition) return [condition.value];
  return ('allOf' in condition ? condition.allOf : condition.anyOf).flatMap(namesIn);
}

function namesOfChange(change: Change): string[] {
  if (typeof change === 'string') return [change];
  return change.plus === undefined ? [change.unlessThere] : [change.unlessThere, change.plus];
}

function named(name: string, values: Item): AttributeValue {
  return values[name] ?? refuse(`${name} is used and not defined`);
}

function valueAt(item: Item | undefined, path: string): AttributeValue | undefined {
  let attributes = item;
  let found: AttributeValue | undefined;
  for (const name of path.split('.')) {
    found = attributes?.[name];
    attributes = found?.M;
  }
  return found;
}

function valueAfter(change: Change, before: AttributeValue | undefined, values: Item): AttributeValue {
  if (typeof change === 'string') return named(change, values);
  const value = before ?? named(change.unlessThere, values);
  return change.plus === undefined ? value : sum(value, named(change.plus, values));
}

function sum(left: AttributeValue, right: AttributeValue): AttributeValue {
  if (left.N === undefined || right.N === undefined) {
    refuse(`An operand in the update expression has an incorrect data type: + of ${typeOf(left)} and ${typeOf(right)}`);
  }
  const total = String(numberOf(left.N) + numberOf(right.N));
  numberOf(total);
  return { N: total };
}

/** An attribute that is not there differs from everything, and is neither below nor above it. */
function compares(comparator: Comparator, left: AttributeValue | undefined, right: AttributeValue): boolean {
  if (left === undefined) return comparator === '<>';
  if (comparator === '=') return areEqual(left, right);
  if (comparator === '<>') return !areEqual(left, right);
  const order = orderOf(left, right);
  if (order === undefined) return false;
  if (comparator === '<') return order < 0;
  if (comparator === '<=') return order <= 0;
  return comparator === '>' ? order > 0 : order >= 0;
}
