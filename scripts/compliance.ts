/**
 * Writes `docs/compliance.md`: what the NIST 800-53 R5, HIPAA Security and PCI DSS packs of cdk-nag find in the stacks of the
 * two example configurations, each finding with its answer from `compliance-answers.ts`.
 *
 *   npm run compliance
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HIPAASecurityChecks, type NagPack, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { version as packsVersion } from 'cdk-nag/package.json';
import { readConfig } from '../lib/config/config-file';
import { ANSWERS, type Answer, type AnswerKind } from './compliance-answers';
import { withStack } from './example-stack';
import { wrapped } from './prose';

const ROOT = join(__dirname, '..');

export const COMPLIANCE_PAGE = join(ROOT, 'docs', 'compliance.md');

/** The least configuration, and one for a regulated company. */
const EXAMPLES = ['config/example.json', 'config/example-regulated.json'] as const;

type Example = (typeof EXAMPLES)[number];

const PACKS: readonly { readonly name: string; readonly prefix: string; readonly make: () => NagPack }[] = [
  { name: 'NIST 800-53 R5', prefix: 'NIST.800.53.R5-', make: () => new NIST80053R5Checks() },
  { name: 'HIPAA Security', prefix: 'HIPAA.Security-', make: () => new HIPAASecurityChecks() },
  { name: 'PCI DSS 3.2.1', prefix: 'PCI.DSS.321-', make: () => new PCIDSS321Checks() },
];

/** A rule that several packs may have, on one resource; domains are all alike and stand as `<domain>`. */
interface Finding {
  readonly rule: string;
  readonly resource: string;
  /** What the packs say of it. */
  readonly description: string;
  /** Ids of the controls that it belongs to, by pack. */
  readonly controls: ReadonlyMap<string, string>;
  readonly examples: ReadonlySet<Example>;
}

/** Every finding of every pack in both examples, by rule and resource. */
export function findings(): Finding[] {
  const merged = new Map<string, Finding>();
  for (const example of EXAMPLES) {
    for (const found of findingsIn(example)) {
      const key = `${found.rule} ${found.resource}`;
      const { controls, examples, ...first } = merged.get(key) ?? found;
      merged.set(key, {
        ...first,
        controls: new Map([...controls, ...found.controls]),
        examples: new Set([...examples, ...found.examples]),
      });
    }
  }
  return [...merged.values()].sort((a, b) => compare(a.rule, b.rule) || compare(a.resource, b.resource));
}

function findingsIn(example: Example): Finding[] {
  const config = readConfig(join(ROOT, example), new Date());
  return withStack(config, (_stack, app) => {
    app.synth();
    return PACKS.flatMap(({ name, prefix, make }) =>
      make()
        .validateScope(app)
        .violations.flatMap(({ ruleName, description, violatingResources }) => {
          const { says, controls } = partsOf(description);
          return violatingResources.map((resource) => ({
            rule: ruleName.slice(ruleName.startsWith(prefix) ? prefix.length : 0),
            resource: nameOf('constructPath' in resource ? resource.constructPath : '', config.domains),
            description: says,
            controls: new Map([[name, controls]]),
            examples: new Set([example]),
          }));
        }),
    );
  });
}

/** The place in the construct, without the stack, and without what every path ends in. */
function nameOf(constructPath: string, domains: readonly string[]): string {
  const path = constructPath.replace(/^stack\/Export\//, '').replace(/\/Resource$/, '');
  return domains.reduce((name, domainId) => name.replace(domainId, '<domain>'), path);
}

function partsOf(description: string): { says: string; controls: string } {
  const [, says, controls] = /^(.*?)\s*-\s*\(Control IDs?: (.*)\)\.?$/s.exec(description) ?? [];
  return { says: says ?? description, controls: controls ?? '' };
}

/** The answer to a finding; undefined if nobody has given one. */
export function answerTo({ rule, resource }: Pick<Finding, 'rule' | 'resource'>): Answer | undefined {
  return ANSWERS.find((answer) => answer.rule === rule && answer.resources.includes(resource));
}

const KINDS: Readonly<Record<AnswerKind, string>> = {
  setting: 'Mended by a setting',
  'met-otherwise': 'Met otherwise',
  owner: 'The owner’s to decide',
};

/** The page. @throws Error if a finding has no answer. */
export function compliancePage(found: readonly Finding[]): string {
  const rules = [...new Set(found.map(({ rule }) => rule))];
  const sections = rules.map((rule) => section(found.filter((finding) => finding.rule === rule)));
  return wrapped(`# Compliance

Three rule packs of cdk-nag ${packsVersion} check the stacks of \`config/example.json\` and \`config/example-regulated.json\`; each
finding has its answer here. This page is written by \`npm run compliance\`; the answers stand in \`scripts/compliance-answers.ts\`, and a
test fails while a finding has none. The packs AwsSolutions and Serverless have no open finding: each accepted one stands
beside its resource in \`lib/\`, with its reason.

A rule pack looks at a template. It cannot say that a company complies, and says nothing about people's work.

| answer | findings | meaning |
|---|---|---|
${Object.entries(KINDS)
  .map(([kind, title]) => `| ${title} | ${countOf(found, kind)} | ${MEANINGS[kind as AnswerKind]} |`)
  .join('\n')}

| pack | rules with findings |
|---|---|
${PACKS.map(({ name }) => `| ${name} | ${new Set(found.filter((it) => it.controls.has(name)).map(({ rule }) => rule)).size} |`).join('\n')}

${sections.join('\n')}`);
}

const MEANINGS: Readonly<Record<AnswerKind, string>> = {
  setting: 'an option of the configuration file ends the finding; the regulated example uses it',
  'met-otherwise': 'what the rule is for is reached in another way, which the rule cannot see',
  owner: 'depends on the company: what to add, and what for',
};

function countOf(found: readonly Finding[], kind: string): number {
  return found.filter((finding) => answerOrThrow(finding).kind === kind).length;
}

function section(found: readonly Finding[]): string {
  const [first] = found;
  if (first === undefined) return '';
  const controls = [...first.controls].map(([pack, ids]) => `- ${pack}: ${ids}`);
  const groups = new Map<Answer, Finding[]>();
  for (const finding of found) {
    const answer = answerOrThrow(finding);
    groups.set(answer, [...(groups.get(answer) ?? []), finding]);
  }
  const answers = [...groups].map(
    ([{ kind, text }, of]) =>
      `${of.map((finding) => `\`${finding.resource}\`${whereOf(finding)}`).join(', ')}: **${KINDS[kind]}.** ${text}\n`,
  );
  return `## ${first.rule}

${first.description}.

${controls.join('\n')}

${answers.join('\n')}`;
}

function whereOf({ examples }: Finding): string {
  if (examples.size === EXAMPLES.length) return '';
  return examples.has(EXAMPLES[0]) ? ' (not in the regulated example)' : ' (in the regulated example only)';
}

function answerOrThrow(finding: Finding): Answer {
  const answer = answerTo(finding);
  if (answer !== undefined) return answer;
  throw new Error(`${finding.rule} on ${finding.resource} has no answer in scripts/compliance-answers.ts`);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

if (require.main === module) writeFileSync(COMPLIANCE_PAGE, compliancePage(findings()));
