import { commitWhatIsNew } from './steps/commit';
import { type ExportAnswer, underLease } from './steps/invocation';
import { recoverLastCommit } from './steps/recover';
import { replayQuarantine } from './steps/replay';
import type { Dependencies } from './steps/run';

/**
 * An operator's task after a new version was deployed: events that an older one could not flatten get their rows, each exactly
 * once however often this is repeated. `complete` means that all were looked at; how many are still open, the manifest says.
 */
export function replayDomain(deps: Dependencies, domainId: string, remainingMs: () => number): Promise<ExportAnswer> {
  return underLease(deps, domainId, remainingMs, async (run) => {
    await recoverLastCommit(run);
    const isDone = await replayQuarantine(run);
    await commitWhatIsNew(run);
    return isDone;
  });
}
