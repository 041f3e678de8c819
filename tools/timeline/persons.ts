import type { UserName } from './facts';

/** Someone or something that an ARN names. */
export interface Person {
  /** Number of the note that gives the whole ARN, from 1. */
  readonly note: number;
  readonly kind: 'user' | 'principal';
  readonly arn: string;
  /** The name that the owner's list gives, else the ARN's tail. */
  readonly label: string;
  readonly team: string | null;
  readonly isNamed: boolean;
}

/** Numbers ARNs in the order in which they are asked for. */
export class Persons {
  readonly #byKey = new Map<string, Person>();

  constructor(private readonly names: ReadonlyMap<string, UserName>) {}

  get all(): readonly Person[] {
    return [...this.#byKey.values()];
  }

  user(arn: string): Person {
    const known = this.names.get(arn);
    return this.#person('user', arn, known?.name ?? arn.slice(arn.lastIndexOf('/') + 1), known);
  }

  /** Labelled by what stands behind the account: `role/support-desk`, `assumed-role/support-desk/session`. */
  principal(arn: string): Person {
    const known = this.names.get(arn);
    return this.#person('principal', arn, known?.name ?? arn.split(':').slice(5).join(':'), known);
  }

  #person(kind: Person['kind'], arn: string, label: string, known: UserName | undefined): Person {
    const key = `${kind} ${arn}`;
    const person = this.#byKey.get(key) ?? {
      note: this.#byKey.size + 1,
      kind,
      arn,
      label: label === '' ? arn : label,
      team: known?.team ?? null,
      isNamed: known !== undefined,
    };
    this.#byKey.set(key, person);
    return person;
  }
}
