"""Finds the IAM policy documents of CloudFormation templates and puts stand-in text in place of intrinsic functions."""

import json
from pathlib import Path

ACCOUNT, REGION = "111122223333", "eu-central-1"

PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/stack/0a1b2c3d",
}

ARNS = {
    "AWS::DynamoDB::Table": "dynamodb:{place}:table/{id}",
    "AWS::IAM::Role": f"iam::{ACCOUNT}:role/{{id}}",
    "AWS::KMS::Key": "kms:{place}:key/{id}",
    "AWS::Lambda::Function": "lambda:{place}:function:{id}",
    "AWS::Logs::LogGroup": "logs:{place}:log-group:{id}:*",
    "AWS::S3::Bucket": "s3:::{id}",
    "AWS::SNS::Topic": "sns:{place}:{id}",
    "AWS::SQS::Queue": "sqs:{place}:{id}",
    "AWS::Scheduler::ScheduleGroup": "scheduler:{place}:schedule-group/{id}",
    "AWS::StepFunctions::StateMachine": "states:{place}:stateMachine:{id}",
}

REF_IS_ARN = {"AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"}

# Where a resource type holds policies.
DOCUMENTS = {
    "AWS::IAM::ManagedPolicy": ["PolicyDocument"],
    "AWS::IAM::Policy": ["PolicyDocument"],
    "AWS::IAM::Role": ["AssumeRolePolicyDocument"],
    "AWS::KMS::Key": ["KeyPolicy"],
    "AWS::S3::BucketPolicy": ["PolicyDocument"],
    "AWS::SNS::TopicPolicy": ["PolicyDocument"],
    "AWS::SQS::QueuePolicy": ["PolicyDocument"],
}

# Properties that only look like a policy: names, and managed policies by their ARN.
NO_DOCUMENTS = {"PolicyName", "ManagedPolicyArns", "ManagedPolicyName", "DeletionPolicy"}


def documents(folder):
    """Yields (name, kind, document) for every policy of `templates/` and `policies/`; kind is the resource's type."""
    for file in sorted(Path(folder, "policies").glob("*.json")):
        yield file.stem, "file", json.loads(file.read_text())
    for file in sorted(Path(folder, "templates").glob("*.json")):
        resources = json.loads(file.read_text())["Resources"]
        for logical_id, resource in resources.items():
            for kind, document in of_resource(logical_id, resource):
                yield f"{file.stem}: {logical_id}", kind, resolved(document, resources)


def of_resource(logical_id, resource):
    kind, properties = resource["Type"], resource.get("Properties", {})
    known = DOCUMENTS.get(kind, [])
    for name, value in properties.items():
        if name in known:
            yield kind, value
        elif kind == "AWS::IAM::Role" and name == "Policies":
            yield from (("AWS::IAM::Policy", inline["PolicyDocument"]) for inline in value)
        elif "Policy" in name and name not in NO_DOCUMENTS and "Statement" in json.dumps(value):
            raise ValueError(f"{logical_id}: {kind} has a policy in {name}; expected it in DOCUMENTS; add it there")


def resolved(value, resources):
    if isinstance(value, list):
        return [resolved(each, resources) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(function, argument)] = value.items()
        if function == "Ref":
            return reference(argument, resources)
        if function.startswith("Fn::"):
            return intrinsic(function, argument, resources)
    return {key: resolved(each, resources) for key, each in value.items()}


def intrinsic(function, argument, resources):
    if function == "Fn::Join":
        separator, parts = argument
        return separator.join(resolved(parts, resources))
    if function == "Fn::GetAtt" and argument[1] == "Arn":
        return arn(argument[0], resources)
    raise ValueError(f"{function} {argument}: expected Fn::Join or Fn::GetAtt of Arn; teach documents.py")


def reference(name, resources):
    if name in PSEUDO:
        return PSEUDO[name]
    return arn(name, resources) if resources[name]["Type"] in REF_IS_ARN else name.lower()


def arn(logical_id, resources):
    kind = resources[logical_id]["Type"]
    if kind not in ARNS:
        raise ValueError(f"{logical_id}: the ARN of {kind} is unknown; add it to ARNS")
    return "arn:aws:" + ARNS[kind].format(place=f"{REGION}:{ACCOUNT}", id=logical_id.lower())
