/** Any port, with calls that fail before or after they took effect: what a lost request and a lost answer look like. */
import { StoreError } from '../../lambda/export/domain/errors';

/** `lost-request`: rejects and nothing happened. `lost-answer`: rejects although it happened. */
export type Fault = 'lost-request' | 'lost-answer';

export interface PortCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** The same port; `fault` is asked once a call. Rejections are StoreErrors of kind `unavailable`. */
export function withFaults<P extends object>(
  port: P,
  store: 's3' | 'dynamodb',
  fault: (call: PortCall) => Fault | undefined,
): P {
  return new Proxy(port, {
    get(target, property, receiver) {
      const member: unknown = Reflect.get(target, property, receiver);
      if (typeof member !== 'function' || typeof property !== 'string') return member;
      return (...args: unknown[]) => {
        const planned = fault({ method: property, args });
        const call = (): unknown => Reflect.apply(member, target, args);
        return planned === undefined ? call() : lose(planned, lost(store, property, planned), call);
      };
    },
  });
}

async function lose(planned: Fault, error: StoreError, call: () => unknown): Promise<never> {
  if (planned === 'lost-answer') await call();
  throw error;
}

function lost(store: 's3' | 'dynamodb', method: string, fault: Fault): StoreError {
  return new StoreError(`Injected: ${fault} of ${method}`, store, 'unavailable');
}
