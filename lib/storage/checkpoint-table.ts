import { AttributeType, BillingMode, type ITable, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type DataRemoval, removalPolicy } from './stored-data';

/** Inputs of the table. */
interface CheckpointTableProps extends DataRemoval {
  /** An existing table, in place of the stack's own. It and the table before stay whatever becomes of the stack. */
  readonly checkpointTableName?: string | undefined;
  /** Undefined = DynamoDB's own keys. */
  readonly serviceKey: IKey | undefined;
}

/** The progress of each domain's export, and the ids of exported events. No TTL: a commit's guard must never expire. */
export class CheckpointTable extends Construct {
  readonly table: ITable;

  constructor(scope: Construct, id: string, props: CheckpointTableProps) {
    super(scope, id);
    if (props.checkpointTableName !== undefined) {
      this.table = Table.fromTableName(this, 'Restored', props.checkpointTableName);
      return;
    }
    const table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      ...(props.serviceKey && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: props.serviceKey }),
      deletionProtection: !props.deleteData,
      removalPolicy: removalPolicy(props),
    });
    // A cast, because the library's classes do not fit its interfaces under exactOptionalPropertyTypes.
    this.table = table as ITable;
  }
}
