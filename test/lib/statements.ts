/** Policies of a template in a form to read: lists are always lists, what is referred to stands as `<Name>`. */
import type { Template } from 'aws-cdk-lib/assertions';
import { resource } from './templates';

export interface Statement {
  readonly Sid?: string | undefined;
  readonly Effect: string;
  readonly Action: string[];
  readonly Resource: string[];
  readonly Condition?: Record<string, Record<string, unknown>>;
}

/** Statements of the one policy inside a role. */
export function ofRole(template: Template, idPrefix: string): Statement[] {
  const { Policies } = resource(template, 'AWS::IAM::Role', idPrefix).Properties;
  expect(Policies).toHaveLength(1);
  return Policies[0].PolicyDocument.Statement.map(statement);
}

/** Statements of a managed policy. */
export function ofManagedPolicy(template: Template, idPrefix: string): Statement[] {
  return resource(template, 'AWS::IAM::ManagedPolicy', idPrefix).Properties.PolicyDocument.Statement.map(statement);
}

function statement(each: Readonly<Record<string, unknown>>): Statement {
  const { Action, Resource, ...others } = readable(each) as Readonly<Record<string, unknown>>;
  return { ...others, Action: [Action].flat(), Resource: [Resource].flat() } as Statement;
}

/** By a part of their logical ids. */
const NAMES = [
  ...['Archive', 'WorkArea', 'Checkpoints', 'Failures', 'Undelivered'],
  ...['Refresh', 'Logs', 'Function'],
];

/** The value with a name in place of each reference, and whole texts where they are joined. */
export function readable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(readable);
  const intrinsic = value as { Ref?: string; 'Fn::GetAtt'?: [string, string]; 'Fn::Join'?: [string, unknown[]] };
  if (intrinsic['Fn::Join']) return intrinsic['Fn::Join'][1].map(readable).join(intrinsic['Fn::Join'][0]);
  const id = intrinsic.Ref ?? intrinsic['Fn::GetAtt']?.[0];
  if (id === undefined) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner)]));
  if (id === 'AWS::Partition') return 'aws';
  if (id === 'AWS::URLSuffix') return 'amazonaws.com';
  return `<${NAMES.find((name) => id.includes(name)) ?? id}>`;
}
