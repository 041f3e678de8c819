/** Keeps the AWS settings of a person's shell and profile away from everything that runs on this machine alone. */
import { devNull } from 'node:os';

/**
 * Environment of a process whose SDK clients read all settings from it: no profiles, and no FIPS or dual-stack
 * endpoint, which the SDK refuses beside a custom endpoint.
 */
export const NO_PROFILE: Readonly<Record<string, string>> = {
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_USE_FIPS_ENDPOINT: 'false',
  AWS_USE_DUALSTACK_ENDPOINT: 'false',
};

/**
 * Removes every AWS setting from an environment, including settings that a profile would add. Call it before creating
 * the first SDK client.
 */
export function dropAwsSettings(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(env)) if (name.toUpperCase().startsWith('AWS_')) delete env[name];
  Object.assign(env, NO_PROFILE);
}

/**
 * Settings of an SDK client for a server on this machine, which checks no credentials. No profile and no variable
 * overrides them.
 */
export function localClientSettings(endpoint: string) {
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  };
}
