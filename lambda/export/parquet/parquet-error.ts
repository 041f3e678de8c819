import { ParquetError } from '../domain/errors';

/**
 * What the library threw, as an Error. Its strings end in the value that it refused, and so may the text of its Errors:
 * only what precedes the value is kept, and no `cause`, which a logger would print.
 */
export function withoutValues(doing: string, thrown: unknown): ParquetError {
  if (thrown instanceof ParquetError) return thrown;
  const what =
    typeof thrown === 'string' ? thrown.split(':')[0] : thrown instanceof Error ? thrown.name : typeof thrown;
  return new ParquetError(`parquetjs-lite failed while ${doing}: ${what}`);
}
