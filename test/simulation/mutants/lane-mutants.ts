/** Breaks of the lanes: what is looked for, what is skipped, and how far a watermark may go. */
import type { Mutant } from './mutant';
import { all, findable, having } from './worlds';

export const LANE_MUTANTS: readonly Mutant[] = [
  {
    name: 'The live watermark moves to the start of the pass, without settle',
    file: 'find/live.ts',
    find: 'startedAt - this.run.deps.settings.settleMs);',
    replace: 'startedAt);',
    caughtBy: {
      test: 'test/export/find/live.test.ts',
      because: 'it takes an audit history that lags and an overlap shorter than the lag: one seed in some thousands',
    },
  },
  {
    name: 'The live watermark passes a case that waits',
    file: 'find/live.ts',
    find: '        this.#lowestWaiting = Math.min(this.#lowestWaiting, place);\n',
    replace: '',
    caughtBy: {
      test: 'test/export/find/live.test.ts',
      because: 'the overlap of the next pass nearly always covers it: one seed in some hundreds',
    },
  },
  {
    name: 'The live anchor passes a case that waits',
    file: 'find/live.ts',
    find: '        this.#tracker.stayBelow(place);\n',
    replace: '',
    caughtBy: {
      test: 'test/export/find/live.test.ts',
      because:
        'the pass has to be interrupted just behind the case, and no overlap to cover it: none of three thousand seeds',
    },
  },
  {
    name: 'The live watermark moves though the pass was interrupted',
    file: 'find/live.ts',
    find: 'if (this.#lastPage === null || this.#startedAt === null) return;',
    replace: 'if (this.#startedAt === null) return;',
    caughtBy: {
      test: 'test/export/complete/what-a-pass-proves.test.ts',
      because: 'the reading has to end between two pages and by nothing else: none of a hundred and twenty seeds',
    },
  },
  {
    name: 'A live pass starts at the watermark, without overlap',
    file: 'find/live.ts',
    find: '- settleMs) - overlapMs;',
    replace: '- settleMs) - 0 * overlapMs;',
    caughtBy: {
      test: 'test/export/find/live.test.ts',
      because:
        'it takes a search that lags by more than settle, in the seconds before a pass begins: one seed in some hundreds',
    },
  },
  {
    name: 'A live pass starts when its first answer is in, not when it was asked for',
    file: 'find/live.ts',
    find: 'this.#startedAt ??= this.run.time.correct(this.#askedAt);',
    replace: 'this.#startedAt ??= this.run.time.correct(Math.max(this.#askedAt, this.run.deps.clock.now()));',
    caughtBy: {
      test: 'test/export/find/live.test.ts',
      because: 'it takes a change in the milliseconds of one call, that no overlap covers',
    },
  },
  {
    name: 'The first live pass begins later than the first sweep ends',
    file: 'export.ts',
    find: 'leaveMs.live, sweep.startedAt);',
    replace: 'leaveMs.live);',
    caughtBy: {
      test: 'test/export/regressions.test.ts',
      because: 'it takes a first tick that ends between the two, and a change in the seconds between',
    },
  },
  {
    name: 'The anchor passes cases that are not settled',
    file: 'domain/resume-point.ts',
    find: 'if (place < lowest && place > savedUpTo) lowest = place;',
    replace: 'if (place < lowest && place > savedUpTo) continue;',
  },
  {
    name: 'The anchor takes a half-read case for settled, though it was touched again',
    file: 'domain/resume-point.ts',
    find: 'if (place < lowest && place > savedUpTo) lowest = place;',
    replace:
      'if (place < lowest && !saved.has([...this.#open].find((open) => open.place === place)?.caseId ?? "")) lowest = place;',
  },
  {
    name: 'The anchor rises over pages that do not come sorted',
    file: 'domain/keyset.ts',
    find: "const last = step.kind === 'end' && step.inOrder ? cases.at(-1) : undefined;",
    replace: "const last = step.kind === 'end' || !step.inOrder ? cases.at(-1) : undefined;",
    caughtBy: {
      test: 'test/export/domain/keyset-reached.test.ts',
      because: 'where sorts are not honoured, nothing is promised before a sweep has looked, and the sweep finds it',
    },
  },
  {
    name: 'The search goes on beyond the highest value of a page',
    file: 'domain/keyset.ts',
    find: '...startCursor(value), owedFrom: from,',
    replace: '...startCursor(value + SECOND_MS), owedFrom: from,',
    caughtBy: {
      test: 'test/export/domain/keyset.test.ts',
      because: 'it takes a tie across two pages and no overlap or sweep that comes by later',
    },
  },
  {
    name: 'An empty page with a token ends the search',
    file: 'domain/keyset.ts',
    find: 'return follow(cursor, page.nextToken, true);',
    replace: "return { kind: 'end', inOrder: true, ...shownAll(cursor) };",
    worlds: all(having('cases.token-on-empty-page'), findable),
  },
  {
    name: 'A page that does not come sorted is trusted',
    file: 'domain/keyset.ts',
    find: 'const inOrder = isInOrder(cursor, page.cases);',
    replace: 'const inOrder = isInOrder(cursor, page.cases) || cursor.from >= 0;',
    caughtBy: {
      test: 'test/export/domain/keyset.test.ts',
      because: 'where sorts are not honoured, nothing is promised before a sweep has looked, and the sweep finds it',
    },
  },
  {
    name: 'A search token that repeats is followed for ever',
    file: 'domain/keyset.ts',
    find: "  if (cursor.tokensSeen.includes(token)) return { kind: 'token-repeats', inOrder, ...shownAll(cursor) };\n",
    replace: '',
    caughtBy: {
      test: 'test/export/domain/keyset.test.ts',
      because:
        'no circle of tokens lasts longer than ten minutes of simulated time, and the run ends before its time does',
    },
  },
  {
    name: 'A case that comes again on a later page with a later time is left out',
    file: 'find/select.ts',
    find: 'if (before !== undefined && touched !== null && touched <= before) return false;',
    replace: 'if (before !== undefined) return false;',
    caughtBy: {
      test: 'test/export/find/live.test.ts',
      because: 'it takes an index that catches up between two pages of one pass',
    },
  },
  {
    name: 'Only our own clock is believed',
    file: 'domain/service-time.ts',
    find: 'this.#leadMs = this.#differenceMs >= HEADER_RESOLUTION_MS ? this.#differenceMs : 0;',
    replace: 'this.#leadMs = 0;',
    worlds: having('process.clock-6h-ahead', 'process.clock-10s-ahead'),
  },
  {
    name: 'A case is skipped though it was read before its change had settled',
    file: 'domain/skip.ts',
    find: 'touched <= record.touched && record.readAt >= record.touched + rule.settleMs',
    replace: 'touched <= record.touched',
    caughtBy: {
      test: 'test/export/domain/skip.test.ts',
      because: 'it takes an audit history that lags by nearly all of settle: one seed in some hundreds',
    },
  },
  {
    name: 'A case is read without waiting for its change to settle',
    file: 'domain/skip.ts',
    find: 'if (touched === null || rule.now >= touched + rule.settleMs) return false;',
    replace: 'if (rule.settleMs >= 0) return false;',
    caughtBy: {
      test: 'test/export/domain/skip.test.ts',
      because: 'a read that was too early is not trusted, so the case is read again: a call, never an event',
    },
  },
  {
    name: 'A case that never rests waits for ever',
    file: 'domain/skip.ts',
    find: 'return rule.now < waitingSince + rule.maxLagMs;',
    replace: 'return rule.now < waitingSince + 1e12 * rule.settleMs;',
    caughtBy: {
      test: 'test/export/domain/skip.test.ts',
      because: 'at the end of every world all cases come to rest',
    },
  },
  {
    name: 'A sweep trusts reads from before it began',
    file: 'domain/skip.ts',
    find: '  if (rule.readSince !== undefined && record.readAt < rule.readSince) return false;\n',
    replace: '',
  },
  {
    name: 'A sweep is finished though cases of it were not settled',
    file: 'find/sweep.ts',
    find: '!allDone || !ended || !tracker.isDone(run.batch.partialReads.timesToSave) || isHeldAt',
    replace: '!ended || isHeldAt',
    caughtBy: {
      test: 'test/export/find/sweep.test.ts',
      because: 'the live lane, which also finds the case, covers it nearly always',
    },
  },
  {
    name: 'A sweep is finished though its search was not',
    file: 'find/sweep.ts',
    find: '!allDone || !ended || !tracker',
    replace: '!allDone || !tracker',
    caughtBy: {
      test: 'test/export/find/sweep-doubts.test.ts',
      because: 'the live lane, which also finds the case, covers it nearly always',
    },
  },
  {
    name: 'A sweep leaves a case to the live lane that will not look at it again',
    file: 'find/sweep.ts',
    find: '    noWaitBefore: nextLivePassFrom(run, sweep.startedAt),\n',
    replace: '',
    caughtBy: {
      test: 'test/export/regressions.test.ts',
      because: 'it takes a clock that is behind and a case on the border of the two lanes',
    },
  },
  {
    name: 'The watermark of related items moves though the walk was interrupted',
    file: 'find/related.ts',
    find: "if (walk.end === 'bottom' && allDone) {",
    replace: 'if (allDone) {',
    caughtBy: {
      test: 'test/export/find/related.test.ts',
      because: 'it takes items for several ticks of walking, and worlds are small',
    },
  },
  {
    name: 'The watermark of related items moves though cases were not settled',
    file: 'find/related.ts',
    find: "if (walk.end === 'bottom' && allDone) {",
    replace: "if (walk.end === 'bottom') {",
  },
  {
    name: 'The watermark of related items passes a case that waits',
    file: 'find/related.ts',
    find: 'Math.min(Math.max(lane.watermark, settledBefore), lowestWaiting)',
    replace: 'Math.max(lane.watermark, settledBefore)',
    caughtBy: {
      test: 'test/export/find/related-waiting.test.ts',
      because: 'it takes a time of the service that goes back between the walk and the reading, within one run',
    },
  },
  {
    name: 'The watermark of related items moves to the start of the walk, without settle',
    file: 'find/related.ts',
    find: 'walk.startedAt - run.deps.settings.settleMs, lowestWaiting);',
    replace: 'walk.startedAt, lowestWaiting);',
    caughtBy: {
      test: 'test/export/find/related.test.ts',
      because: 'it takes an item that the list shows late, by less than settle and more than the overlap',
    },
  },
  {
    name: 'An interrupted walk goes on below cases that were not settled',
    file: 'find/related.ts',
    find: 'const mayGoOn = allDone && !walk.hasNulls && walk.token !== null && lowestWaiting >= settledBefore;',
    replace: 'const mayGoOn = walk.token !== null;',
    caughtBy: {
      test: 'test/export/find/related.test.ts',
      because: 'worlds are small, and a walk that reaches its bottom is none that goes on',
    },
  },
  {
    name: 'What a walk over related items finds is not read',
    file: 'find/related.ts',
    find: '    if (touched < this.#bottom) return associatedAt;\n',
    replace: '    if (touched !== this.#bottom) return associatedAt;\n',
    worlds: having('cases.related-silent'),
  },
];
