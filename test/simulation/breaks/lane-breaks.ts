/** Breaks of the lanes: what is looked for, what is skipped, and how far a watermark may go. */
import type { Break } from './break';
import { all, findable, having, settling, smallPages } from './worlds';

export const LANE_BREAKS: readonly Break[] = [
  {
    name: 'The live watermark moves to the start of the pass, without settle',
    file: 'steps/live.ts',
    find: 'startedAt - settleMs), lowestWaiting)',
    replace: 'startedAt), lowestWaiting)',
    worlds: all(having('cases.stale-replica'), findable, settling, ({ settings }) => settings.overlapMs < 120_000),
  },
  {
    name: 'The live watermark passes a case that waits',
    file: 'steps/live.ts',
    find: '      lowestWaiting = Math.min(lowestWaiting, place);\n',
    replace: '',
    worlds: all(having('cases.related-silent'), settling),
  },
  {
    name: 'The live anchor passes a case that waits',
    file: 'steps/live.ts',
    find: '      tracker.found(place, found.caseId);\n',
    replace: '',
    worlds: all(having('process.out-of-time'), having('cases.related-silent'), settling),
  },
  {
    name: 'The live watermark moves though the pass was interrupted',
    file: 'steps/live.ts',
    find: 'if (!allSettled || !ended || startedAt === null) return;',
    replace: 'if (startedAt === null) return;',
  },
  {
    name: 'A live pass starts at the watermark, without overlap',
    file: 'steps/live.ts',
    find: '- settleMs) - overlapMs;',
    replace: '- settleMs) - 0 * overlapMs;',
    worlds: all(having('cases.search-lag-10m'), findable, settling, ({ settings }) => settings.overlapMs >= 600_000),
  },
  {
    name: 'A live pass starts when its first answer is in, not when it was asked for',
    file: 'steps/live.ts',
    find: 'startedAt ??= run.time.correct(askedAt);',
    replace: 'startedAt ??= run.time.correct(Math.max(askedAt, run.deps.clock.now()));',
    caughtBy: {
      test: 'test/export/steps/live.test.ts',
      because: '?',
    },
  },
  {
    name: 'The first live pass begins later than the first sweep ends',
    file: 'export.ts',
    find: '  run.historyUntil = sweep.startedAt;\n',
    replace: '',
    caughtBy: {
      test: 'test/export/regressions.test.ts',
      because: 'it takes a first tick that ends between the two, and a change in the seconds between',
    },
  },
  {
    name: 'The anchor passes cases that are not settled',
    file: 'domain/anchor.ts',
    find: 'if (value < lowest && value > savedUpTo) lowest = value;',
    replace: 'if (value < lowest && value > savedUpTo) continue;',
  },
  {
    name: 'The anchor takes a half-read case for settled, though it was touched again',
    file: 'domain/anchor.ts',
    find: 'if (value < lowest && value > savedUpTo) lowest = value;',
    replace:
      'if (value < lowest && !halfRead.has([...this.#open].find((open) => open.value === value)?.caseId ?? "")) lowest = value;',
  },
  {
    name: 'The anchor rises over pages that do not come sorted',
    file: 'domain/anchor.ts',
    find: 'if (!this.#frozen && value > this.#reached)',
    replace: 'if (value > this.#reached)',
    caughtBy: {
      test: 'test/export/domain/anchor.test.ts',
      because: 'pages that do not come sorted give no place to rise to: this is the second lock',
    },
  },
  {
    name: 'After a tie the search goes on at the highest value of the page',
    file: 'domain/keyset.ts',
    find: 'startCursor(cursor.tie ? cursor.from + 1 : highest)',
    replace: 'startCursor(highest)',
    caughtBy: {
      test: 'test/export/domain/keyset.test.ts',
      because: 'where offsets move, nothing is promised before a sweep has looked, and the sweep finds it',
    },
  },
  {
    name: 'The search goes on beyond the highest value of a page',
    file: 'domain/keyset.ts',
    find: 'startCursor(cursor.tie ? cursor.from + 1 : highest)',
    replace: 'startCursor(highest + 1)',
    worlds: all(having('cases.250-in-a-millisecond'), findable, ({ pageSize }) => pageSize.searchCases <= 5),
  },
  {
    name: 'An empty page with a token ends the search',
    file: 'domain/keyset.ts',
    find: "  if (page.nextToken === undefined) return { kind: 'end', unsorted };",
    replace: "  if (page.nextToken === undefined || page.values.length === 0) return { kind: 'end', unsorted };",
    worlds: all(having('cases.token-on-empty-page'), findable),
  },
  {
    name: 'A page that does not come sorted is trusted',
    file: 'domain/keyset.ts',
    find: 'if (cursor.held || unsorted) return',
    replace: 'if (cursor.held) return',
    caughtBy: {
      test: 'test/export/domain/keyset.test.ts',
      because: 'where sorts are not honoured, nothing is promised before a sweep has looked, and the sweep finds it',
    },
  },
  {
    name: 'A search token that repeats is followed for ever',
    file: 'domain/keyset.ts',
    find: "  if (cursor.tokensSeen.includes(token)) return { kind: 'token-repeats', unsorted };\n",
    replace: '',
    caughtBy: {
      test: 'test/export/domain/keyset.test.ts',
      because:
        'no circle of tokens lasts longer than ten minutes of simulated time, and the run ends before its time does',
    },
  },
  {
    name: 'A case that comes again on a later page with a later time is left out',
    file: 'steps/select.ts',
    find: 'if (before !== undefined && touched !== null && touched <= before) return false;',
    replace: 'if (before !== undefined) return false;',
    worlds: all(
      having('cases.stale-replica', 'cases.search-lag-10m'),
      smallPages,
      ({ settings }) => settings.settleMs <= 1_000,
    ),
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
    find: 'touched <= head.touched && head.readAt >= head.touched + rule.settleMs',
    replace: 'touched <= head.touched',
    worlds: all(having('cases.audit-lag'), settling, findable, ({ settings }) => settings.maxLagMs < settings.settleMs),
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
    find: '  if (rule.readSince !== undefined && head.readAt < rule.readSince) return false;\n',
    replace: '',
  },
  {
    name: 'A sweep is finished though cases of it were not settled',
    file: 'steps/sweep.ts',
    find: '  if (!allSettled || !ended) return;\n',
    replace: '  if (!ended) return;\n',
    worlds: all(having('process.out-of-time'), findable),
  },
  {
    name: 'A sweep is finished though its search was not',
    file: 'steps/sweep.ts',
    find: '  if (!allSettled || !ended) return;\n',
    replace: '  if (!allSettled) return;\n',
    worlds: having('cases.related-edited', 'cases.related-deleted'),
  },
  {
    name: 'A sweep leaves a case to the live lane that will not look at it again',
    file: 'steps/sweep.ts',
    find: '    noWaitBefore: nextLivePassFrom(run),\n',
    replace: '',
    worlds: having('process.clock-6h-behind'),
  },
  {
    name: 'The watermark of related items moves though the walk was interrupted',
    file: 'steps/related.ts',
    find: "if (walk.end === 'bottom' && allSettled) {",
    replace: 'if (allSettled) {',
    worlds: all(
      having('cases.related-silent'),
      having('process.out-of-time'),
      ({ pageSize }) => pageSize.searchAllRelatedItems <= 3,
    ),
  },
  {
    name: 'The watermark of related items moves though cases were not settled',
    file: 'steps/related.ts',
    find: "if (walk.end === 'bottom' && allSettled) {",
    replace: "if (walk.end === 'bottom') {",
  },
  {
    name: 'The watermark of related items passes a case that waits',
    file: 'steps/related.ts',
    find: 'Math.min(Math.max(lane.watermark, settledBefore), lowestWaiting)',
    replace: 'Math.max(lane.watermark, settledBefore)',
    caughtBy: {
      test: 'test/export/steps/related.test.ts',
      because: 'it takes a clock that is set back between the walk and the reading, within one run',
    },
  },
  {
    name: 'The watermark of related items moves to the start of the walk, without settle',
    file: 'steps/related.ts',
    find: 'walk.startedAt - run.deps.settings.settleMs, lowestWaiting);',
    replace: 'walk.startedAt, lowestWaiting);',
    worlds: all(
      having('cases.related-silent'),
      having('cases.stale-replica'),
      settling,
      findable,
      ({ settings }) => settings.overlapMs < 120_000,
    ),
  },
  {
    name: 'An interrupted walk goes on below cases that were not settled',
    file: 'steps/related.ts',
    find: 'const mayGoOn = allSettled && walk.token !== null && lowestWaiting >= settledBefore;',
    replace: 'const mayGoOn = walk.token !== null;',
  },
  {
    name: 'What a walk over related items finds is not read',
    file: 'steps/related.ts',
    find: '    if (touched < this.#bottom) return associatedAt;\n',
    replace: '    if (touched !== this.#bottom) return associatedAt;\n',
    worlds: having('cases.related-silent'),
  },
];
