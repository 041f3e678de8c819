#!/usr/bin/env bash
# Installs the packed project into a copy of examples/cdk-app and synthesises it: what the README promises to those who
# have a CDK app of their own. The copy lives in a temporary folder.
# Usage: .ci/package/run.sh [tarball]; without one it packs the project first.
set -euo pipefail
tarball=${1:+$(realpath "$1")}
cd "$(dirname "$0")/../.."
root=$PWD

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The app finds the tarball two folders above itself, as it does in this repository.
if [ -n "$tarball" ]; then
  cp "$tarball" "$work/"
else
  npm pack --silent --pack-destination "$work" >/dev/null
fi
git ls-files -z --cached --others --exclude-standard examples/cdk-app | tar --null -T - -cf - | tar -xf - -C "$work"

cd "$work/examples/cdk-app"
npm install --silent --no-audit --no-fund
npm run --silent synth
node "$root/.ci/package/check-stack.mjs" cdk.out/Compliance.template.json
# What is deployed are the bundles that the tests ran, byte by byte: those of the export and of the daily check.
for name in export verify; do
  found=0
  for deployed in cdk.out/asset.*/index.js; do
    if cmp -s "$deployed" "$root/dist/lambda/$name/index.js"; then found=1; fi
  done
  [ "$found" = 1 ] || { echo "no asset is dist/lambda/$name/index.js" >&2; exit 1; }
done
