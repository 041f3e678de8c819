/** Promise: the library's own rules find nothing in any template. `cdk.json` makes a finding an error of the synth. */
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { scratchOfFile } from '../support/scratch';
import { CONFIGURATIONS, type Configuration, MINIMAL } from './configurations';
import { makeStack } from './make-stack';

const scratch = scratchOfFile();

beforeAll(() => {
  // The warning of the configuration that deletes data.
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
});

test.each(Object.entries<Configuration>(CONFIGURATIONS))('nothing in: %s', (_name, { input, switches }) => {
  expect(() => makeStack(scratch, input, switches).app.synth()).not.toThrow();
});

test('the check sees: a bucket with a property that no bucket has', () => {
  const { app, stack } = makeStack(scratch, MINIMAL);
  new CfnBucket(stack, 'Odd').addPropertyOverride('Colour', 'red');
  expect(() => app.synth()).toThrow(/Additional properties are not allowed/);
});
