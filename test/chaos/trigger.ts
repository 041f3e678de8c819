/** Ends a tick at the very request that its plan names. */
import type { HttpProxy, ProxiedRequest, ProxyFault, ProxyHook, ProxyObserver } from '../../local/proxy/proxy';
import type { Ending } from './plan';
import { kindOf, type Service } from './requests';

/** The endings that wait for a request. */
type AtRequest = Extract<Ending, { readonly at: string }>;

/** An ending that waits for its request, or has struck. */
export interface Armed {
  readonly hasStruck: boolean;
  /** A request that is held goes on. */
  thaw(): void;
}

/** Waits for one request at a time and then strikes, once. */
export class Trigger {
  #waiting:
    | { readonly ending: AtRequest; readonly strike: (request: ProxiedRequest) => Struck; seen: number }
    | undefined;
  #killAfter: { readonly request: ProxiedRequest; readonly kill: () => void } | undefined;

  /** Counts from now on, in place of whatever it was waiting for. */
  arm(ending: AtRequest, kill: () => void): Armed {
    let thaw: () => void = () => undefined;
    const thawed = new Promise<void>((resolve) => {
      thaw = resolve;
    });
    const armed = { hasStruck: false, thaw };
    const strike = (request: ProxiedRequest): Struck => {
      armed.hasStruck = true;
      if (ending.kind === 'freeze-at-request') return thawed.then(() => 'pass');
      if (ending.when === 'after') {
        this.#killAfter = { request, kill };
        return 'pass';
      }
      kill();
      return { kind: 'reset-before' };
    };
    this.#waiting = { ending, strike, seen: 0 };
    return armed;
  }

  /** From now on it waits for nothing. */
  disarm(): void {
    this.#waiting = undefined;
  }

  /** In the path of every request. Undefined: none of its business. */
  onRequest(service: Service, request: ProxiedRequest): Struck | undefined {
    const waiting = this.#waiting;
    if (waiting === undefined || kindOf(service, request) !== waiting.ending.at) return undefined;
    waiting.seen += 1;
    if (waiting.seen !== waiting.ending.nth) return undefined;
    this.#waiting = undefined;
    return waiting.strike(request);
  }

  /** Told of every request that took effect, before its answer is sent. */
  onAnswer(request: ProxiedRequest): void {
    if (this.#killAfter?.request !== request) return;
    this.#killAfter.kill();
    this.#killAfter = undefined;
  }
}

/** What becomes of the request at which it strikes. It is spared the weather: it is to arrive, or to be lost for good. */
type Struck = 'pass' | ProxyFault | Promise<'pass'>;

/** Puts the trigger, then the weather, into a proxy's path; `watch` sees what took effect. */
export function wire(
  proxy: HttpProxy,
  service: Service,
  parts: { readonly trigger: Trigger; readonly weather: ProxyHook; readonly watch: ProxyObserver },
): void {
  proxy.setHook(async (request) => {
    const struck = await parts.trigger.onRequest(service, request);
    if (struck === undefined) return parts.weather(request);
    return struck === 'pass' ? undefined : struck;
  });
  proxy.setObserver((request, answer) => {
    parts.trigger.onAnswer(request);
    parts.watch(request, answer);
  });
}
