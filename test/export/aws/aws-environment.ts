/**
 * Sets the standard SDK variables: a region, credentials, and the servers on this machine; what it returns puts back what was
 * there. The SDK reads them at a client's first call, so put them back after the last.
 */
export function setAwsEnvironment(endpoints: Readonly<Record<`AWS_ENDPOINT_URL_${string}`, string>>): () => void {
  const values = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local-secret',
    ...endpoints,
  };
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, values);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
