import { RemovalPolicy } from 'aws-cdk-lib';

/** What becomes of stored data when the stack, or the resource that holds it, is deleted. */
export interface DataRemoval {
  /** Buckets are emptied and deleted, the table too. False: all of it stays in the account. */
  readonly deleteData: boolean;
}

/** The CloudFormation policy of a resource that holds data: RETAIN also when it would be replaced. */
export function removalPolicy({ deleteData }: DataRemoval): RemovalPolicy {
  return deleteData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
}
