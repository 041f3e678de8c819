import { z } from 'zod';

/** A union as Smithy has it: an object with exactly one member. */
type OneOf<M extends Readonly<Record<string, z.ZodType>>> = {
  [K in keyof M]: { readonly [P in K]: z.output<M[K]> };
}[keyof M];

/** Accepts an object with exactly one member that is not null, and that member only if it is one of these. */
export function oneOf<const M extends Readonly<Record<string, z.ZodType>>>(members: M): z.ZodType<OneOf<M>> {
  const names = Object.keys(members).join(', ');
  return z.unknown().transform((value, context): OneOf<M> => {
    const present = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    const [only, ...others] = present.filter(([, member]) => member !== null);
    const schema = only === undefined ? undefined : members[only[0]];
    if (only === undefined || others.length > 0 || schema === undefined) {
      context.addIssue({ code: 'custom', message: `must have exactly one member of ${names}` });
      return z.NEVER;
    }
    const parsed = schema.safeParse(only[1]);
    if (parsed.success) return { [only[0]]: parsed.data } as OneOf<M>;
    for (const issue of parsed.error.issues) {
      context.addIssue({ code: 'custom', message: issue.message, path: [only[0], ...issue.path] });
    }
    return z.NEVER;
  });
}
