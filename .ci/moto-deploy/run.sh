#!/usr/bin/env bash
# Deploys the synthesised stack of the example into moto's CloudFormation (a server from PyPI) as far as moto supports its
# resources, then runs the bundle with the environment of the function as deployed there, and compares every row that it
# exports, and lets `cases-audit verify` check what it wrote. Everything lives in a temporary folder and on loopback
# ports, and ends with this script.
# Needs python3 (with venv), node, and a bundle (npm run build).
set -euo pipefail
cd "$(dirname "$0")/../.."
. .ci/shared.sh

config=${1:-config/example.json}
venv
npx cdk synth --quiet -c config="$config" --output "$work/cdk.out" </dev/null
account=$(sed -n 's/.*"account": "\([0-9]*\)".*/\1/p' "$config")

port=$(free_port)
MOTO_ACCOUNT_ID=$account serve moto "$port" \
  "$work/venv/bin/python" .ci/second-opinion/moto_one_at_a_time.py -H 127.0.0.1 -p "$port"
set -- "http://127.0.0.1:$port" "$work/cdk.out"
PYTHONPATH=.ci "$work/venv/bin/python" .ci/moto-deploy/deploy.py "$@" >"$work/deployed.json"
npx tsx .ci/moto-deploy/run-bundle.ts "$@" "$work/deployed.json"
npx tsx .ci/moto-deploy/verify-archive.ts "$@" "$work/deployed.json"
