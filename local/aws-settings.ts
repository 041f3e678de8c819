/** Keeps the AWS settings of a person's shell and profile away from whatever runs on this machine alone. */
import { devNull } from 'node:os';

/**
 * Environment of a process whose SDK clients take everything from it: the files of profiles are empty, and no endpoint is one of
 * FIPS or dual-stack, which the SDK refuses beside an endpoint of one's own.
 */
export const NO_PROFILE: Readonly<Record<string, string>> = {
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_USE_FIPS_ENDPOINT: 'false',
  AWS_USE_DUALSTACK_ENDPOINT: 'false',
};

/** Takes every AWS setting out of an environment, also what it would inherit from a profile. Call it before the first SDK client is made. */
export function dropAwsSettings(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(env)) if (name.toUpperCase().startsWith('AWS_')) delete env[name];
  Object.assign(env, NO_PROFILE);
}

/** Of an SDK client for a server on this machine, which checks no credentials. No profile and no variable overrides it. */
export function localClientSettings(endpoint: string) {
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  };
}
