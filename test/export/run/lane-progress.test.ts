import { LaneProgress } from '../../../lambda/export/run/lane-progress';
import { aLiveLane, aRelatedLane, aSweep } from '../../support/stored-values';

const NONE_SAVED = new Map<string, number>();

const createProgress = () =>
  new LaneProgress({
    lanes: { live: aLiveLane(), related: aRelatedLane({ watermark: 100, ticksWithoutBottom: 2 }), sweep: null },
    history: null,
    notShown: null,
  });

describe('What a sweep has read of related items', () => {
  test('moves the related watermark up, whichever of the two lanes says its part first', () => {
    const lane = aRelatedLane({ watermark: 200, ticksWithoutBottom: 3 });
    const [first, last] = [createProgress(), createProgress()];
    first.finishRelated(lane);
    first.finishSweep(600, 500);
    last.finishSweep(600, 500);
    last.finishRelated(lane);
    expect(first.related).toEqual({ ...lane, watermark: 500, ticksWithoutBottom: 0 });
    expect(last.related).toEqual(first.related);
  });

  test('leaves it where it is if cases were left out, or the lane is further', () => {
    const progress = createProgress();
    progress.finishSweep(600, null);
    expect(progress.related).toMatchObject({ watermark: 100, ticksWithoutBottom: 2 });
    progress.finishSweep(600, 50);
    expect(progress.related.watermark).toBe(100);
  });
});

test('A lane that moves is asked at every commit, and one that has finished stays', () => {
  const progress = createProgress();
  progress.beginLive((saved) => aLiveLane({ anchor: saved.size }));
  expect(progress.live(new Map([['case', 1]])).anchor).toBe(1);
  progress.finishLive(aLiveLane({ watermark: 7 }));
  expect(progress.live(NONE_SAVED).watermark).toBe(7);
  progress.moveSweep((saved) => aSweep({ anchor: saved.size }));
  progress.finishSweep(600, null);
  expect(progress.sweep(new Map([['case', 1]]))).toMatchObject({ anchor: 1, finishedAt: 600 });
});

test('One commit tells of a finished pass, and the next does not', () => {
  const progress = createProgress();
  expect(progress.isLivePassToTell).toBe(false);
  progress.finishLive(aLiveLane());
  expect(progress.isLivePassToTell).toBe(true);
  progress.committed();
  expect(progress.isLivePassToTell).toBe(false);
  expect(progress.livePassesFinished).toBe(1);
});
