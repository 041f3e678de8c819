/**
 * What somebody writes in an afternoon: search by token, page each case's history, put JSON lines to S3. It keeps no checkpoint,
 * survives no crash and proves nothing: the least that a first export can cost.
 */
import {
  ConnectCasesClient,
  type GetCaseAuditEventsCommand,
  paginateGetCaseAuditEvents,
  SearchCasesCommand,
} from '@aws-sdk/client-connectcases';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const READERS = 8;

/** With the signature of the exporter's handler, so that the same harness runs both. */
export async function handler({ domainId }: { domainId: string }) {
  const cases = new ConnectCasesClient({ maxAttempts: 1 });
  const lines: string[] = [];
  let casesRead = 0;
  let events = 0;
  for (let nextToken: string | undefined, isFirst = true; isFirst || nextToken !== undefined; isFirst = false) {
    const found = await cases.send(new SearchCasesCommand({ domainId, maxResults: 100, nextToken }));
    const left = (found.cases ?? []).flatMap((one) => one?.caseId ?? []);
    await Promise.all(
      Array.from({ length: READERS }, async () => {
        for (let caseId = left.shift(); caseId !== undefined; caseId = left.shift()) {
          const input = { domainId, caseId, maxResults: 25 } satisfies GetCaseAuditEventsCommand['input'];
          for await (const page of paginateGetCaseAuditEvents({ client: cases }, input)) {
            for (const event of page.auditEvents ?? []) {
              events += 1;
              for (const field of event?.fields ?? [])
                lines.push(JSON.stringify({ caseId, ...event, fields: undefined, field }));
            }
          }
          casesRead += 1;
        }
      }),
    );
    nextToken = found.nextToken;
  }
  const Body = Buffer.from(lines.join('\n'));
  await new S3Client({ forcePathStyle: true }).send(
    new PutObjectCommand({ Bucket: process.env['EXPORT_BUCKET'], Key: 'loop.jsonl', Body }),
  );
  return { status: 'complete', casesRead, eventsExported: events, rowsWritten: lines.length };
}
