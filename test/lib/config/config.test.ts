/** Promise: a wrong configuration is refused before anything is made, with every problem told at once. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { deployConfigSchema } from '../../../lib/config/config';
import { ConfigError, checkConfig, readConfig } from '../../../lib/config/config-file';
import { readJsonText } from '../../../lib/config/json-text';
import { scratchOfFile } from '../../support/scratch';
import { EVERYTHING, MINIMAL, NOW } from '../configurations';

const DOMAIN = MINIMAL.domains[0];
const scratch = scratchOfFile();

const [, { arn: SIGNING_ARN }] = EVERYTHING.signingKeys;
const { kmsKeyArn: _, ...MIRROR } = EVERYTHING.notesMirror;

describe('what is accepted', () => {
  test.each(['example.json', 'example-regulated.json'])('%s is complete', (name) => {
    expect(readConfig(`config/${name}`, NOW).prefix).toBe('case-audit');
  });

  test('defaults are filled in', () => {
    expect(checkConfig(MINIMAL, 'test', NOW)).toEqual({
      ...MINIMAL,
      retiredDomains: [],
      pausedDomains: [],
      analystAccounts: [],
      perDomain: {},
      scheduleMinutes: 5,
      quotaRequestsPerSecond: 2,
      memoryMb: 512,
      logRetentionDays: 90,
      accessLogRetentionDays: 400,
      queryResultRetentionDays: 30,
      objectLock: { mode: 'none' },
      alarms: { email: 'team@example.com', watermarkAgeSeconds: 3600, runbookUrl: 'docs/runbook.md' },
      createKmsKey: false,
      formerKmsKeyArns: [],
      encryptAllWithKey: false,
      lakeFormation: false,
      analystsOnlyThroughAthena: false,
      signingKeys: [],
      scheduledVerify: 'daily',
      prefixes: { queryResults: 'athena/', archiveAccessLogs: 'archive/', workAccessLogs: 'work/' },
      curatedTable: 'daily',
      dashboard: true,
      queryScanLimitGb: 100,
      tags: {},
      whenStackIsDeleted: 'keep-data',
      settings: { commitReserveSeconds: 60 },
    });
  });

  test('every option together', () => {
    expect(checkConfig(EVERYTHING, 'test', NOW)).toMatchObject(EVERYTHING);
    const known = Object.keys(deployConfigSchema.shape).filter(
      (key) =>
        !['$schema', 'otherRegions', 'createKmsKey', 'checkpointTableName', 'vpcConfig', 'whenStackIsDeleted'].includes(
          key,
        ),
    );
    expect(Object.keys(EVERYTHING)).toEqual(expect.arrayContaining(known));
  });

  test('domains by ARN, which become ids', () => {
    const { domains, retiredDomains, pausedDomains, perDomain } = checkConfig(
      {
        ...MINIMAL,
        domains: [arn(DOMAIN), 'other'],
        retiredDomains: [arn('old')],
        pausedDomains: [DOMAIN],
        perDomain: { [arn('other')]: { share: 0.5 } },
      },
      'test',
      NOW,
    );
    expect({ domains, retiredDomains, pausedDomains, perDomain }).toEqual({
      domains: [DOMAIN, 'other'],
      retiredDomains: ['old'],
      pausedDomains: [DOMAIN],
      perDomain: { other: { share: 0.5 } },
    });
  });

  test('shares that sum to 1 only in decimal', () => {
    const perDomain = { a: { share: 0.1 }, b: { share: 0.2 }, c: { share: 0.7 } };
    expect(() => checkConfig({ ...MINIMAL, domains: ['a', 'b', 'c'], perDomain }, 'test', NOW)).not.toThrow();
  });

  test('a first day that is today, UTC', () => {
    expect(() => checkConfig({ ...MINIMAL, firstExportDate: '2026-06-15' }, 'test', NOW)).not.toThrow();
  });

  test('where a configuration file lies, its schema may be named, which changes nothing', () => {
    const named = checkConfig({ ...MINIMAL, $schema: './schema.json' }, 'test', NOW);
    expect(named).toEqual(checkConfig(MINIMAL, 'test', NOW));
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
      'domains[1]: got "a b", expected the id of a Cases domain (1 to 100 characters A-Z, a-z, 0-9 and -), or its ARN (arn:aws:cases:<region>:<account>:domain/<id>)',
      'firstExportDate: got "2026-02-30", expected a date that exists, YYYY-MM-DD',
      'alarms.email: got "nobody", expected an e-mail address',
      'alarms.colour: got "red", expected no such key',
      'objectLock.days: got 0, expected a whole number of days from 1 to 36500',
      'objectLock.acknowledgeNobodyCanDelete: got nothing, expected true: in COMPLIANCE mode nobody, not even the root user or AWS, can delete or shorten before the term ends',
      'kmsKeyArn: got "alias/mine", expected the ARN of a KMS key (not of an alias)',
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
      `domains: got ["${DOMAIN}"], expected each domain once, either in domains or in retiredDomains, but ${DOMAIN} is domains[0] and retiredDomains[0]`,
      'pausedDomains: got ["other"], expected only domains that are in domains',
    ]);
  });

  test.each<[string, object, string]>([
    ['a domain twice', { domains: [DOMAIN, DOMAIN] }, 'domains: .*expected each domain once'],
    ['no domain', { domains: [] }, 'domains: got \\[\\], expected a list of 1 to 15 domains'],
    ['more domains than a dashboard has room for', { domains: ids(16) }, 'expected a list of 1 to 15 domains'],
    ['a domain that would break a path', { domains: ['a/b'] }, 'domains\\[0\\]: got "a/b"'],
    ['a blank in the projected list', { retiredDomains: ['a, b'] }, 'retiredDomains\\[0\\]: got "a, b"'],
    [
      'a first date after the first deployment',
      { firstExportDate: '2026-06-16' },
      'firstExportDate: got "2026-06-16", expected a date that is not in the future \\(today is 2026-06-15, UTC\\): rows exported before it stay invisible',
    ],
    [
      'a start that leaves out every case',
      { settings: { exportFrom: '2026-06-15T12:00:01Z' } },
      'settings.exportFrom: .*expected a time that is not in the future: the first sweep would leave out every case',
    ],
    [
      'such a start for one domain',
      { perDomain: { [DOMAIN]: { settings: { exportFrom: '2027-01-01' } } } },
      `perDomain.${DOMAIN}.settings.exportFrom: .*not in the future`,
    ],
    [
      'a domain of another Region',
      { domains: [arn('abc').replace('eu-central-1', 'us-west-2')] },
      'domains\\[0\\]: got "arn:aws:cases:us-west-2:.*expected a domain of the account and Region of the stack, 111122223333 and eu-central-1',
    ],
    [
      'a domain of another account',
      { retiredDomains: [arn('abc').replace('111122223333', '444455556666')] },
      'retiredDomains\\[0\\]: .*expected a domain of the account and Region of the stack',
    ],
    [
      'the same domain by id and by ARN',
      { domains: [DOMAIN, arn(DOMAIN)] },
      'domains: .*expected each domain once, either in domains or in retiredDomains',
    ],
    [
      'options of a domain that is not exported',
      { perDomain: { other: { share: 0.5 } } },
      'perDomain.other: got {"share":0.5}, expected only domains that are in domains',
    ],
    [
      'options of a domain twice',
      { perDomain: { [DOMAIN]: { scheduleMinutes: 5 }, [arn(DOMAIN)]: { scheduleMinutes: 10 } } },
      'perDomain: .*expected each domain once, by id or by ARN',
    ],
    [
      'an unknown option of a domain',
      { perDomain: { [DOMAIN]: { pace: 1 } } },
      `perDomain.${DOMAIN}.pace: got 1, expected no such key`,
    ],
    [
      'a share of nothing',
      { perDomain: { [DOMAIN]: { share: 0 } } },
      'share: got 0, expected a number above 0, at most 1',
    ],
    [
      'shares of more than all',
      { domains: ['a', 'b'], perDomain: { a: { share: 0.6 }, b: { share: 0.5 } } },
      'perDomain: .*expected shares that sum to at most 1, not to 1.1',
    ],
    [
      'shares that leave nothing for the others',
      { domains: ['a', 'b'], perDomain: { a: { share: 1 } } },
      'perDomain: .*expected shares that sum to less than 1, as some domains have no share of their own, not to 1$',
    ],
    [
      'a pace above the quota',
      { quotaRequestsPerSecond: 5, requestsPerSecond: 5.1 },
      'requestsPerSecond: got 5.1, expected a pace of at most quotaRequestsPerSecond, which is 5',
    ],
    [
      'a pace above the default quota',
      { requestsPerSecond: 3 },
      'requestsPerSecond: got 3, expected a pace of at most quotaRequestsPerSecond, which is 2',
    ],
    [
      'query results among staged commits',
      { prefixes: { queryResults: 'staging/results/' } },
      'prefixes.queryResults: got "staging/results/", expected a prefix that does not overlap with staging/, where commits are staged',
    ],
    [
      'access logs of two buckets mixed up',
      { prefixes: { archiveAccessLogs: 'logs/', workAccessLogs: 'logs/work/' } },
      'prefixes.workAccessLogs: got "logs/work/", expected a prefix that does not overlap with logs/, that of archiveAccessLogs',
    ],
    [
      'a prefix that would end in the middle of a name',
      { prefixes: { queryResults: 'athena' } },
      'expected a key prefix: .*each followed by /',
    ],
    [
      'a tag of AWS’s own',
      { tags: { 'aws:x': 'y' } },
      'tags: got .*expected tags whose names .*do not begin with aws:',
    ],
    ['a tag that is no text', { tags: { cost: 4711 } }, 'tags.cost: got 4711, expected at most 256 letters'],
    [
      'more tags than a resource takes',
      { tags: Object.fromEntries(ids(46).map((id) => [id, 'x'])) },
      'tags: .*expected an object of at most 45 tags',
    ],
    [
      'two keys',
      { createKmsKey: true, kmsKeyArn: EVERYTHING.kmsKeyArn },
      'createKmsKey: got true, expected false, as kmsKeyArn names a key that exists',
    ],
    [
      'no retention of query results',
      { queryResultRetentionDays: 0 },
      'queryResultRetentionDays: got 0, expected a whole number of days',
    ],
    [
      'query results where the curated table lies',
      { prefixes: { queryResults: 'curated/' } },
      'prefixes.queryResults: got "curated/", expected a prefix that does not overlap with curated/, where the curated table lies',
    ],
    [
      'query results where lists of people lie',
      { prefixes: { queryResults: 'users/results/' } },
      'expected a prefix that does not overlap with users/, where lists of people lie',
    ],
    ['a refresh every week', { curatedTable: 'weekly' }, 'curatedTable: got "weekly", expected daily, hourly or off'],
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
      'everything under a key that is not there',
      { encryptAllWithKey: true },
      'encryptAllWithKey: got true, expected false, or a key beside it',
    ],
    [
      'expiry of what is locked',
      { objectLock: { mode: 'GOVERNANCE', days: 100 }, archiveExpirationDays: 99 },
      'archiveExpirationDays: got 99, expected at least the days of objectLock, 100',
    ],
    [
      'a VPC without subnets',
      { vpcConfig: { subnetIds: [], securityGroupIds: ['sg-0a1b2c3d'] } },
      'vpcConfig.subnetIds',
    ],
    [
      'a former key of another region',
      { formerKmsKeyArns: ['arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d'] },
      'formerKmsKeyArns\\[0\\]: .*expected a key of the same region',
    ],
    [
      'a key of the catalog of another region',
      { catalogKmsKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d' },
      'catalogKmsKeyArn: .*expected a key of the same region',
    ],
    [
      'query results where the refresh keeps its own',
      { prefixes: { queryResults: 'curated-results/' } },
      'expected a prefix that does not overlap with curated-results/, where the refresh keeps its answers',
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
    [
      'a signing key of neither sort',
      { signingKeys: [{ name: 'a' }] },
      'signingKeys\\[0\\]: got .*, expected an object with either create',
    ],
    ['three signing keys', { signingKeys: ['a', 'b', 'c'].map((create) => ({ create })) }, 'a list of at most 2 keys'],
    [
      'one signing key twice',
      { signingKeys: [{ create: 'a' }, { create: 'a' }] },
      'signingKeys: .*expected each key once',
    ],
    [
      'a signing key of another Region',
      { signingKeys: [{ arn: SIGNING_ARN.replace('eu-central-1', 'us-east-1') }] },
      'signingKeys\\[0\\].arn: .*expected a key of the same region',
    ],
    [
      'a public key that is none',
      { signingKeys: [{ arn: SIGNING_ARN, publicKey: 'AAAA' }] },
      'signingKeys\\[0\\].*: got .*, expected the public half of an ECC_NIST_P256 key in base64',
    ],
    [
      'a mirror in the account of the archive',
      { notesMirror: { ...MIRROR, account: MINIMAL.account } },
      'notesMirror.account: got "111122223333", expected another account than that of the stack',
    ],
    [
      'a mirror without a key for copies of what is encrypted',
      { createKmsKey: true, notesMirror: MIRROR },
      'notesMirror.kmsKeyArn: got nothing, expected a key for the copies, of the Region of their bucket',
    ],
    [
      'analysts of the account itself as those of another',
      { analystAccounts: [MINIMAL.account] },
      'analystAccounts: got .*, expected other accounts than that of the stack',
    ],
    [
      'an account of analysts twice',
      { analystAccounts: ['777788889999', '777788889999'] },
      'analystAccounts: got .*, expected each account once',
    ],
    [
      'a copy of the archive without a key for what is encrypted',
      { createKmsKey: true, archiveCopy: MIRROR },
      'archiveCopy.kmsKeyArn: got nothing, expected a key for the copies, of the Region of their bucket',
    ],
    [
      'one bucket for the mirror and the copy',
      { notesMirror: MIRROR, archiveCopy: { ...MIRROR, account: MINIMAL.account } },
      'archiveCopy.bucketArn: got .*, expected another bucket than that of notesMirror',
    ],
    [
      'a key for copies where the archive has none',
      { notesMirror: EVERYTHING.notesMirror },
      'notesMirror.kmsKeyArn: got .*, expected no key',
    ],
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
    const path = join(scratch.emptyFolder(), 'broken.json');
    writeFileSync(path, '{ "prefix": }');
    expect(() => readConfig(path, NOW)).toThrow(/broken\.json: expected JSON/);
  });
});

describe('what is written in the file is told with its line', () => {
  const TEXT = JSON.stringify(MINIMAL, null, 2);
  const lineOf = (part: string) => 1 + TEXT.split('\n').findIndex((line) => line.includes(part));
  const read = (text: string) => {
    const path = join(scratch.emptyFolder(), 'production.json');
    writeFileSync(path, text);
    try {
      readConfig(path, NOW);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      return (error as ConfigError).message.replace(`${path}: `, '');
    }
    return 'accepted';
  };

  test('every problem at once, also of what is nested or missing', () => {
    const wrong = TEXT.replace('team@example.com', 'team').replace(/"prefix"[^\n]*\n/, '"prefiks": "x",\n');
    expect(read(wrong).split('\n  - ')).toEqual([
      '3 problems',
      'prefix: got nothing, expected a name of 2 to 30 characters a-z, 0-9 and -, beginning with a letter (line 1)',
      expect.stringMatching(
        new RegExp(`^alarms\\.email: got "team", expected an e-mail address \\(line ${lineOf('"email"')}\\)$`),
      ),
      expect.stringMatching(new RegExp(`^prefiks: got "x", expected no such key \\(line ${lineOf('"prefix"')}\\)$`)),
    ]);
  });

  test('a key that is there twice, on top, below, and written in another way', () => {
    const line = lineOf('"account"');
    const twice = TEXT.replace(/("account"[^\n]*\n)/, '$1"acc\\u006funt": "444455556666",\n');
    expect(read(twice)).toBe(`one problem\n  - account: got twice, in lines ${line} and ${line + 1}, expected once`);
    const below = TEXT.replace('"email":', '"email": "a@example.com", "email":');
    expect(read(below)).toContain(`alarms.email: got twice, in lines ${lineOf('"email"')} and ${lineOf('"email"')}`);
  });

  test.each([
    [
      '{\n  // why\n  "prefix": 1}',
      'line 2, column 3: got "//", expected a key between double quotes. JSON has no comments',
    ],
    ['{\r\n  "prefix": /* why */ 1}', 'line 2, column 13: got "/*", expected a value. JSON has no comments'],
    [
      '{ "prefix": "a", # why\n}',
      'line 1, column 18: got "#", expected a key between double quotes. JSON has no comments',
    ],
    ['{\n  "prefix": "a",\n}', 'line 3, column 1: got "}", expected another value behind the comma, or no comma'],
    ['{ "domains": ["a",] }', 'line 1, column 19: got "]", expected another value behind the comma, or no comma'],
    [
      "{ 'prefix': 1 }",
      'line 1, column 3: got "\'prefix\':", expected a key between double quotes. JSON has texts between straight',
    ],
    ['{ “prefix”: 1 }', 'JSON has texts between straight double quotes'],
    ['{ "prefix": "a"\n  "account": 1 }', 'line 2, column 3: got "\\"account\\":", expected "," or "}"'],
    ['{ "prefix" = 1 }', 'line 1, column 12: got "=", expected ":" behind the key "prefix"'],
    ['{ "prefix": "a', 'line 1, column 13: got "\\"a", expected a value'],
    ['{ "prefix": 01 }', 'line 1, column 14: got "1", expected "," or "}"'],
    ['{ "prefix": True }', 'line 1, column 13: got "True", expected a value'],
    ['{ "prefix": 1 }\n}', 'line 2, column 1: got "}", expected the end of the file'],
    ['{\n  "prefix": 1', 'line 2, column 14: got the end of the file, expected "," or "}"'],
    ['', 'line 1, column 1: got the end of the file, expected a value'],
  ])('a syntax error by line and column: %j', (text, words) => {
    expect(read(text)).toMatch(/^expected JSON; line \d+, column \d+: got /);
    expect(read(text)).toContain(words);
  });

  test('a byte order mark and the line ends of Windows are no error', () => {
    expect(read(`\uFEFF${TEXT.replaceAll('\n', '\r\n')}`)).toBe('accepted');
  });

  test('whatever JSON.parse reads is read alike, and what it refuses is refused', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), fc.nat(), fc.string({ maxLength: 2 }), (json, at, put) => {
        expect(readJsonText(json).value).toEqual(JSON.parse(json));
        const changed = json.slice(0, at % (json.length + 1)) + put + json.slice(at % (json.length + 1));
        expect(outcomeOf(() => readJsonText(changed).value)).toEqual(outcomeOf(() => JSON.parse(changed)));
      }),
    );
  });
});

function outcomeOf(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch {
    return 'refused';
  }
}

describe('a Region', () => {
  test.each(['us-est-1', 'eu-central-3', 'xx-nowhere-1'])('that nobody knows is refused: %s', (region) => {
    expect(problems({ ...MINIMAL, region })).toEqual([
      expect.stringMatching(
        /^region: got ".*", expected an AWS Region that is known here, such as .*; one that is newer goes into otherRegions, too$/,
      ),
    ]);
  });

  test('that is misspelt by a letter is put right', () => {
    expect(problems({ ...MINIMAL, region: 'us-est-1' }).join()).toContain('such as us-east-1 or us-west-1;');
  });

  test('that has opened since is named by the owner', () => {
    const region = 'xx-nowhere-1';
    expect(checkConfig({ ...MINIMAL, region, otherRegions: [region] }, 'test', NOW)).not.toHaveProperty('otherRegions');
    expect(problems({ ...MINIMAL, region, otherRegions: ['somewhere'] }).join()).toContain(
      'otherRegions[0]: got "somewhere"',
    );
  });

  test.each(['cn-north-1', 'us-gov-west-1', 'ap-southeast-7'])('of any partition is known: %s', (region) => {
    expect(checkConfig({ ...MINIMAL, region }, 'test', NOW).region).toBe(region);
  });
});

describe('a domain that is there twice is told with both places', () => {
  test.each([
    [
      { domains: ['a', 'b', arn('a')] },
      /either in domains or in retiredDomains, but a is domains\[0\] and domains\[2\]$/,
    ],
    [{ domains: ['a'], retiredDomains: ['x', 'a'] }, /, but a is domains\[0\] and retiredDomains\[1\]$/],
    [
      { domains: ['a'], perDomain: { a: {}, [arn('a')]: {} } },
      /, by id or by ARN, but a is perDomain\.a and perDomain\.arn:/,
    ],
  ])('%#', (changes, expected) => {
    expect(problems({ ...MINIMAL, ...changes })).toEqual([expect.stringMatching(expected)]);
  });

  test('and with the lines of both in the file', () => {
    const path = join(scratch.emptyFolder(), 'production.json');
    writeFileSync(path, JSON.stringify({ ...MINIMAL, domains: ['a', 'b', 'a'] }, null, 2));
    const first =
      readFileSync(path, 'utf8')
        .split('\n')
        .findIndex((line) => line.includes('"a"')) + 1;
    expect(() => readConfig(path, NOW)).toThrow(`but a is domains[0] and domains[2] (lines ${first} and ${first + 2})`);
  });
});

describe('two configurations in a folder', () => {
  test('an example is read, whatever copies of it lie beside: nobody deploys it', () => {
    const copies = scratch.emptyFolder();
    for (const name of ['example.json', 'example-regulated.json', 'production.json']) {
      writeFileSync(join(copies, name), JSON.stringify(MINIMAL));
    }
    expect(readConfig(join(copies, 'example.json'), NOW).prefix).toBe('case-audit');
    expect(readConfig(join(copies, 'example-regulated.json'), NOW).prefix).toBe('case-audit');
    expect(readConfig(join(copies, 'production.json'), NOW).prefix).toBe('case-audit');
  });

  const folder = scratch.emptyFolder();
  const write = (name: string, config: object): string => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(config));
    return path;
  };
  const production = write('production.json', MINIMAL);

  test('with the same prefix, account and Region would be one stack: refused', () => {
    const copy = write('copy.json', { ...MINIMAL, domains: ['other'] });
    expect(() => readConfig(copy, NOW)).toThrow(
      `${copy}: one problem\n  - prefix: got "case-audit", expected a prefix other than that of production.json, which deploys to the same account and Region`,
    );
    rmSync(copy);
  });

  test('that go elsewhere, are not finished, or are the example, do not matter', () => {
    write('other-region.json', { ...MINIMAL, region: 'us-east-1' });
    write('other-prefix.json', { ...MINIMAL, prefix: 'other' });
    write('example.json', MINIMAL);
    writeFileSync(join(folder, 'draft.json'), '{');
    expect(readConfig(production, NOW).prefix).toBe('case-audit');
  });
});

function arn(id: string): string {
  return `arn:aws:cases:${MINIMAL.region}:${MINIMAL.account}:domain/${id}`;
}

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
