#!/usr/bin/env bash
# Every statement of sql/ in a real Trino: fetches one (fetch.sh), starts it on a free loopback port, runs test/trino, stops it.
# Needs a JDK 17 to 21, the first of JAVA_HOME and the PATH. Without one: a message, and with CI=true a failure.
set -euo pipefail
cd "$(dirname "$0")/../.."

major_of() { "$1" -version 2>&1 | sed -nE '1s/.*version "([0-9]+).*/\1/p'; }

without() {
  echo "Trino: skipped, $1. Expected a JDK 17 to 21 in JAVA_HOME or on the PATH." >&2
  [ "${CI:-}" != true ] || exit 1
  exit 0
}

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
command -v "$java" >/dev/null || without 'Java is not installed'
major=$(major_of "$java")
{ [ "${major:-0}" -ge 17 ] && [ "$major" -le 21 ]; } || without "Java is of version ${major:-unknown}"
command -v "${java}c" >/dev/null || without 'the compiler of Java (javac) is not installed'

TRINO_HOME=$(.ci/trino/fetch.sh)
export TRINO_HOME
[ -f dist/lambda/export/index.js ] || npm run --silent build
exec npx jest --config test/trino/jest.config.js "$@"
