/** Promise: a wrong configuration is refused before anything is made, with every problem told at once. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, checkConfig, readConfig } from '../../lib/config-file';
import { EVERYTHING, emptyFolder, MINIMAL, NOW } from './synthesize';

const DOMAIN = MINIMAL.domains[0];

describe('what is accepted', () => {
  test('the example is complete', () => {
    expect(readConfig('config/example.json', NOW).prefix).toBe('case-audit');
  });

  test('defaults are filled in', () => {
    expect(checkConfig(MINIMAL, 'test', NOW)).toEqual({
      ...MINIMAL,
      retiredDomains: [],
      pausedDomains: [],
      scheduleMinutes: 5,
      quotaRequestsPerSecond: 2,
      memoryMb: 512,
      logRetentionDays: 90,
      objectLock: { mode: 'none' },
      alarms: { email: 'team@example.com', watermarkAgeSeconds: 3600, runbookUrl: 'docs/runbook.md' },
      queryScanLimitGb: 100,
      whenStackIsDeleted: 'keep-data',
      settings: { commitReserveSeconds: 60 },
    });
  });

  test('every option together', () => {
    expect(checkConfig(EVERYTHING, 'test', NOW)).toMatchObject(EVERYTHING);
  });
});

describe('what is refused', () => {
  test('all problems at once, each with where it is, what came and what was expected', () => {
    const input = {
      prefix: 'Case Audit',
      account: 111122223333,
      domains: [DOMAIN, 'a b'],
      retiredDomains: [DOMAIN],
      firstExportDate: '2026-02-30',
      alarms: { email: 'nobody', colour: 'red' },
      objectLock: { mode: 'COMPLIANCE', days: 0 },
      kmsKeyArn: 'alias/mine',
      whenStackIsDeleted: 'perhaps',
      settings: { settleSeconds: -1, maxRowsPerCommit: 0.5, settle: 3 },
      colour: 'red',
    };
    expect(problems(input)).toEqual([
      'prefix: got "Case Audit", expected a name of 2 to 30 characters a-z, 0-9 and -, beginning with a letter',
      'account: got 111122223333, expected an AWS account id, 12 digits as a string',
      'region: got nothing, expected an AWS Region, for example eu-central-1',
      'domains[1]: got "a b", expected the id of a Cases domain: 1 to 100 characters A-Z, a-z, 0-9 and -',
      'firstExportDate: got "2026-02-30", expected a date that exists, YYYY-MM-DD',
      'objectLock.days: got 0, expected a whole number of days from 1 to 36500',
      'objectLock.acknowledgeNobodyCanDelete: got nothing, expected true: in COMPLIANCE mode nobody, not even the root user or AWS, can delete or shorten before the term ends',
      'kmsKeyArn: got "alias/mine", expected the ARN of a KMS key (not of an alias)',
      'alarms.email: got "nobody", expected an e-mail address',
      'alarms.colour: got "red", expected no such key',
      'whenStackIsDeleted: got "perhaps", expected keep-data or delete-data',
      'settings.settleSeconds: got -1, expected a whole number of seconds from 0 to 31536000',
      'settings.maxRowsPerCommit: got 0.5, expected a whole number of rows, 1 or more',
      'settings.settle: got 3, expected no such key',
      'colour: got "red", expected no such key',
    ]);
  });

  test('rules across keys are told together with wrong values elsewhere', () => {
    const input = { ...MINIMAL, memoryMb: 1, retiredDomains: [DOMAIN], pausedDomains: ['other'] };
    expect(problems(input)).toEqual([
      'memoryMb: got 1, expected a whole number of MB from 512 to 10240',
      `domains: got ["${DOMAIN}"], expected each domain once, either in domains or in retiredDomains`,
      'pausedDomains: got ["other"], expected only domains that are in domains',
    ]);
  });

  test.each<[string, object, string]>([
    ['a domain twice', { domains: [DOMAIN, DOMAIN] }, 'domains: .*expected each domain once'],
    ['no domain', { domains: [] }, 'domains: got \\[\\], expected a list of 1 to 15 domain ids'],
    ['more domains than the role has room for', { domains: ids(16) }, 'expected a list of 1 to 15 domain ids'],
    ['a domain that would break a path', { domains: ['a/b'] }, 'domains\\[0\\]: got "a/b"'],
    ['a blank in the projected list', { retiredDomains: ['a, b'] }, 'retiredDomains\\[0\\]: got "a, b"'],
    ['a first date to come', { firstExportDate: '2026-06-17' }, 'firstExportDate: .*not in the future'],
    ['a schedule slower than an hour', { scheduleMinutes: 61 }, 'scheduleMinutes: got 61'],
    ['a quota of nothing', { quotaRequestsPerSecond: 0 }, 'quotaRequestsPerSecond: got 0, expected a number above 0'],
    [
      'a log retention that CloudWatch lacks',
      { logRetentionDays: 100 },
      'logRetentionDays: got 100, expected .*offers',
    ],
    ['an unknown lock', { objectLock: { mode: 'LEGAL' } }, 'objectLock.*expected an object whose mode is none'],
    [
      'COMPLIANCE without the acknowledgement',
      { objectLock: { mode: 'COMPLIANCE', days: 1, acknowledgeNobodyCanDelete: false } },
      'acknowledgeNobodyCanDelete: got false, expected true',
    ],
    ['days without a lock', { objectLock: { mode: 'none', days: 3 } }, 'objectLock.days: got 3, expected no such key'],
    ['a user for a role', { breakGlassRoleArn: 'arn:aws:iam::111122223333:user/x' }, 'the ARN of an IAM role'],
    [
      'a key of another region',
      { kmsKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d' },
      'kmsKeyArn: .*expected a key of the same region',
    ],
    [
      'a topic of another region',
      { alarms: { topicArn: 'arn:aws:sns:us-east-1:111122223333:alarms' } },
      'alarms.topicArn: .*expected a topic of the same region',
    ],
    ['alarms that nobody hears', { alarms: {} }, 'alarms: got {}, expected an object with either email'],
    [
      'two ways to hear alarms',
      { alarms: { email: 'a@example.com', topicArn: 'arn:aws:sns:eu-central-1:111122223333:alarms' } },
      'expected an object with either email',
    ],
    [
      'deletion of what is locked',
      { whenStackIsDeleted: 'delete-data', objectLock: { mode: 'GOVERNANCE', days: 1 } },
      'whenStackIsDeleted: got "delete-data", expected keep-data',
    ],
    [
      'a date that is none',
      { settings: { exportFrom: 'yesterday' } },
      'settings.exportFrom: got "yesterday", .*ISO 8601',
    ],
    ['a number as text', { settings: { sweepDays: '30' } }, 'settings.sweepDays: got "30"'],
  ])('%s', (_name, change, expected) => {
    const found = problems({ ...MINIMAL, ...change });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(expected));
  });

  test.each([[null], ['text'], [[]], [3]])('%j instead of an object', (input) => {
    expect(problems(input)).toEqual([`(the file): got ${JSON.stringify(input)}, expected an object`]);
  });
});

describe('the file', () => {
  test('one that is not there: the message says how to make one', () => {
    expect(() => readConfig('config/nowhere.json', NOW)).toThrow(
      /config\/nowhere\.json: cannot be read .*copy config\/example\.json/,
    );
  });

  test('one that is not JSON: the message names the file', () => {
    const path = join(emptyFolder(), 'broken.json');
    writeFileSync(path, '{ "prefix": }');
    expect(() => readConfig(path, NOW)).toThrow(/broken\.json: expected JSON/);
  });
});

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `domain-${index}`);
}

function problems(input: unknown): string[] {
  try {
    checkConfig(input, 'test', NOW);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const [heading, ...lines] = (error as ConfigError).message.split('\n');
    expect(heading).toMatch(/^test: (one problem|\d+ problems)$/);
    return lines.map((line) => line.replace(/^ {2}- /, ''));
  }
  throw new Error('expected the configuration to be refused');
}
