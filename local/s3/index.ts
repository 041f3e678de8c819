export type { BucketOptions, DefaultRetention } from './bucket';
export type { OperationName } from './operations';
export type { S3ErrorCode } from './s3-error';
export {
  type LocalS3,
  type LoggedCall,
  type S3Call,
  type S3Fault,
  type S3FaultHook,
  type S3Options,
  startS3,
} from './server';
