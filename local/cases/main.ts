import { parseArgs } from 'node:util';
import { type CasesService, startCasesService } from './server';

const USAGE = `Starts the local Cases service on 127.0.0.1.

Usage: npm run cases -- [--port <0-65535>] [--domain <id>]

  --port    port to listen on; 0 takes a free one (default 4567)
  --domain  id of the domain that exists from the start (default local-domain)
  --help    this text
`;

interface Settings {
  readonly port: number;
  readonly domainId: string;
  readonly help: boolean;
}

/** Parses the command line. Throws an Error with the reason if it is wrong. */
export function parseCommandLine(args: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '4567' },
      domain: { type: 'string', default: 'local-domain' },
      help: { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) throw new Error(`--port must be 0 … 65535, not "${values.port}"`);
  if (!/^[A-Za-z0-9-]{1,500}$/.test(values.domain)) {
    throw new Error(`--domain must be letters, digits and hyphens, 1 … 500 of them, not "${values.domain}"`);
  }
  return { port, domainId: values.domain, help: values.help };
}

/** Text with everything that a person needs for a first call. */
function welcome(service: CasesService, domainId: string): string {
  const fields = [
    { id: 'title', value: { stringValue: 'My first case' } },
    { id: 'customer_id', value: { stringValue: 'arn:aws:profile:us-east-1:111122223333:domains/d/profiles/p' } },
  ];
  const body = JSON.stringify({ templateId: service.templateId(domainId), fields });
  return `The local Cases service listens at ${service.url}
  domain    ${domainId}
  template  ${service.templateId(domainId)}

Point any AWS SDK or the AWS CLI at it (any credentials will do):
  export AWS_ENDPOINT_URL_CONNECTCASES=${service.url}
  export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local

Make a case, and look at it:
  curl -s ${service.url}/domains/${domainId}/cases -d '${body}'
  aws connectcases search-cases --domain-id ${domainId} --fields id=title id=status
  aws connectcases get-case-audit-events --domain-id ${domainId} --case-id <caseId>

Everything is in memory and gone when it ends. Ctrl-C stops it.
`;
}

async function main(): Promise<void> {
  const settings = parseCommandLine(process.argv.slice(2));
  if (settings.help) {
    process.stdout.write(USAGE);
    return;
  }
  const service = await startCasesService({
    port: settings.port,
    domains: [settings.domainId],
    switches: { seed: Date.now() },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      service.close().then(() => process.stdout.write('Stopped.\n'), fail);
    });
  }
  process.stdout.write(welcome(service, settings.domainId));
}

function fail(error: unknown): void {
  const { message, code } = error as { message?: string; code?: string };
  const hint = code === 'EADDRINUSE' ? 'The port is taken: choose another with --port, or 0 for a free one.' : message;
  process.stderr.write(`${hint ?? String(error)}\n\n${USAGE}`);
  process.exitCode = 1;
}

if (require.main === module) main().catch(fail);
