/** An HTTP/1.1 proxy on a loopback port, in front of one server: it loses requests and answers on demand. */
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { listenOnLoopback, readBody } from '../loopback';

/** One whole request: none of it has been forwarded yet when the hook sees it. */
export interface ProxiedRequest {
  /** From 1, in the order in which requests were complete. */
  readonly number: number;
  readonly method: string;
  /** With the query string. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ProxiedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * - `reset-before`: the server never hears of it, the connection is cut
 * - `apply-then-reset`: the server does it, the connection is cut in place of its answer
 * - `answer`: the server never hears of it, this is the answer
 */
export type ProxyFault =
  | { readonly kind: 'reset-before' }
  | { readonly kind: 'apply-then-reset' }
  | { readonly kind: 'answer'; readonly answer: ProxiedAnswer };

/**
 * Called once per request, before it is forwarded. It may wait: its decision is carried out afterwards, even if the
 * client has left in the meantime, as with a request that is on its way when its sender dies.
 */
export type ProxyHook = (request: ProxiedRequest) => ProxyFault | undefined | Promise<ProxyFault | undefined>;

/** Receives every answer, including lost ones, after the request took effect and before any of the answer is sent. */
export type ProxyObserver = (request: ProxiedRequest, answer: ProxiedAnswer) => void;

export interface HttpProxy {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  setHook(hook: ProxyHook | undefined): void;
  setObserver(observer: ProxyObserver | undefined): void;
  /** Resolves when no request is in progress: none waits in the hook, none is with the server. */
  idle(): Promise<void>;
  /** Cuts every connection. */
  close(): Promise<void>;
}

/**
 * Starts a proxy for the server at `target` (`http://host:port`). `port` 0 = any free port; rejects when it is taken.
 */
export async function startProxy(target: string, port = 0): Promise<HttpProxy> {
  const agent = new Agent({ keepAlive: true });
  const underWay = new Set<Promise<void>>();
  let hook: ProxyHook | undefined;
  let observer: ProxyObserver | undefined;
  let requests = 0;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    const { method = '', url = '/', headers } = incoming;
    const proxied: ProxiedRequest = { number: ++requests, method, path: url, headers, body };
    const fault = await hook?.(proxied);
    if (fault?.kind === 'reset-before') {
      incoming.socket.destroy();
      return;
    }
    const answer = fault?.kind === 'answer' ? fault.answer : await forward(agent, target, proxied);
    observer?.(proxied, answer);
    if (fault?.kind === 'apply-then-reset') incoming.socket.destroy();
    else outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  }

  const { url, close } = await listenOnLoopback((incoming, outgoing) => {
    const work = serve(incoming, outgoing).finally(() => underWay.delete(work));
    underWay.add(work);
    return work;
  }, port);
  return {
    url,
    setHook: (next) => {
      hook = next;
    },
    setObserver: (next) => {
      observer = next;
    },
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    close() {
      agent.destroy();
      return close();
    },
  };
}

function forward(
  agent: Agent,
  target: string,
  { method, path, headers, body }: ProxiedRequest,
): Promise<ProxiedAnswer> {
  return new Promise((answered, failed) => {
    const outgoing = request(new URL(path, target), { agent, method, headers }, (response) => {
      readBody(response).then(
        (bytes) => answered({ status: response.statusCode ?? 500, headers: response.headers, body: bytes }),
        failed,
      );
    });
    outgoing.once('error', failed);
    outgoing.end(body);
  });
}
