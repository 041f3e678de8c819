"""Prints the tests of dbt's last run that failed, one a line, sorted. Anything but a failed test ends with code 1."""
import json
import sys

results = json.load(open(sys.argv[1], encoding="utf-8"))["results"]
odd = [each for each in results if each["status"] not in ("pass", "fail", "success")]
if odd or not results:
    sys.exit(f"dbt: expected results that pass or fail, got {[(each['unique_id'], each['status']) for each in odd]}")
for name in sorted(each["unique_id"].split(".")[2] for each in results if each["status"] == "fail"):
    print(name)
