/** Promises: only exporters sign, only digests; nobody is locked out of the keys' administration; public halves reach functions and archive. */
import type { Template } from 'aws-cdk-lib/assertions';
import { EVERYTHING, MINIMAL } from '../configurations';
import { isAllowed, parseStatement } from '../policy-replay/iam';
import { ofRole } from '../statements';
import { resource, resources, templateOf } from '../templates';

const unsigned = templateOf('minimal');
const signed = templateOf('signed and mirrored');
const rotating = templateOf('everything');

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string;
  readonly Principal: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

const EXPORTER = { role: 'arn:aws:iam::111122223333:role/exporter', type: 'DIGEST', algorithm: 'ECDSA_SHA_256' };

/** The statement with names in place of references: every role that it names is the exporter's. */
function withRole(each: Statement): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(each).replace(/\{"Fn::GetAtt":\["ExportExporterRole\w+","Arn"\]\}/g, `"${EXPORTER.role}"`),
  );
}

function keyPolicy(of: Template): Statement[] {
  return resource(of, 'AWS::KMS::Key', 'ExportSigningKeys').Properties.KeyPolicy.Statement;
}

function statement(of: Template, sid: string): Statement {
  const found = keyPolicy(of).filter(({ Sid }) => Sid === sid);
  expect(found).toHaveLength(1);
  return found[0] as Statement;
}

const exporterRoles = (domains: readonly string[]) =>
  domains.map((id) => ({
    'Fn::GetAtt': [expect.stringMatching(`^ExportExporterRole${id.replaceAll('-', '')}`), 'Arn'],
  }));

test('without the option there is no key, no setting, no publisher and no alarm on signatures', () => {
  unsigned.resourceCountIs('AWS::KMS::Key', 0);
  unsigned.resourceCountIs('Custom::PublicKeysOfNotes', 0);
  expect(JSON.stringify(unsigned.toJSON())).not.toMatch(/SIGNING_KEYS|kms:Sign|unsigned-notes/);
});

describe('the key that the stack makes', () => {
  test('is one that OpenSSL knows, for signing only', () => {
    expect(resource(signed, 'AWS::KMS::Key').Properties).toMatchObject({
      KeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
      PendingWindowInDays: 30,
    });
  });

  test.each([
    ['one domain', signed, MINIMAL.domains],
    ['two domains', rotating, EVERYTHING.domains],
  ])('takes digests from the exporters, and nothing from anybody else: %s', (_name, of, domains) => {
    const roles = exporterRoles(domains);
    expect(statement(of, 'ExportersSign')).toMatchObject({
      Effect: 'Allow',
      Action: 'kms:Sign',
      Principal: { AWS: roles.length === 1 ? roles[0] : roles },
      Condition: { StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256', 'kms:MessageType': 'DIGEST' } },
    });
    expect(statement(of, 'NobodyElseSigns')).toMatchObject({
      Effect: 'Deny',
      Action: 'kms:Sign',
      Principal: { AWS: '*' },
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': roles } },
    });
    // Each apart: in one statement both would have to be wrong.
    expect(statement(of, 'OnlyECDSASHA256').Condition).toEqual({
      StringNotEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256' },
    });
    expect(statement(of, 'OnlyDIGEST').Condition).toEqual({ StringNotEquals: { 'kms:MessageType': 'DIGEST' } });
  });

  test.each<[string, Partial<typeof EXPORTER>, boolean]>([
    ['a digest, for an exporter', {}, true],
    [
      'a digest, for an administrator whom IAM allows everything',
      { role: 'arn:aws:iam::111122223333:role/admin' },
      false,
    ],
    ['a message that is no digest', { type: 'RAW' }, false],
    ['another algorithm', { algorithm: 'ECDSA_SHA_384' }, false],
  ])('signs %s: %p', (_name, change, isSigned) => {
    const { role, type, algorithm } = { ...EXPORTER, ...change };
    const context = { 'aws:principalarn': [role], 'kms:messagetype': [type], 'kms:signingalgorithm': [algorithm] };
    const request = { action: 'kms:Sign', resource: 'arn:aws:kms:eu-central-1:111122223333:key/k', context };
    const own = keyPolicy(signed).map((each) => parseStatement(withRole(each)));
    // The account's own statement lets IAM decide, which allows everything in the worst case.
    expect(isAllowed({ identity: own, guards: [] }, request)).toBe(isSigned);
  });

  test('stays in the hands of who administers keys: nothing but Sign is denied', () => {
    const [root] = keyPolicy(signed);
    expect(root).toMatchObject({ Effect: 'Allow', Action: 'kms:*' });
    expect(JSON.stringify(root?.Principal)).toContain(`:iam::${MINIMAL.account}:root`);
    for (const { Effect, Action } of keyPolicy(signed)) if (Effect === 'Deny') expect(Action).toBe('kms:Sign');
  });

  test('signs no more once it is not configured: it goes with its name, as its public half stays in the archive', () => {
    expect(resource(signed, 'AWS::KMS::Key')).toMatchObject({
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
    });
  });
});

describe('public halves', () => {
  const published = resource(rotating, 'Custom::PublicKeysOfNotes').Properties;

  test('are learnt at deployment, where the configuration does not tell them', () => {
    const [, { arn, publicKey }] = EVERYTHING.signingKeys;
    expect(published.Keys).toEqual([
      { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^ExportSigningKeysKey2026/), 'Arn'] } },
      { Arn: arn, PublicKey: publicKey },
    ]);
    const asks = ofRole(rotating, 'ExportPublicKeysRole').filter(({ Sid }) => Sid === 'AskForPublicKeys');
    expect(asks.map(({ Resource }) => Resource)).toEqual([[expect.stringMatching(/^<ExportSigningKeysKey2026/)]]);
  });

  test('reach every exporter and the check', () => {
    const settings = [...resources(rotating, 'AWS::Lambda::Function')]
      .filter(([id]) => !id.startsWith('ExportPublicKeys'))
      .map(([, { Properties }]) => Properties.Environment.Variables.SIGNING_KEYS);
    expect(settings).toHaveLength(EVERYTHING.domains.length + 1);
    for (const setting of settings) {
      expect(setting).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^ExportPublicKeysPublished/), 'SigningKeys'] });
    }
  });

  test('are written below notes/keys/ by a role of their own, which may write nowhere else', () => {
    const writes = ofRole(rotating, 'ExportPublicKeysRole').filter(({ Action }) => Action.includes('s3:PutObject'));
    expect(writes.map(({ Resource }) => Resource)).toEqual([['<Archive>/notes/keys/*']]);
    for (const [id] of resources(rotating, 'AWS::IAM::Role')) {
      if (id.startsWith('ExportExporterRole')) {
        expect(JSON.stringify(ofRole(rotating, id))).not.toMatch(/notes\/keys|>\/notes\/\*/);
      }
    }
  });
});
