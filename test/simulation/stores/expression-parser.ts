/**
 * The part of DynamoDB's expression language that the exporter uses, as a tree. Whatever else the language has (lists,
 * sets, BETWEEN, IN, size, ADD, bare names …) is refused, never guessed.
 */

/** `#head.#seq`: aliases as written, outermost first. */
export type Path = readonly string[];

export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly alias: string }
  | { readonly kind: 'if-not-exists'; readonly path: Path; readonly otherwise: Operand }
  | { readonly kind: 'sum'; readonly left: Operand; readonly right: Operand };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly inner: Condition }
  | { readonly kind: 'compare'; readonly comparator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'exists'; readonly path: Path; readonly expected: boolean }
  | { readonly kind: 'begins-with'; readonly subject: Operand; readonly prefix: Operand };

export interface Update {
  readonly set: readonly { readonly path: Path; readonly value: Operand }[];
  readonly remove: readonly Path[];
}

/** An expression with every `#alias` and `:alias` that it mentions. */
export interface Parsed<T> {
  readonly tree: T;
  readonly aliases: ReadonlySet<string>;
}

/** The expression is malformed, or says what the simulation does not know. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

const TOKEN = /\s*([#:]\w+|[A-Za-z_]\w*|<=|>=|<>|[=<>()+,.])/y;
const COMPARATORS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);

/** A condition, key condition or filter. Equal texts give the same tree. */
export const parseCondition = remembering((text) => parseWhole(text, (parser) => parser.condition()));

/** `SET …`, `REMOVE …`, or both. Equal texts give the same tree. */
export const parseUpdate = remembering((text) => parseWhole(text, (parser) => parser.update()));

/** The exporter has a handful of expressions, and a simulated world evaluates them many thousand times. */
function remembering<T>(parse: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const parsed = parse(text);
    known.set(text, parsed);
    return parsed;
  };
}

function parseWhole<T>(text: string, parse: (parser: Parser) => T): Parsed<T> {
  const parser = new Parser(tokensOf(text), text);
  const tree = parse(parser);
  parser.expectEnd();
  return { tree, aliases: parser.aliases };
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const end = text.trimEnd().length;
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < end; ) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw new ExpressionError(`cannot read "${text.slice(at, at + 20)}" in "${text}"`);
    tokens.push(token);
  }
  return tokens;
}

class Parser {
  readonly aliases = new Set<string>();
  #position = 0;
  /** Where the parentheses that were closed last began and ended. */
  #closed = { from: -1, to: -1 };

  constructor(
    private readonly tokens: readonly string[],
    private readonly text: string,
  ) {}

  condition(): Condition {
    let left = this.#conjunction();
    while (this.#takeKeyword('OR')) left = { kind: 'or', left, right: this.#conjunction() };
    return left;
  }

  update(): Update {
    const set: { path: Path; value: Operand }[] = [];
    const remove: Path[] = [];
    const clauses = new Set<string>();
    while (this.#position < this.tokens.length) {
      const clause = this.#next().toUpperCase();
      if (clauses.has(clause)) this.#fail(`a second ${clause}`);
      clauses.add(clause);
      if (clause === 'SET') this.#list(() => set.push(this.#assignment()));
      else if (clause === 'REMOVE') this.#list(() => remove.push(this.#path()));
      else this.#fail(`SET or REMOVE was expected, not "${clause}"`);
    }
    if (clauses.size === 0) this.#fail('it is empty');
    return { set, remove };
  }

  expectEnd(): void {
    if (this.#position < this.tokens.length) this.#fail(`"${this.tokens[this.#position]}" was not expected`);
  }

  #conjunction(): Condition {
    let left = this.#negation();
    while (this.#takeKeyword('AND')) left = { kind: 'and', left, right: this.#negation() };
    return left;
  }

  #negation(): Condition {
    return this.#takeKeyword('NOT') ? { kind: 'not', inner: this.#negation() } : this.#primary();
  }

  #primary(): Condition {
    if (this.tokens[this.#position] === '(') return this.#parenthesised();
    const name = this.tokens[this.#position] ?? '';
    if (name === 'attribute_exists' || name === 'attribute_not_exists') {
      this.#position += 1;
      return { kind: 'exists', expected: name === 'attribute_exists', path: this.#inParentheses(() => this.#path()) };
    }
    if (name === 'begins_with') {
      this.#position += 1;
      return this.#inParentheses(() => {
        const subject = this.#operand();
        this.#expect(',');
        return { kind: 'begins-with', subject, prefix: this.#operand() };
      });
    }
    const left = this.#operand();
    const comparator = this.#next();
    if (!isComparator(comparator)) this.#fail(`a comparator was expected, not "${comparator}"`);
    return { kind: 'compare', comparator, left, right: this.#operand() };
  }

  /** The service refuses `((…))`, so this does too. */
  #parenthesised(): Condition {
    const from = this.#position;
    const inner = this.#inParentheses(() => this.condition());
    const to = this.#position;
    if (this.#closed.from === from + 1 && this.#closed.to === to - 1) this.#fail('it has redundant parentheses');
    this.#closed = { from, to };
    return inner;
  }

  #assignment(): { path: Path; value: Operand } {
    const path = this.#path();
    this.#expect('=');
    let value = this.#operand();
    if (this.tokens[this.#position] === '+') {
      this.#position += 1;
      value = { kind: 'sum', left: value, right: this.#operand() };
    }
    return { path, value };
  }

  #operand(): Operand {
    const token = this.tokens[this.#position] ?? '';
    if (token.startsWith(':')) return { kind: 'value', alias: this.#alias() };
    if (token !== 'if_not_exists') return { kind: 'path', path: this.#path() };
    this.#position += 1;
    return this.#inParentheses(() => {
      const path = this.#path();
      this.#expect(',');
      return { kind: 'if-not-exists', path, otherwise: this.#operand() };
    });
  }

  #path(): Path {
    const steps: string[] = [];
    do {
      // A bare name might be one of the many reserved words.
      if (!this.tokens[this.#position]?.startsWith('#')) {
        this.#fail(`a name like #name was expected, not "${this.tokens[this.#position] ?? 'its end'}"`);
      }
      steps.push(this.#alias());
    } while (this.tokens[this.#position] === '.' && ++this.#position);
    return steps;
  }

  #alias(): string {
    const alias = this.#next();
    this.aliases.add(alias);
    return alias;
  }

  #list(element: () => unknown): void {
    do element();
    while (this.tokens[this.#position] === ',' && ++this.#position);
  }

  #inParentheses<T>(inner: () => T): T {
    this.#expect('(');
    const result = inner();
    this.#expect(')');
    return result;
  }

  #takeKeyword(keyword: string): boolean {
    if (this.tokens[this.#position]?.toUpperCase() !== keyword) return false;
    this.#position += 1;
    return true;
  }

  #expect(expected: string): void {
    const token = this.#next();
    if (token !== expected) this.#fail(`"${expected}" was expected, not "${token}"`);
  }

  #next(): string {
    const token = this.tokens[this.#position++];
    return token ?? this.#fail('it ends too early');
  }

  #fail(what: string): never {
    throw new ExpressionError(`${what}, in "${this.text}"`);
  }
}

function isComparator(token: string): token is Comparator {
  return COMPARATORS.has(token);
}
