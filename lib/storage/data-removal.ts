import { RemovalPolicy } from 'aws-cdk-lib';

/** The fate of stored data when the stack, or its resource, is deleted. */
export interface DataRemoval {
  /** Buckets are emptied and deleted, the table too. False: all of it stays in the account. */
  readonly deleteData: boolean;
}

/** Returns the CloudFormation policy of a resource with data, which is also kept when it would be replaced. */
export function removalPolicy({ deleteData }: DataRemoval): RemovalPolicy {
  return deleteData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
}

/**
 * As `removalPolicy`, for resources that are empty until the stack is complete: a first deployment that fails removes
 * them again. Not for resources that refuse deletion, such as a protected table or a key: the roll-back would fail on
 * them.
 */
export function removalPolicyOnceMade({ deleteData }: DataRemoval): RemovalPolicy {
  return deleteData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
}
