import { onTerminal } from '../shown-text';

/**
 * What is wrong with the query, in DuckDB's words, or with the folder. For people to read; exit code 2. The engine repeats values and
 * SQL in its messages, so characters that would steer a terminal stand by their code points.
 */
export class QueryError extends Error {
  override readonly name = 'QueryError';

  constructor(message: string, options?: ErrorOptions) {
    super(onTerminal(message), options);
  }
}
