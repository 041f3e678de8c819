/** What an expression says of an item, or makes of it: the rules of the service, where the exporter can meet them. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { areEqual, type Item, numberOf, orderOf, typeOf } from './attribute-values';
import {
  type Comparator,
  type Condition,
  ExpressionError,
  type Operand,
  type Path,
  type Update,
} from './expression-parser';

/** What `#alias` and `:alias` stand for. */
export interface Aliases {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
}

/** Whether the condition holds of an item; one that is not there has no attributes. */
export function holds(condition: Condition, item: Item | undefined, aliases: Aliases): boolean {
  switch (condition.kind) {
    case 'and':
      return holds(condition.left, item, aliases) && holds(condition.right, item, aliases);
    case 'or':
      return holds(condition.left, item, aliases) || holds(condition.right, item, aliases);
    case 'not':
      return !holds(condition.inner, item, aliases);
    case 'exists':
      return (valueAt(item, condition.path, aliases) !== undefined) === condition.expected;
    case 'begins-with':
      return beginsWith(condition, item, aliases);
    case 'compare':
      return compares(
        condition.comparator,
        operandValue(condition.left, item, aliases),
        operandValue(condition.right, item, aliases),
      );
  }
}

/** The item after the update. Every operand is read from the item as it was before. */
export function updated(update: Update, item: Item, aliases: Aliases): Item {
  const after: Record<string, AttributeValue> = { ...item };
  const touched = new Set<string>();
  for (const { path, value } of update.set) {
    const assigned = operandValue(value, item, aliases);
    if (assigned === undefined) fail('The provided expression refers to an attribute that does not exist in the item');
    after[claim(path, touched, aliases)] = assigned;
  }
  for (const path of update.remove) delete after[claim(path, touched, aliases)];
  return after;
}

/** The name that an alias stands for. */
export function nameOf(alias: string, { names }: Aliases): string {
  return names[alias] ?? fail(`An expression attribute name used in the document path is not defined: ${alias}`);
}

/** An attribute may be changed once. Within maps nothing is changed in place by the exporter. */
function claim(path: Path, touched: Set<string>, aliases: Aliases): string {
  const [outermost, ...within] = path;
  if (outermost === undefined || within.length > 0) fail(`an update within ${path[0]} is not simulated`);
  const name = nameOf(outermost, aliases);
  if (touched.has(name)) fail(`Two document paths overlap with each other: ${name}`);
  touched.add(name);
  return name;
}

function valueAt(item: Item | undefined, path: Path, aliases: Aliases): AttributeValue | undefined {
  let attributes = item;
  let found: AttributeValue | undefined;
  for (const alias of path) {
    found = attributes?.[nameOf(alias, aliases)];
    attributes = found?.M;
  }
  return found;
}

function operandValue(operand: Operand, item: Item | undefined, aliases: Aliases): AttributeValue | undefined {
  switch (operand.kind) {
    case 'value':
      return (
        aliases.values[operand.alias] ?? fail(`An expression attribute value used is not defined: ${operand.alias}`)
      );
    case 'path':
      return valueAt(item, operand.path, aliases);
    case 'if-not-exists':
      return valueAt(item, operand.path, aliases) ?? operandValue(operand.otherwise, item, aliases);
    case 'sum':
      return sum(operandValue(operand.left, item, aliases), operandValue(operand.right, item, aliases));
  }
}

function sum(left: AttributeValue | undefined, right: AttributeValue | undefined): AttributeValue {
  if (left === undefined || right === undefined) {
    fail('The provided expression refers to an attribute that does not exist in the item');
  }
  if (left.N === undefined || right.N === undefined) {
    fail(`An operand in the update expression has an incorrect data type: + of ${typeOf(left)} and ${typeOf(right)}`);
  }
  const total = String(numberOf(left.N) + numberOf(right.N));
  numberOf(total);
  return { N: total };
}

/** An attribute that is not there differs from everything, and is neither below nor above it. */
function compares(
  comparator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  if (left === undefined || right === undefined) return comparator === '<>';
  if (comparator === '=') return areEqual(left, right);
  if (comparator === '<>') return !areEqual(left, right);
  const order = orderOf(left, right);
  if (order === undefined) return false;
  if (comparator === '<') return order < 0;
  if (comparator === '<=') return order <= 0;
  return comparator === '>' ? order > 0 : order >= 0;
}

function beginsWith(
  { subject, prefix }: Extract<Condition, { kind: 'begins-with' }>,
  item: Item | undefined,
  aliases: Aliases,
): boolean {
  const start = operandValue(prefix, item, aliases);
  if (start?.S === undefined) fail('begins_with of anything but a string is not simulated');
  return operandValue(subject, item, aliases)?.S?.startsWith(start.S) ?? false;
}

function fail(what: string): never {
  throw new ExpressionError(what);
}
