import type { RowFiles } from './ports';
import { type ExportAnswer, underLease } from './steps/invocation';
import type { Dependencies } from './steps/run';
import { voidLastCommit } from './steps/void';

/**
 * An operator's way out of a commit that was made and can never be published, because a staged object of it is gone. What of it
 * is visible stays, known to the ledger; the lanes go back to before it, so everything else is read again.
 * @throws InvalidInputError if `seq` is not the unpublished last commit.
 */
export function voidCommit(
  deps: Dependencies & { readonly rowFiles: RowFiles },
  { domainId, seq }: { readonly domainId: string; readonly seq: number },
  remainingMs: () => number,
): Promise<ExportAnswer> {
  return underLease(deps, domainId, remainingMs, async (run) => {
    await voidLastCommit(run, deps.rowFiles, seq);
    return true;
  });
}
