/** Breaks of the lanes: what is looked for, what is skipped, and how far a watermark may go. */
import { bySeed, byTest, type Mutant } from './mutant';
import { all, findable, having } from './worlds';

export const LANE_MUTANTS: readonly Mutant[] = [
  ...byTest('find/live.ts', 'test/export/find/live.test.ts', {
    'The live watermark moves to the start of the pass, without settle': [
      'startedAt - this.run.deps.settings.settleMs);',
      'startedAt);',
      'it takes an audit history that lags and an overlap shorter than the lag: one seed in some thousands',
    ],
    'The live watermark passes a case that waits': [
      '        this.#lowestWaiting = Math.min(this.#lowestWaiting, place);\n',
      '',
      'the overlap of the next pass nearly always covers it: one seed in some hundreds',
    ],
    'The live anchor passes a case that waits': [
      '        this.#tracker.stayBelow(place);\n',
      '',
      'the pass has to be interrupted just behind the case, and no overlap to cover it: none of three thousand seeds',
    ],
    'A live pass starts at the watermark, without overlap': [
      '- settleMs) - overlapMs;',
      '- settleMs) - 0 * overlapMs;',
      'it takes a search that lags by more than settle, in the seconds before a pass begins: one seed in some hundreds',
    ],
    'A live pass starts when its first answer is in, not when it was asked for': [
      'this.#startedAt ??= this.run.time.correct(this.#askedAt);',
      'this.#startedAt ??= this.run.time.correct(Math.max(this.#askedAt, this.run.deps.clock.now()));',
      'it takes a change in the milliseconds of one call, that no overlap covers',
    ],
  }),
  ...byTest('find/live.ts', 'test/export/complete/what-a-pass-proves.test.ts', {
    'The live watermark moves though the pass was interrupted': [
      'if (this.#lastPage === null || this.#startedAt === null) return;',
      'if (this.#startedAt === null) return;',
      'the reading has to end between two pages and by nothing else: none of a hundred and twenty seeds',
    ],
  }),
  ...byTest('export.ts', 'test/export/regressions.test.ts', {
    'The first live pass begins later than the first sweep ends': [
      'leaveMs.live, sweep.startedAt);',
      'leaveMs.live);',
      'it takes a first tick that ends between the two, and a change in the seconds between',
    ],
  }),
  ...bySeed('domain/resume-point.ts', {
    'The anchor passes cases that are not settled': [
      'if (place < lowest && place > savedUpTo) lowest = place;',
      'if (place < lowest && place > savedUpTo) continue;',
    ],
    'The anchor takes a half-read case for settled, though it was touched again': [
      'if (place < lowest && place > savedUpTo) lowest = place;',
      'if (place < lowest && !saved.has([...this.#open].find((open) => open.place === place)?.caseId ?? "")) lowest = place;',
    ],
  }),
  ...byTest('domain/keyset.ts', 'test/export/domain/keyset-reached.test.ts', {
    'The anchor rises over pages that do not come sorted': [
      "const last = step.kind === 'end' && step.inOrder ? cases.at(-1) : undefined;",
      "const last = step.kind === 'end' || !step.inOrder ? cases.at(-1) : undefined;",
      'where sorts are not honoured, nothing is promised before a sweep has looked, and the sweep finds it',
    ],
  }),
  ...byTest('domain/keyset.ts', 'test/export/domain/keyset.test.ts', {
    'The search goes on beyond the highest value of a page': [
      '...startCursor(value), owedFrom: from,',
      '...startCursor(value + SECOND_MS), owedFrom: from,',
      'it takes a tie across two pages and no overlap or sweep that comes by later',
    ],
    'A page that does not come sorted is trusted': [
      'const inOrder = isInOrder(cursor, page.cases);',
      'const inOrder = isInOrder(cursor, page.cases) || cursor.from >= 0;',
      'where sorts are not honoured, nothing is promised before a sweep has looked, and the sweep finds it',
    ],
    'A search token that repeats is followed for ever': [
      "  if (cursor.tokensSeen.includes(token)) return { kind: 'token-repeats', inOrder, ...shownAll(cursor) };\n",
      '',
      'no circle of tokens lasts longer than ten minutes of simulated time, and the run ends before its time does',
    ],
  }),
  ...bySeed('domain/keyset.ts', {
    'An empty page with a token ends the search': [
      'return follow(cursor, page.nextToken, true);',
      "return { kind: 'end', inOrder: true, ...shownAll(cursor) };",
      all(having('cases.token-on-empty-page'), findable),
    ],
  }),
  ...byTest('find/select.ts', 'test/export/find/live.test.ts', {
    'A case that comes again on a later page with a later time is left out': [
      'if (before !== undefined && touched !== null && touched <= before) return false;',
      'if (before !== undefined) return false;',
      'it takes an index that catches up between two pages of one pass',
    ],
  }),
  ...bySeed('domain/times.ts', {
    'Only our own clock is believed': [
      'this.#leadMs = this.#differenceMs >= HEADER_RESOLUTION_MS ? this.#differenceMs : 0;',
      'this.#leadMs = 0;',
      having('process.clock-6h-ahead', 'process.clock-10s-ahead'),
    ],
  }),
  ...byTest('domain/skip.ts', 'test/export/domain/skip.test.ts', {
    'A case is skipped though it was read before its change had settled': [
      'touched <= record.touched && record.readAt >= record.touched + rule.settleMs',
      'touched <= record.touched',
      'it takes an audit history that lags by nearly all of settle: one seed in some hundreds',
    ],
    'A case is read without waiting for its change to settle': [
      'if (touched === null || rule.now >= touched + rule.settleMs) return false;',
      'if (rule.settleMs >= 0) return false;',
      'a read that was too early is not trusted, so the case is read again: a call, never an event',
    ],
    'A case that never rests waits for ever': [
      'return rule.now < waitingSince + rule.maxLagMs;',
      'return rule.now < waitingSince + 1e12 * rule.settleMs;',
      'at the end of every world all cases come to rest',
    ],
  }),
  ...bySeed('domain/skip.ts', {
    'A sweep trusts reads from before it began': [
      '  if (rule.readSince !== undefined && record.readAt < rule.readSince) return false;\n',
      '',
    ],
  }),
  ...byTest('find/sweep.ts', 'test/export/find/sweep.test.ts', {
    'A sweep is finished though cases of it were not settled': [
      'if (allDone && pass.isAllRead && pass.sawAll) await',
      'if (pass.sawAll) await',
      'the live lane, which also finds the case, covers it nearly always',
    ],
  }),
  ...byTest('find/sweep.ts', 'test/export/find/sweep-doubts.test.ts', {
    'A sweep is finished though its search was not': [
      'return this.#ended && !isHeld;',
      'return !isHeld;',
      'the live lane, which also finds the case, covers it nearly always',
    ],
  }),
  ...byTest('find/sweep.ts', 'test/export/regressions.test.ts', {
    'A sweep leaves a case to the live lane that will not look at it again': [
      '      noWaitBefore: nextLivePassFrom(this.run, startedAt),\n',
      '',
      'it takes a clock that is behind and a case on the border of the two lanes',
    ],
  }),
  ...byTest('find/related.ts', 'test/export/find/related.test.ts', {
    'The watermark of related items moves though the walk was interrupted': [
      "if (walk.end === 'bottom' && allDone) {",
      'if (allDone) {',
      'it takes items for several ticks of walking, and worlds are small',
    ],
    'The watermark of related items moves to the start of the walk, without settle': [
      'walk.startedAt - run.deps.settings.settleMs, lowestWaiting);',
      'walk.startedAt, lowestWaiting);',
      'it takes an item that the list shows late, by less than settle and more than the overlap',
    ],
    'An interrupted walk goes on below cases that were not settled': [
      'const mayGoOn = allDone && !walk.hasNulls && walk.token !== null && lowestWaiting >= settledBefore;',
      'const mayGoOn = walk.token !== null;',
      'worlds are small, and a walk that reaches its bottom is none that goes on',
    ],
  }),
  ...bySeed('find/related.ts', {
    'The watermark of related items moves though cases were not settled': [
      "if (walk.end === 'bottom' && allDone) {",
      "if (walk.end === 'bottom') {",
    ],
    'What a walk over related items finds is not read': [
      '    if (touched < this.#bottom) return associatedAt;\n',
      '    if (touched !== this.#bottom) return associatedAt;\n',
      having('cases.related-silent'),
    ],
  }),
  ...byTest('find/related.ts', 'test/export/find/related-waiting.test.ts', {
    'The watermark of related items passes a case that waits': [
      'Math.min(Math.max(lane.watermark, settledBefore), lowestWaiting)',
      'Math.max(lane.watermark, settledBefore)',
      'it takes a time of the service that goes back between the walk and the reading, within one run',
    ],
  }),
];
