export type { DynamoDBCall, DynamoDBFault, DynamoDBFaultHook, LoggedDynamoDBCall } from './fault-proxy';
export { createCheckpointTable, type DynamoDBOptions, type LocalDynamoDB, localClient, startDynamoDB } from './server';
