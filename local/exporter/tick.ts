import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ExportAnswer } from '../../lambda/export/run/invocation';

/** The bundle of `npm run build`: the very bytes that are deployed. */
export const BUNDLE = join(__dirname, '../../dist/lambda/export/index.js');

export interface TickOptions {
  readonly event: unknown;
  readonly env: Readonly<Record<string, string>>;
  /** Stands for Lambda's timeout. */
  readonly timeoutMs?: number;
  /** Called with the function that kills the process, as Lambda ends an environment: at once, without tidying up. */
  readonly onStart?: (kill: () => void) => void;
  readonly nodePath?: string;
  /** Another version's bundle in place of `BUNDLE`. */
  readonly bundle?: string;
}

export interface Tick {
  readonly answer: ExportAnswer | null;
  /** The error that the handler rejected with. */
  readonly error: { readonly name: string; readonly message: string } | null;
  readonly killed: boolean;
  /** The function's log, one JSON object per line. */
  readonly logs: readonly string[];
  /** Usage of the whole process at its end; null if it was killed. */
  readonly usage: { readonly peakRssBytes: number; readonly cpuSeconds: number } | null;
}

/** Loads the bundle in a process of its own and calls its handler once, as a cold Lambda environment does. */
const INVOKE = `
const [bundle, event, timeoutMs] = process.argv.slice(1);
const endsAt = Date.now() + Number(timeoutMs);
const context = { getRemainingTimeInMillis: () => endsAt - Date.now() };
Promise.resolve()
  .then(() => require(bundle).handler(JSON.parse(event), context))
  .then((answer) => ({ answer }), (error) => ({ error: { name: error.name, message: error.message } }))
  .then((result) => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    const usage = { peakRssBytes: maxRSS * 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
    process.send({ ...result, usage }, () => process.disconnect());
  });
`;

/**
 * Runs one scheduled tick: the built bundle in a process of its own. Resolves even when the handler rejects or is
 * killed.
 */
export function runTick(options: TickOptions): Promise<Tick> {
  const { event, env, timeoutMs = 60_000, nodePath = process.execPath, bundle = BUNDLE } = options;
  const child = spawn(nodePath, ['-e', INVOKE, bundle, JSON.stringify(event) ?? 'null', String(timeoutMs)], {
    env: {
      PATH: process.env['PATH'] ?? '',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      NODE_NO_WARNINGS: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  let result: Partial<Pick<Tick, 'answer' | 'error' | 'usage'>> = {};
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.on('message', (message) => {
    result = message as typeof result;
  });
  options.onStart?.(() => child.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_code, signal) =>
      resolve({
        answer: result.answer ?? null,
        error: result.error ?? null,
        usage: result.usage ?? null,
        killed: signal === 'SIGKILL',
        logs: output.split('\n').filter((line) => line !== ''),
      }),
    );
  });
}
