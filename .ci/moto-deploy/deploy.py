"""Deploys a synthesised stack into moto's CloudFormation as the CDK's command line would, assets first, and prints as JSON
what became of it: the resources that were made, those that moto has no support for, and the functions as they stand there.

    python deploy.py <moto's url> <folder of cdk synth>
"""

import json
import sys
from pathlib import Path

import boto3
from botocore.config import Config
from moto.cloudformation.parsing import get_model_map

from synthesized import bootstrap, place

NAME = "case-audit-export"


def main(url, folder):
    account, region, template = place(folder)

    def client(service):
        return boto3.client(
            service,
            endpoint_url=url,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="moto",
            config=Config(s3={"addressing_style": "path"}),
        )

    if client("sts").get_caller_identity()["Account"] != account:
        raise SystemExit(f"moto was not started for account {account}: set MOTO_ACCOUNT_ID")
    bootstrap(client, folder)

    wanted = json.loads(template.read_text())
    supported = {it for it, resource in wanted["Resources"].items() if resource["Type"] in get_model_map()}
    body = json.dumps(without_others(wanted, supported))
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName=NAME, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
    status = cloudformation.describe_stacks(StackName=NAME)["Stacks"][0]["StackStatus"]
    if status != "CREATE_COMPLETE":
        raise SystemExit(f"the stack ended as {status}")
    made = cloudformation.describe_stack_resources(StackName=NAME)["StackResources"]
    report(wanted["Resources"], made, client("lambda"))


def without_others(template, supported):
    """The template without the resources that moto does not know; where another refers to one, its name stands as text."""

    def resolved(value):
        if isinstance(value, list):
            return [resolved(it) for it in value]
        if not isinstance(value, dict):
            return value
        referred = value.get("Ref") or (value.get("Fn::GetAtt") or [None])[0]
        if len(value) == 1 and referred in template["Resources"] and referred not in supported:
            return referred
        return {key: resolved(it) for key, it in value.items()}

    resources = {it: resolved(resource) for it, resource in template["Resources"].items() if it in supported}
    for resource in resources.values():
        after = resource.get("DependsOn", [])
        resource["DependsOn"] = [it for it in ([after] if isinstance(after, str) else after) if it in supported]
    return {**resolved({**template, "Resources": {}}), "Resources": resources}


def report(wanted, made, functions):
    ids = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in made}
    by_type = {}
    for logical_id, resource in wanted.items():
        by_type.setdefault(resource["Type"], []).append(logical_id in ids)
    deployed = []
    for logical_id, resource in wanted.items():
        if resource["Type"] == "AWS::Lambda::Function":
            configuration = functions.get_function_configuration(FunctionName=ids[logical_id])
            deployed.append({it: configuration[it] for it in ("Handler", "Runtime", "Timeout", "Environment")})
    result = {
        "made": {kind: sum(every) for kind, every in by_type.items() if any(every)},
        "unsupported": {kind: len(every) for kind, every in by_type.items() if not any(every)},
        "functions": deployed,
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
