#!/usr/bin/env bash
# Deploys the synthesised stack of the example into moto's CloudFormation (a server from PyPI) as far as moto supports its
# resources, then runs the bundle with the environment of the function as deployed there, and compares every row that it
# exports, and lets `cases-audit verify` check what it wrote. Everything lives in a temporary folder and on loopback
# ports, and ends with this script.
# Needs python3 (with venv), node, and a bundle (npm run build).
set -euo pipefail
cd "$(dirname "$0")/../.."

START_SECONDS=120

for tool in python3 node npx; do
  command -v "$tool" >/dev/null || { echo "moto-deploy: $tool is missing" >&2; exit 1; }
done

work=$(mktemp -d)
pid=
stop() {
  if [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap stop EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r .ci/moto-deploy/requirements.txt
npx cdk synth --quiet -c config="${1:-config/example.json}" --output "$work/cdk.out" </dev/null
account=$(sed -n 's/.*"account": "\([0-9]*\)".*/\1/p' "${1:-config/example.json}")

port=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { process.stdout.write(`${s.address().port}`); s.close(); })')
MOTO_ACCOUNT_ID=$account "$work/venv/bin/python" .ci/second-opinion/moto_one_at_a_time.py -H 127.0.0.1 -p "$port" \
  >"$work/moto.log" 2>&1 &
pid=$!
for _ in $(seq $((START_SECONDS * 5))); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then started=yes; break; fi
  kill -0 "$pid" 2>/dev/null || break
  sleep 0.2
done
[ "${started:-}" = yes ] || { echo "moto-deploy: moto's server did not start:" >&2; cat "$work/moto.log" >&2; exit 1; }

"$work/venv/bin/python" .ci/moto-deploy/deploy.py "http://127.0.0.1:$port" "$work/cdk.out" >"$work/deployed.json"
npx tsx .ci/moto-deploy/run-bundle.ts "http://127.0.0.1:$port" "$work/cdk.out" "$work/deployed.json"
npx tsx .ci/moto-deploy/verify-archive.ts "http://127.0.0.1:$port" "$work/cdk.out" "$work/deployed.json"
