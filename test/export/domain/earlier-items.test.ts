import { caseItem, NEW_DOMAIN, retryItem, stateItem } from '../../../lambda/export/domain/stored-items';
import {
  aHistoryProof,
  aLiveLane,
  aPartialRead,
  aRecord,
  aRelatedLane,
  aRetry,
  aState,
  aSweep,
  someLanes,
} from '../../support/stored-values';

describe('What an earlier version stored is read', () => {
  const sweep = { number: 2, startedAt: 5, anchor: 4, finishedAt: null, exportFrom: 3 };

  test('a sweep from before there were checks was for history, and had counted nothing', () => {
    const item = stateItem.encode('d', NEW_DOMAIN);
    expect(stateItem.decode('d', { ...item, lanes: { ...NEW_DOMAIN.lanes, sweep } }).lanes.sweep).toEqual({
      ...sweep,
      purpose: 'history',
      paidUntil: null,
      casesRead: 0,
      eventsMissed: 0,
      totalCount: null,
      casesFound: 0,
      casesHidden: 0,
      heldPasses: 0,
      isAccounted: false,
    });
  });

  test('a STATE from before there was an account owes nothing that it knows of, and has proven nothing', () => {
    const { history, waiting, notShown, touches, canaries, idsHaveRecords, redone, ...before } = stateItem.encode(
      'd',
      aState({
        idsHaveRecords: true,
        canaries: ['case'],
        touches: { explained: 1, unexplained: 2, accepted: 3 },
        history: aHistoryProof(),
      }),
    );
    expect(stateItem.decode('d', before)).toEqual(NEW_DOMAIN);
  });

  test('lanes from before there was an account have proven nothing, and never stayed below a place', () => {
    const { provenUntil, heldPasses, ...live } = aLiveLane({ watermark: 5, provenUntil: 5, heldPasses: 1 });
    const { heldPasses: _, ...related } = aRelatedLane({ watermark: 6, heldPasses: 1 });
    const item = { ...stateItem.encode('d', NEW_DOMAIN), lanes: { live, related, sweep: null } };
    expect(stateItem.decode('d', item).lanes).toEqual(
      someLanes({ live: aLiveLane({ watermark: 5 }), related: aRelatedLane({ watermark: 6 }) }),
    );
  });

  test('of a sweep from before there was an account nothing that it passed counts as accounted for', () => {
    const item = stateItem.encode('d', aState({ lanes: someLanes({ sweep: aSweep() }) }));
    const { isAccounted, ...without } = aSweep();
    const { lanes } = stateItem.decode('d', { ...item, lanes: { ...NEW_DOMAIN.lanes, sweep: without } });
    expect(lanes.sweep?.isAccounted).toBe(false);
  });

  test('of a case that was half-read before there was an account, anything may be missing', () => {
    const { newest, missingFrom, neverRead, ...half } = aPartialRead({ missingFrom: 5, neverRead: false, newest: 7 });
    const item = { ...stateItem.encode('d', NEW_DOMAIN), halfRead: [half] };
    expect(stateItem.decode('d', item).halfRead).toEqual([
      { ...half, newest: null, missingFrom: null, neverRead: true },
    ]);
  });

  test('of a retry entry from before there was an account, anything may be missing', () => {
    const { missingFrom, neverRead, triedAt, lastUpdated, sweptAt, lostAt, pending, ...before } = retryItem.encode(
      'd',
      aRetry(),
    );
    expect(retryItem.decode('d', before)).toEqual(aRetry({ missingFrom: null, neverRead: true }));
  });

  test('of a record from before there were digests, the content is not known, and its touch was explained', () => {
    const { content, unexplained, owedFrom, ...before } = caseItem.encode(
      'd',
      aRecord({ content: 'ab', unexplained: true, owedFrom: 5 }),
    );
    expect(caseItem.decode('d', before)).toEqual(aRecord({ content: null, unexplained: false }));
  });

  test('a STATE from before cases were noted before they are read notes none', () => {
    const { trying: _, ...before } = stateItem.encode('d', NEW_DOMAIN);
    expect(stateItem.decode('d', before).trying).toBeNull();
  });
});
