/**
 * Properties run with one seed while mutants are counted, so that a count can be repeated; and a property that fails is not
 * shrunk, as the first failure is enough to kill a mutant. Loaded by `stryker.config.mjs` only: plain runs keep random seeds.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: 20_260_601, endOnFailure: true });
