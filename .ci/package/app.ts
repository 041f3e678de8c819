/** A stack of another app, with the construct beside what is its own: as the README says. */
import { App, Stack } from 'aws-cdk-lib';
import { type ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CaseAuditExport } from 'connect-cases-audit-export';

const app = new App({ outdir: 'cdk.out' });
const stack = new Stack(app, 'Compliance', { env: { account: '111122223333', region: 'eu-central-1' } });
const audit = new CaseAuditExport(stack, 'Audit', {
  prefix: 'case-audit',
  domains: ['5f3d8c1e-2a4b-4c6d-8e9f-0a1b2c3d4e5f'],
  firstExportDate: '2026-01-01',
  alarmTopic: new Topic(stack, 'Operations'),
});
const analysts = new Role(stack, 'Analysts', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
const policy: ManagedPolicy = audit.analysts.policy;
analysts.addManagedPolicy(policy);
app.synth();
