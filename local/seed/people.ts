/** The people who work on the cases of Harbour Cycles, a shop that does not exist. Every name is invented. */
import type { UserUnion } from '@aws-sdk/client-connectcases';

const AGENTS_ARN = 'arn:aws:connect:us-east-1:111122223333:instance/5f1d7c2e-0b1a-4c55-9a0e-2d6b8f3e7a10/agent';

/** Real agent ids are UUIDs; readable ones keep the tables readable. */
export const AGENTS = [
  'maria.lindqvist',
  'tomasz.zielinski',
  'aisha.bello',
  'jonas.weber',
  'chloe.moreau',
  'kenji.watanabe',
  'priya.nair',
  'luis.ortega',
] as const;
export type Agent = (typeof AGENTS)[number];

/** The more senior agents, who take over difficult cases. */
export const SPECIALISTS = ['aisha.bello', 'kenji.watanabe'] as const satisfies readonly Agent[];

/** Software that changes cases on its own. */
const AUTOMATIONS = ['routing-rules', 'order-sync', 'chat-assistant', 'survey-import'] as const;
type Automation = (typeof AUTOMATIONS)[number];

export const CUSTOMERS = [
  'Zoë Ångström',
  'Olivia Hart',
  "Siobhán O'Neill",
  'Mateo Álvarez',
  '山田 花子',
  'Nils Bakken',
  'Fatima al-Sayed',
  'Grace Okafor',
  'Łukasz Nowak',
  'Emma Dubois',
] as const;

export function agentArn(agent: Agent): string {
  return `${AGENTS_ARN}/${agent}`;
}

export function byAgent(agent: Agent): UserUnion {
  return { userArn: agentArn(agent) };
}

export function byAutomation(automation: Automation): UserUnion {
  return { customEntity: automation };
}
