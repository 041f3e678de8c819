import { ALARMS, type CheckedOptions, type DeployConfig } from './config';
import { domainIdOf, doubledDomains, doubledOptions, elsewhere, unknownRegion } from './config-places';
import { isIn, isUnique, overlaps, unless, type Violation } from './violations';

/** Inputs of the rules besides the configuration. */
export interface RuleContext {
  readonly now: Date;
  /** Account and Region of the stack; undefined where they are known only later. */
  readonly account: string | undefined;
  readonly region: string | undefined;
  /** Things that the surrounding app provides in place of an option. */
  readonly brings?: { readonly topic: boolean; readonly key: boolean; readonly vpc: boolean };
}

type Key = keyof DeployConfig | 'otherRegions';

/** A rule across keys. It is asked as soon as the keys that it names are valid by themselves. */
interface Rule {
  readonly needs: readonly Key[];
  /** Returns each violation: its place, and the expected value there. */
  readonly violations: (it: CheckedOptions & PlaceOptions, context: RuleContext) => readonly Violation[];
}

/** Options of a file alone. */
interface PlaceOptions {
  readonly otherRegions?: readonly string[] | undefined;
}

/** All rules across keys. */
export const RULES: readonly Rule[] = [
  {
    needs: ['region', 'otherRegions'],
    violations: ({ otherRegions = [] }, { region = '' }) => unknownRegion(region, otherRegions),
  },
  { needs: ['domains', 'retiredDomains'], violations: doubledDomains },
  {
    needs: ['domains', 'pausedDomains'],
    violations: ({ domains, pausedDomains }) =>
      unless(areAmong(pausedDomains, domains), ['pausedDomains'], 'only domains that are in domains'),
  },
  {
    needs: ['domains', 'perDomain'],
    violations: ({ domains, perDomain }) =>
      Object.keys(perDomain).flatMap((name) =>
        unless(areAmong([name], domains), ['perDomain', name], 'only domains that are in domains'),
      ),
  },
  { needs: ['perDomain'], violations: ({ perDomain }) => doubledOptions(Object.keys(perDomain)) },
  { needs: ['domains', 'perDomain'], violations: shares },
  {
    needs: ['quotaRequestsPerSecond', 'requestsPerSecond'],
    violations: ({ quotaRequestsPerSecond: quota, requestsPerSecond: pace }) =>
      unless(
        pace === undefined || pace <= quota,
        ['requestsPerSecond'],
        `a pace of at most quotaRequestsPerSecond, which is ${quota}`,
      ),
  },
  {
    needs: ['firstExportDate'],
    violations: ({ firstExportDate }, { now }) =>
      unless(
        firstExportDate <= today(now),
        ['firstExportDate'],
        `a date that is not in the future (today is ${today(now)}, UTC): rows exported before it stay invisible`,
      ),
  },
  { needs: ['settings'], violations: ({ settings }, { now }) => starts([], settings.exportFrom, now) },
  {
    needs: ['perDomain'],
    violations: ({ perDomain }, { now }) =>
      Object.entries(perDomain).flatMap(([name, its]) => starts(['perDomain', name], its.settings?.exportFrom, now)),
  },
  { needs: ['domains'], violations: ({ domains }, context) => elsewhere('domains', domains, context) },
  { needs: ['retiredDomains'], violations: (it, context) => elsewhere('retiredDomains', it.retiredDomains, context) },
  {
    needs: ['kmsKeyArn'],
    violations: ({ kmsKeyArn }, { region }) =>
      unless(isIn(region, kmsKeyArn), ['kmsKeyArn'], 'a key of the same region'),
  },
  {
    needs: ['kmsKeyArn', 'createKmsKey', 'encryptAllWithKey'],
    violations: ({ kmsKeyArn, createKmsKey, encryptAllWithKey }, { brings }) =>
      unless(
        !encryptAllWithKey || kmsKeyArn !== undefined || createKmsKey || brings?.key === true,
        ['encryptAllWithKey'],
        'false, or a key beside it: kmsKeyArn or createKmsKey',
      ),
  },
  {
    needs: ['vpcConfig'],
    violations: ({ vpcConfig }, { brings }) =>
      unless(!brings?.vpc || vpcConfig === undefined, ['vpcConfig'], 'none, as a vpc is given'),
  },
  {
    needs: ['objectLock', 'archiveExpirationDays'],
    violations: ({ objectLock, archiveExpirationDays: days }) => {
      const lockedDays = objectLock.mode === 'none' ? 0 : objectLock.days;
      return unless(
        days === undefined || days >= lockedDays,
        ['archiveExpirationDays'],
        `at least the days of objectLock, ${lockedDays}: S3 deletes nothing that is locked`,
      );
    },
  },
  {
    needs: ['catalogKmsKeyArn'],
    violations: ({ catalogKmsKeyArn }, { region }) =>
      unless(isIn(region, catalogKmsKeyArn), ['catalogKmsKeyArn'], 'a key of the same region'),
  },
  {
    needs: ['formerKmsKeyArns'],
    violations: ({ formerKmsKeyArns }, { region }) =>
      formerKmsKeyArns.flatMap((arn, index) =>
        unless(isIn(region, arn), ['formerKmsKeyArns', index], 'a key of the same region'),
      ),
  },
  {
    needs: ['kmsKeyArn', 'createKmsKey'],
    violations: ({ kmsKeyArn, createKmsKey }, { brings }) =>
      unless(
        !brings?.key || (kmsKeyArn === undefined && !createKmsKey),
        ['kmsKeyArn'],
        'neither kmsKeyArn nor createKmsKey, as a key is given',
      ),
  },
  {
    needs: ['kmsKeyArn', 'createKmsKey'],
    violations: ({ kmsKeyArn, createKmsKey }) =>
      unless(kmsKeyArn === undefined || !createKmsKey, ['createKmsKey'], 'false, as kmsKeyArn names a key that exists'),
  },
  {
    needs: ['analystAccounts'],
    violations: ({ analystAccounts }, { account }) => [
      ...unless(isUnique(analystAccounts), ['analystAccounts'], 'each account once'),
      ...unless(
        account === undefined || !analystAccounts.includes(account),
        ['analystAccounts'],
        'other accounts than that of the stack, whose analysts the policy AnalystPolicy lets in',
      ),
    ],
  },
  { needs: ['signingKeys'], violations: ({ signingKeys }, { region }) => signers(signingKeys, region) },
  {
    needs: ['notesMirror'],
    violations: ({ notesMirror }, { account }) =>
      unless(
        notesMirror === undefined || account === undefined || notesMirror.account !== account,
        ['notesMirror', 'account'],
        'another account than that of the stack: whoever rules over both copies can alter both',
      ),
  },
  {
    needs: ['notesMirror', 'archiveCopy'],
    violations: ({ notesMirror, archiveCopy }) =>
      unless(
        archiveCopy === undefined || archiveCopy.bucketArn !== notesMirror?.bucketArn,
        ['archiveCopy', 'bucketArn'],
        'another bucket than that of notesMirror, or no notesMirror: a copy of the archive holds the notes too',
      ),
  },
  copyKeys('notesMirror'),
  copyKeys('archiveCopy'),
  {
    needs: ['alarms'],
    violations: ({ alarms }, { region }) =>
      unless(isIn(region, alarms.topicArn), ['alarms', 'topicArn'], 'a topic of the same region'),
  },
  {
    needs: ['alarms'],
    violations: ({ alarms: { email, topicArn } }, { brings }) => {
      const ways = [email !== undefined, topicArn !== undefined, brings?.topic === true].filter(Boolean).length;
      const expected = brings?.topic ? 'neither email nor topicArn, as a topic is given' : ALARMS;
      return unless(ways === 1, ['alarms'], expected);
    },
  },
  { needs: ['prefixes'], violations: overlaps },
  {
    needs: ['whenStackIsDeleted', 'objectLock'],
    violations: ({ whenStackIsDeleted, objectLock }) =>
      unless(
        whenStackIsDeleted === 'keep-data' || objectLock.mode === 'none',
        ['whenStackIsDeleted'],
        'keep-data, as objects under Object Lock cannot be deleted',
      ),
  },
];

/** S3 encrypts a copy of what lies under a customer's key under a key of the copy's Region, and cannot use the original's there. */
function copyKeys(key: 'notesMirror' | 'archiveCopy'): Rule {
  return {
    needs: [key, 'kmsKeyArn', 'createKmsKey'],
    violations: ({ [key]: copy, kmsKeyArn, createKmsKey }, { brings }) => {
      const isKeyed = kmsKeyArn !== undefined || createKmsKey || brings?.key === true;
      return unless(
        copy === undefined || isKeyed === (copy.kmsKeyArn !== undefined),
        [key, 'kmsKeyArn'],
        isKeyed
          ? 'a key for the copies, of the Region of their bucket, as the archive has a customer’s key'
          : 'no key, as the archive has none of a customer',
      );
    },
  };
}

function signers(keys: CheckedOptions['signingKeys'], region: string | undefined): Violation[] {
  const names = keys.map((key) => ('create' in key ? key.create : key.arn));
  return [
    ...unless(isUnique(names), ['signingKeys'], 'each key once'),
    ...keys.flatMap((key, index) =>
      unless(
        'create' in key || isIn(region, key.arn),
        ['signingKeys', index, 'arn'],
        'a key of the same region, as the functions sign where they run',
      ),
    ),
  ];
}

function shares({ domains, perDomain }: CheckedOptions): Violation[] {
  const given = Object.values(perDomain).flatMap(({ share }) => share ?? []);
  // In ten-thousandths, because 0.1 + 0.2 + 0.7 is more than 1 in floating point.
  const sum = given.reduce((total, share) => total + Math.round(share * 10_000), 0) / 10_000;
  const needed =
    given.length < domains.length ? 'less than 1, as some domains have no share of their own' : 'at most 1';
  const fits = given.length < domains.length ? sum < 1 : sum <= 1;
  return unless(fits, ['perDomain'], `shares that sum to ${needed}, not to ${sum}`);
}

function starts(under: readonly string[], exportFrom: string | undefined, now: Date): Violation[] {
  const isPast = exportFrom === undefined || Date.parse(exportFrom) <= now.getTime();
  return unless(
    isPast,
    [...under, 'settings', 'exportFrom'],
    'a time that is not in the future: the first sweep would leave out every case',
  );
}

function areAmong(some: readonly string[], all: readonly string[]): boolean {
  const ids = all.map(domainIdOf);
  return some.every((domain) => ids.includes(domainIdOf(domain)));
}

function today(now: Date): string {
  return now.toISOString().slice(0, 10);
}
