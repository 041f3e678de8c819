#!/usr/bin/env bash
# Has bags of `cases-audit` validated by a BagIt library that nobody here has written (PyPI's bagit), and an altered one
# refused. A missing Python is a failure, never a skip. Needs python3 (with venv), node, the built dist/ and the files
# of a demo.
set -euo pipefail
cd "$(dirname "$0")/../.."
. .ci/shared.sh

archive=${1:-demo-output}
[ -d "$archive/archive" ] || fail "$archive holds no archive; run npm run demo first"
venv

valid() { "$work/venv/bin/python" -m bagit --validate --quiet "$1"; }

# The case that the README names.
id=$(sed -n 's/^npm run timeline -- \([0-9a-f-]*\)$/\1/p' README.md)
of=(--offline "$archive" --key "$archive/audit-key.pem")
node dist/cases-audit.js case "$id" "${of[@]}" --extract "$work/extract"
node dist/cases-audit.js pack "$work/pack" "${of[@]}"
node dist/cases-audit.js pack "$work/rows" "${of[@]}" --with-rows
for bag in extract pack rows; do
  valid "$work/$bag" || fail "$bag is no valid bag"
done

slice=$(find "$work/extract/data/slices" -type f | sort | head -n 1)
printf ' ' >>"$slice"
if valid "$work/extract" 2>/dev/null; then fail "an altered extract is still valid"; fi
echo "bag: three bags are valid, and an altered one is refused"
