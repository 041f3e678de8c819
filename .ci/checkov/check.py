"""
Reads the answer of checkov and fails for a finding that accepted.json does not name, and for a name there that no longer
occurs. wrong.json is among the templates: its open bucket has to be found.

  check.py ANSWER
"""

import json
import sys
from fnmatch import fnmatchcase
from pathlib import Path

ACCEPTED = Path(__file__).with_name("accepted.json")

# An answer with fewer templates has looked past some.
FEWEST_TEMPLATES = 8

# Findings of wrong.json.
WRONG = {("CKV_AWS_20", "AWS::S3::Bucket.OpenBucket"), ("CKV_AWS_53", "AWS::S3::Bucket.OpenBucket")}


def accepts(entry, finding):
    return (
        entry["check"] == finding["check_id"]
        and any(fnmatchcase(finding["resource"].split(".")[-1], pattern) for pattern in entry["resources"])
    )


def main(path):
    answer = json.loads(Path(path).read_text())
    results = answer["results"]
    failed = results["failed_checks"]
    wrong = {(each["check_id"], each["resource"]) for each in failed if each["file_path"] == "/wrong.json"}
    found = [each for each in failed if each["file_path"] != "/wrong.json"]
    seen = {each["file_path"] for each in failed + results["passed_checks"]} - {"/wrong.json"}
    accepted = json.loads(ACCEPTED.read_text())

    problems = [f"wrong.json: {check} of {resource} was not found" for check, resource in sorted(WRONG - wrong)]
    problems += [f"cannot be read: {each}" for each in results["parsing_errors"]]
    if len(seen) < FEWEST_TEMPLATES:
        problems.append(f"{len(seen)} templates were looked at, expected {FEWEST_TEMPLATES} at least")
    for each in found:
        if not any(accepts(entry, each) for entry in accepted):
            problems.append(f"{each['check_id']} ({each['check_name']}): {each['resource']} in {each['file_path']}")
    for entry in accepted:
        for pattern in entry["resources"]:
            if not any(accepts({**entry, "resources": [pattern]}, each) for each in found):
                problems.append(f"accepted.json: {entry['check']} of {pattern} no longer occurs; take it out")
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(f"checkov: {len(problems)} problems")
    passed = sum(each["file_path"] != "/wrong.json" for each in results["passed_checks"])
    print(f"checkov: {passed} checks of {len(seen)} templates passed; {len(accepted)} findings accepted with a reason")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: check.py ANSWER (of checkov, as JSON)")
    main(sys.argv[1])
