#!/usr/bin/env bash
# Runs the state machine of the curated table by a second interpreter, ministack's from PyPI: refreshes that the interpreter of
# the tests has run are recorded, and have to go the same way there. Needs python3 (with venv) and node.
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r .ci/states/requirements.txt
npx tsx .ci/states/record.ts "$work/recordings.json" >"$work/record.log" 2>&1 || { cat "$work/record.log" >&2; exit 1; }
"$work/venv/bin/python" .ci/states/replay.py "$work/recordings.json"
