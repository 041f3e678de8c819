import type { Checkpoints } from '../../tools/cases-audit/archive/archive';
import { readState } from '../../tools/cases-audit/verify/table-check';
import type { VerifyResult } from '../../tools/cases-audit/verify/verify-archive';
import { domainInKeys } from '../export/domain/keys';
import type { VerifySettings } from './settings';

/**
 * Adds a finding for each domain that the stack knows and the archive has nothing of, though the table has published commits: the checker
 * itself starts from what an archive holds.
 */
export async function addVanishedDomains(
  checkpoints: Checkpoints,
  settings: Pick<VerifySettings, 'domains' | 'retiredDomains'>,
  { domains, findings }: VerifyResult,
): Promise<void> {
  const there = new Set(domains.map(({ partition }) => partition));
  for (const domain of [...settings.domains, ...settings.retiredDomains]) {
    if (there.has(domainInKeys(domain))) continue;
    const state = await readState(checkpoints, domain, findings);
    if (state === null || state === 'unread' || state.applied === 0) continue;
    findings.add({
      kind: 'rollback',
      domain,
      commit: state.applied,
      key: null,
      words: `ROLLBACK: the table ${checkpoints.name} has published commit ${state.applied}, and the archive has nothing of the domain. What was there was taken away.`,
    });
  }
}
