#!/usr/bin/env bash
# Tries what docs/bi.md says of dbt, DuckDB and pandas, over the archive of the demo's desk: every test of the generated sources
# passes, one broken row fails the three tests that it breaks and no other, and the page's lines of Python answer what they say.
# Needs python3 (with venv) and node. A Python that is missing is a failure, never a skip.
set -euo pipefail
cd "$(dirname "$0")/../.."
. .ci/shared.sh

venv

# dbt <command> <archive>: over a database file of its own.
dbt() {
  npx tsx scripts/duckdb-file.ts "$2" "$work/$1.duckdb"
  CASES_AUDIT_DUCKDB="$work/$1.duckdb" "$work/venv/bin/dbt" --no-use-colors "$1" --project-dir examples/dbt \
    --profiles-dir examples/dbt --target-path "$work/$1" --log-path "$work/$1" >"$work/$1.log" 2>&1
}

archive=$(npx tsx .ci/dbt/make-archive.ts "$work/desk")
dbt build "$archive" || { cat "$work/build.log" >&2; exit 1; }
tail -1 "$work/build.log"

cp -r "$work/desk" "$work/broken"
"$work/venv/bin/python" .ci/dbt/break_row.py "$work/broken/archive"
if dbt test "$work/broken/archive"; then fail "a broken row was not found"; fi
"$work/venv/bin/python" .ci/dbt/failures.py "$work/test/run_results.json" >"$work/failed"
diff .ci/dbt/broken-row-fails.txt "$work/failed" || fail "other tests failed than expected"
echo "one broken row: $(wc -l <"$work/failed") tests failed, as expected"

# The page's own lines, as they are there, in the folder that holds the copy.
sed -n '/^```python$/,/^```$/p' docs/bi.md | sed '/^```/d' >"$work/page.py"
[ -s "$work/page.py" ] || fail "docs/bi.md has no lines of Python"
mkdir "$work/page"
cp -r "$archive" "$work/page/copy"
cp "$work/build.duckdb" "$work/page/cases.duckdb"
(cd "$work/page" && "$work/venv/bin/python" -W error "$work/page.py") | tee "$work/page.out"
grep -qE '^closed +[1-9]' "$work/page.out" || fail "the page's Python found no closed cases"
