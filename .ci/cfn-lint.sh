#!/usr/bin/env bash
# Synthesises the example and checks the template with cfn-lint; any finding fails. Needs Python 3 and a bundle (npm run build).
set -euo pipefail
cd "$(dirname "$0")/.."

CFN_LINT_VERSION=1.58.0
VENV=.venv/cfn-lint-$CFN_LINT_VERSION

if [ ! -x "$VENV/bin/cfn-lint" ]; then
  python3 -m venv "$VENV"
  "$VENV/bin/pip" install --quiet --disable-pip-version-check "cfn-lint==$CFN_LINT_VERSION"
fi

npx cdk synth --quiet --strict -c config="${1:-config/example.json}" -c @aws-cdk/core:validateAgainstDefaultRules=true
# W3005: the library writes DependsOn for a role that a reference already enforces.
"$VENV/bin/cfn-lint" --include-checks I --ignore-checks W3005 -- cdk.out/*.template.json
