/** What was asked for cannot be answered: says what came and what was expected. For people to read; exit code 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}
