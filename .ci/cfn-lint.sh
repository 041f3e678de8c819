#!/usr/bin/env bash
# Synthesises both examples (or the configurations given) and checks the templates with cfn-lint; any finding fails. Needs
# Python 3 and a bundle (npm run build).
set -euo pipefail
cd "$(dirname "$0")/.."

CFN_LINT_VERSION=1.58.0
VENV=.venv/cfn-lint-$CFN_LINT_VERSION

if [ ! -x "$VENV/bin/cfn-lint" ]; then
  python3 -m venv "$VENV"
  "$VENV/bin/pip" install --quiet --disable-pip-version-check "cfn-lint==$CFN_LINT_VERSION"
fi

if [ $# -eq 0 ]; then set -- config/example.json config/example-regulated.json; fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for config in "$@"; do
  echo "$config"
  rm -rf "${out:?}"/*
  npx cdk synth --quiet --strict --output "$out" -c config="$config" -c @aws-cdk/core:validateAgainstDefaultRules=true
  # W3005: the library writes DependsOn for a role that a reference already enforces.
  "$VENV/bin/cfn-lint" --include-checks I --ignore-checks W3005 -- "$out"/*.template.json
done
