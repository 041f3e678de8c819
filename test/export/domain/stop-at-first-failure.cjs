/**
 * Jest environment for mutation testing: one failed test kills a mutant, so the tests that are left, also those of other files,
 * are skipped for this mutant. Jest itself goes on to the end. Loaded by `stryker.config.mjs` only.
 */
const { TestEnvironment } = require('jest-environment-node');

/** Set by Stryker while a mutant is active; absent in its first run, in which nothing is skipped. */
const ACTIVE_MUTANT = '__STRYKER_ACTIVE_MUTANT__';

/** Lives in Stryker's process, outside the tests' own globals: environments of several files share it. */
let killedMutant;

module.exports = class StopAtFirstFailure extends TestEnvironment {
  async handleTestEvent(event) {
    const mutant = process.env[ACTIVE_MUTANT];
    if (mutant === undefined) return;
    if (event.name === 'test_done' && event.test.errors.length > 0) killedMutant = mutant;
    if (event.name === 'test_start' && killedMutant === mutant) event.test.mode = 'skip';
  }
};
