#!/usr/bin/env bash
# Runs the state machine of the curated table by a second interpreter, ministack's from PyPI: refreshes that the interpreter of
# the tests has run are recorded, and have to go the same way there. Needs python3 (with venv) and node.
set -euo pipefail
cd "$(dirname "$0")/../.."
. .ci/shared.sh

venv
quietly "$work/record.log" npx tsx .ci/states/record.ts "$work/recordings.json"
"$work/venv/bin/python" .ci/states/replay.py "$work/recordings.json"
