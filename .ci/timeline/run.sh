#!/usr/bin/env bash
# Opens timeline pages in a real browser (Debian's Chromium, headless, driven by playwright-core): the case of the demo with the
# most events, and a page of hostile values. No console errors, no requests, every value to be read, nothing wider than the
# window from 1280 px down to 320 px (1280 px at 400 %), prints with all folded texts and on
# few pages, axe-core finds nothing serious.
# Needs node, the files of "npm run demo", and Chromium, which is installed where CI=true; elsewhere its absence skips the check.
# Usage: .ci/timeline/run.sh [folder of a demo]; SCREENSHOTS=<folder> leaves pictures and PDF files there.
set -euo pipefail
cd "$(dirname "$0")/../.."

PLAYWRIGHT_CORE=1.64.1
AXE_CORE=4.14.1
folder=${1:-demo-output}

[ -d "$folder" ] || { echo "timeline: there is no $folder; make it by npm run demo" >&2; exit 1; }
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ]; then
  if [ "${CI:-}" != true ]; then
    echo "timeline: no Chromium on this machine, so its pages are not checked in a browser"
    exit 0
  fi
  apt-get update -qq >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
  browser=$(command -v chromium)
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-save --no-package-lock --no-audit --no-fund --prefix "$work" \
  "playwright-core@$PLAYWRIGHT_CORE" "axe-core@$AXE_CORE" >/dev/null
npx tsx .ci/timeline/make-pages.ts "$folder" "$work"
node .ci/timeline/check-pages.mjs "$work" "$browser" "${SCREENSHOTS:-}"
