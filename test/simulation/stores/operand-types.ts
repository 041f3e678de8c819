/** What the service refuses before it looks at any item: values of the request that an operator cannot take. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { typeOf, type ValueType } from './attribute-values';
import { type Condition, ExpressionError, type Operand, type Update } from './expression-parser';

type Values = Readonly<Record<string, AttributeValue>>;

const ORDERED: readonly ValueType[] = ['S', 'N', 'B'];

/** @throws ExpressionError */
export function checkConditionTypes(condition: Condition, values: Values): void {
  switch (condition.kind) {
    case 'and':
    case 'or':
      checkConditionTypes(condition.left, values);
      checkConditionTypes(condition.right, values);
      return;
    case 'not':
      checkConditionTypes(condition.inner, values);
      return;
    case 'begins-with':
      checkOperand(condition.prefix, values, ['S', 'B'], 'begins_with');
      return;
    case 'compare': {
      const { comparator, left, right } = condition;
      if (comparator === '=' || comparator === '<>') return;
      for (const operand of [left, right]) checkOperand(operand, values, ORDERED, comparator);
    }
  }
}

/** @throws ExpressionError */
export function checkUpdateTypes({ set }: Update, values: Values): void {
  for (const { value } of set) {
    if (value.kind !== 'sum') continue;
    for (const operand of [value.left, value.right]) checkOperand(operand, values, ['N'], '+');
  }
}

function checkOperand(operand: Operand, values: Values, allowed: readonly ValueType[], operator: string): void {
  const value = operand.kind === 'value' ? values[operand.alias] : undefined;
  if (value === undefined || allowed.includes(typeOf(value))) return;
  throw new ExpressionError(`Incorrect operand type for operator or function: ${operator} of ${typeOf(value)}`);
}
