import { Readable } from 'node:stream';
import { ConnectCases } from '@aws-sdk/client-connectcases';
import { localClientSettings } from '../../../local/aws-settings';
import { findMismatches, schemaNamed } from './schema-check';

export interface CheckedClient {
  readonly client: ConnectCases;
  /** Whatever did not fit, as `operation $.path: what`. Tests end by expecting none. */
  readonly findings: readonly string[];
}

interface WireResponse {
  statusCode: number;
  headers: Readonly<Record<string, string>>;
  body: AsyncIterable<Uint8Array>;
}

/** The real client, without retries, that holds the raw body of every answer, errors too, against its runtime schema. */
export function createCheckedClient(endpoint: string): CheckedClient {
  const client = new ConnectCases({ ...localClientSettings(endpoint), maxAttempts: 1 });
  const findings: string[] = [];
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const response = result.response as WireResponse;
      const chunks: Uint8Array[] = [];
      for await (const chunk of response.body) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      response.body = Readable.from([bytes]);
      const operation = String(context['commandName']).replace(/Command$/, '');
      const shape = response.statusCode === 200 ? `${operation}Response` : (response.headers['x-amzn-errortype'] ?? '');
      const mismatches = findMismatches(schemaNamed(shape), JSON.parse(bytes.toString('utf8')));
      findings.push(...mismatches.map((finding) => `${operation} ${finding}`));
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'checkRawAnswer' },
  );
  return { client, findings };
}
