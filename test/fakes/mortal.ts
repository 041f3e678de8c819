/**
 * The port of a process that may die: `live` gets each call and makes it by `call`, or throws in its place. It decides
 * from which call on nothing takes effect any more.
 */
export function mortal<P extends object>(
  port: P,
  live: (call: () => unknown, name: string, args: readonly unknown[]) => unknown,
): P {
  return new Proxy(port, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => live(() => Reflect.apply(member, target, args), String(property), args);
    },
  });
}
