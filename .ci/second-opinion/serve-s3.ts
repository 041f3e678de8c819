/** Starts the local S3 with an empty bucket `archive`, prints its address, and serves until it is ended. */
import { startS3 } from '../../local/s3/server';

void startS3({ buckets: { archive: {} } }).then(({ url }) => process.stdout.write(`${url}\n`));
