#!/usr/bin/env bash
# Deploys the example's stack into ministack, an emulator from PyPI that needs no image, and lets one tick run as in an
# account: the schedule starts the function, which reads the local Cases service and writes to S3 and DynamoDB. Every
# exported row is compared. Needs python3 (with venv), node, and a bundle (npm run build).
set -euo pipefail
cd "$(dirname "$0")/../.."

START_SECONDS=120

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
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r .ci/states/requirements.txt
npx cdk synth --quiet -c config=config/example.json --output "$work/cdk.out" </dev/null >/dev/null 2>&1

port=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { process.stdout.write(`${s.address().port}`); s.close(); })')
BIND_HOST=127.0.0.1 GATEWAY_PORT=$port "$work/venv/bin/ministack" >"$work/ministack.log" 2>&1 &
pid=$!
for _ in $(seq $((START_SECONDS * 5))); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then started=yes; break; fi
  kill -0 "$pid" 2>/dev/null || break
  sleep 0.2
done
[ "${started:-}" = yes ] || { echo "tick: ministack did not start:" >&2; cat "$work/ministack.log" >&2; exit 1; }

if ! npx tsx .ci/tick/tick.ts "http://127.0.0.1:$port" "$work/cdk.out" "$work/venv/bin/python"; then
  tail -n 20 "$work/ministack.log" >&2
  exit 1
fi
