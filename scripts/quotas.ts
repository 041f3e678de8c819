import type { DeployConfig } from '../lib/config/config';

/** A quota that this configuration comes near to, or needs raised. */
export interface Quota {
  readonly service: string;
  readonly name: string;
  /** What the configuration needs, with its unit. */
  readonly needed: string;
  /** What an account has by default; a new account may have less. */
  readonly byDefault: string;
  readonly toDo: string;
}

const CONCURRENCY_OF_NEW_ACCOUNT = 10;
const MEMORY_OF_NEW_ACCOUNT = 3008;
const DEFAULT_CASES_RATE = 2;

/** Quotas to look at before the deployment, computed from the configuration. `alarms` and `roles` are counted in its template. */
export function quotas(config: DeployConfig, alarms: number, roles: number): Quota[] {
  const domains = config.domains.length;
  const concurrency = 2 * domains;
  const { quotaRequestsPerSecond: rate, memoryMb } = config;
  return [
    ...['SearchCases', 'GetCaseAuditEvents'].map((operation) => ({
      service: 'Amazon Connect Cases',
      name: `Rate of ${operation} requests`,
      needed: `${rate} per second`,
      byDefault: `${DEFAULT_CASES_RATE} per second`,
      toDo: rate > DEFAULT_CASES_RATE ? 'raise' : 'enough, unless a first export should take less than days',
    })),
    {
      service: 'Lambda',
      name: 'Concurrent executions',
      needed: `${concurrency} free (a run and a tick beside it per domain)`,
      byDefault: `1,000; ${CONCURRENCY_OF_NEW_ACCOUNT} in a new account`,
      toDo: concurrency > CONCURRENCY_OF_NEW_ACCOUNT ? 'look; raise in a new account' : 'look',
    },
    {
      service: 'Lambda',
      name: 'Memory of a function',
      needed: `${memoryMb} MB`,
      byDefault: `10,240 MB; ${MEMORY_OF_NEW_ACCOUNT.toLocaleString('en-US')} MB or less in a new account`,
      toDo: memoryMb > MEMORY_OF_NEW_ACCOUNT ? 'raise in a new account, by a support case' : 'enough',
    },
    {
      service: 'Athena',
      name: 'DML query timeout',
      needed: '30 minutes',
      byDefault: '30 minutes',
      toDo: config.curatedTable === 'off' ? 'enough' : 'raise if a refresh says "query timeout"',
    },
    { service: 'CloudWatch', name: 'Metric alarms', needed: `${alarms}`, byDefault: '5,000', toDo: 'enough' },
    { service: 'IAM', name: 'Roles', needed: `${roles}`, byDefault: '1,000', toDo: 'look, if the account has many' },
    { service: 'S3', name: 'General purpose buckets', needed: '3', byDefault: '10,000', toDo: 'enough' },
  ];
}
