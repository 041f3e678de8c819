/** Sets the time limit of a project's tests, for every file of it: jest itself knows only one limit for all projects. */
import { url } from 'node:inspector';

/** Of the project, from `jest.config.js`. */
declare const TIME_LIMIT_MS: number;

// At a breakpoint somebody thinks, and no limit is right.
jest.setTimeout(url() === undefined ? TIME_LIMIT_MS : 24 * 3_600_000);
