/** Checks that a synthesised template has what the construct brings. Usage: node check-stack.mjs <template.json> */
import { readFileSync } from 'node:fs';

const WANTED = [
  'AWS::Lambda::Function',
  'AWS::DynamoDB::Table',
  'AWS::Scheduler::Schedule',
  'AWS::Glue::Table',
  'AWS::Athena::NamedQuery',
];

const { Resources } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const resources = Object.values(Resources);
const missing = WANTED.filter((type) => !resources.some(({ Type }) => Type === type));
if (missing.length > 0) throw new Error(`The stack has no ${missing.join(', no ')}`);
const { Code } = resources.find(({ Type }) => Type === 'AWS::Lambda::Function').Properties;
if (!Code?.S3Key) throw new Error('The function has no code');
console.log(`${resources.length} resources in a stack of another app`);
