/** A stack of your own, with the export beside what else the stack holds. */
import { App, Stack } from 'aws-cdk-lib';
import { type ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CaseAuditExport } from 'connect-cases-audit-export';

const app = new App();
const stack = new Stack(app, 'Compliance', { env: { account: '111122223333', region: 'eu-central-1' } });

const audit = new CaseAuditExport(stack, 'Audit', {
  prefix: 'case-audit',
  domains: ['5f3d8c1e-2a4b-4c6d-8e9f-0a1b2c3d4e5f'],
  firstExportDate: '2026-01-01',
  alarmTopic: new Topic(stack, 'Operations'),
});

// Whoever has this policy may ask the views and the tables in Athena, and see nothing else of the archive.
const policy: ManagedPolicy = audit.analysts.policy;
const analysts = new Role(stack, 'Analysts', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
analysts.addManagedPolicy(policy);
