import type { ZodType } from 'zod';
import { validationError } from '../model/api-error';
import type { World } from '../model/world';
import { REQUESTS } from '../requests';
import type { OperationName } from '../routes';
import type { Handlers } from './answer-lists';
import { CASE_OPERATIONS } from './case-operations';
import { DOMAIN_OPERATIONS } from './domain-operations';
import { FIELD_OPERATIONS } from './field-operations';
import { RELATED_OPERATIONS } from './related-operations';

const HANDLERS: Handlers = {
  ...DOMAIN_OPERATIONS,
  ...FIELD_OPERATIONS,
  ...CASE_OPERATIONS,
  ...RELATED_OPERATIONS,
};

/** Checks the input and performs the operation. Throws ApiError; ValidationException names the first invalid member. */
export function handle(world: World, operation: OperationName, input: object): object {
  const schema: ZodType<unknown> = REQUESTS[operation];
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    const { length, 0: first } = parsed.error.issues;
    const where = first?.path.join('.') ?? '';
    throw validationError(
      `${length} validation error${length === 1 ? '' : 's'} detected: at '${where}': ${first?.message ?? 'invalid'}`,
    );
  }
  // The schema and the handler of one name belong together; a look-up by a union of names cannot express that in types.
  const run = HANDLERS[operation] as (world: World, input: unknown) => object;
  return run(world, parsed.data);
}
