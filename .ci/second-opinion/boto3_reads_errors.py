"""Whether boto3, a client of its own making, reads the answers and the error documents of the local S3. Exit code 1 where it does not.

Usage: boto3_reads_errors.py <address of a local S3 with an empty bucket "archive">
"""

import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

BUCKET = "archive"
s3 = boto3.client(
    "s3",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="local",
    aws_secret_access_key="local",
    config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
)
failures = []


def expect_error(what, call, status, code):
    try:
        call()
        came = "no error"
    except ClientError as error:
        answer = error.response
        came = (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"])
        if came == (status, code) and answer["Error"]["Message"]:
            return
    failures.append(f"{what}: got {came}, expected {(status, code)} and a message")


def expect(what, came, expected):
    if came != expected:
        failures.append(f"{what}: got {came}, expected {expected}")


def put(**options):
    return s3.put_object(Bucket=BUCKET, Key="k <&>\"' ü", Body=b"bytes", **options)


expect_error("a key that is not there", lambda: s3.get_object(Bucket=BUCKET, Key='a/<b>&"c'), 404, "NoSuchKey")
expect_error("a bucket that is not there", lambda: s3.get_object(Bucket="nowhere", Key="k"), 404, "NoSuchBucket")
expect_error("HEAD, which has no document", lambda: s3.head_object(Bucket=BUCKET, Key="k"), 404, "404")
expect("an object", put()["ResponseMetadata"]["HTTPStatusCode"], 200)
expect_error("a second first version", lambda: put(IfNoneMatch="*"), 412, "PreconditionFailed")
expect_error("a wrong digest", lambda: put(ContentMD5="AAAA"), 400, "InvalidDigest")
expect_error("a long key", lambda: s3.put_object(Bucket=BUCKET, Key="k" * 1025, Body=b""), 400, "KeyTooLongError")
expect_error(
    "a bucket without a lock",
    lambda: s3.get_object_lock_configuration(Bucket=BUCKET),
    404,
    "ObjectLockConfigurationNotFoundError",
)
expect_error("what is not there at all", lambda: s3.get_bucket_tagging(Bucket=BUCKET), 501, "NotImplemented")
expect("its bytes", s3.get_object(Bucket=BUCKET, Key="k <&>\"' ü")["Body"].read(), b"bytes")
versions = s3.list_object_versions(Bucket=BUCKET)["Versions"]
expect("the list of versions", [(each["Key"], each["Size"]) for each in versions], [("k <&>\"' ü", 5)])

for failure in failures:
    print(f"boto3 and the local S3: {failure}", file=sys.stderr)
print(f"boto3 and the local S3: {len(failures)} of 11 answers misread")
sys.exit(1 if failures else 0)
