export type { DynamoDBCall, DynamoDBFault } from './fault-proxy';
export { createCheckpointTable, type LocalDynamoDB, localClient, startDynamoDB } from './server';
