#!/usr/bin/env bash
# Deploys the example's stack into ministack, an emulator from PyPI that needs no image, and lets one tick run as in an
# account: the schedule starts the function, which reads the local Cases service and writes to S3 and DynamoDB. Every
# exported row is compared. Needs python3 (with venv), node, and a bundle (npm run build).
set -euo pipefail
cd "$(dirname "$0")/../.."
. .ci/shared.sh

venv .ci/states/requirements.txt
quietly "$work/synth.log" npx cdk synth --quiet -c config=config/example.json --output "$work/cdk.out" </dev/null

port=$(free_port)
BIND_HOST=127.0.0.1 GATEWAY_PORT=$port serve ministack "$port" "$work/venv/bin/ministack"
if ! PYTHONPATH=.ci npx tsx .ci/tick/tick.ts "http://127.0.0.1:$port" "$work/cdk.out" "$work/venv/bin/python"; then
  tail -n 20 "$work/ministack.log" >&2
  exit 1
fi
