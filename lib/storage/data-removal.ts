import { RemovalPolicy } from 'aws-cdk-lib';

/** What becomes of stored data when the stack, or the resource that holds it, is deleted. */
export interface DataRemoval {
  /** Buckets are emptied and deleted, the table too. False: all of it stays in the account. */
  readonly deleteData: boolean;
}

/** The CloudFormation policy of a resource that holds data: it is kept also when it would be replaced. */
export function removalPolicy({ deleteData }: DataRemoval): RemovalPolicy {
  return deleteData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
}

/**
 * The same for what is empty until the stack is complete: a first deployment that fails removes it again. Not for what
 * refuses to be deleted, a protected table or a key, as the roll-back would fail on it.
 */
export function removalPolicyOnceMade({ deleteData }: DataRemoval): RemovalPolicy {
  return deleteData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
}
