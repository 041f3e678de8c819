const TEN_MINUTES_MS = 600_000;

/** What the handler of HTTP requests has in every client of the SDK. */
interface Handler {
  updateHttpClientConfig(limit: 'connectionTimeout' | 'requestTimeout' | 'socketTimeout', milliseconds: number): void;
}

/**
 * The client, waiting for each answer for as long as a busy machine takes. Its own limits are seconds, right for a service and
 * wrong for a server on this machine that shares a core with the tests.
 */
export function patient<C extends { readonly config: { readonly requestHandler: object } }>(client: C): C {
  const handler = client.config.requestHandler as Handler;
  handler.updateHttpClientConfig('connectionTimeout', TEN_MINUTES_MS);
  handler.updateHttpClientConfig('requestTimeout', TEN_MINUTES_MS);
  handler.updateHttpClientConfig('socketTimeout', TEN_MINUTES_MS);
  return client;
}
