export { type LocalS3, type S3Fault, type S3Options, startS3 } from './server';
