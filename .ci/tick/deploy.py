"""
Deploys a synthesised stack into ministack's CloudFormation as the CDK's command line would, assets first. Left out are kinds
of resources that ministack does not know. The functions get the endpoints of ministack and of the local Cases service,
and settle at once, so that the first tick exports; it comes after a minute. Prints the archive's bucket and what was
made, as JSON.

  deploy.py <ministack's url> <folder of cdk synth> <url of the Cases service>
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path

import botocore.session
from botocore.config import Config

from synthesized import bootstrap, place

STACK = "case-audit-export"

# ministack 1.5.33 knows no named query, and no alarm over a calculation; the dashboard names alarms.
UNSUPPORTED = {"AWS::Athena::NamedQuery", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"}

MOST_SECONDS = 300


def main(url, folder, cases_url):
    account, region, template = place(folder)
    session = botocore.session.get_session()
    session.set_credentials(account, "ministack")

    def client(service):
        return session.create_client(
            service, region_name=region, endpoint_url=url, config=Config(s3={"addressing_style": "path"})
        )

    bucket = bootstrap(client, folder)
    body = json.dumps(prepared(json.loads(template.read_text()), url, cases_url))
    client("s3").put_object(Bucket=bucket, Key="template.json", Body=body)
    stack = created(client("cloudformation"), f"{url}/{bucket}/template.json")
    made = Counter(each["ResourceType"] for each in stack["resources"])
    print(json.dumps({"archive": stack["outputs"]["ArchiveBucket"], "made": made}))


def prepared(template, url, cases_url):
    resources = {key: each for key, each in template["Resources"].items() if each["Type"] not in UNSUPPORTED}
    for each in resources.values():
        if each["Type"] == "AWS::Lambda::Function":
            each["Properties"]["Environment"]["Variables"].update(
                AWS_ENDPOINT_URL_CONNECTCASES=cases_url,
                AWS_ENDPOINT_URL_S3=url,
                AWS_ENDPOINT_URL_DYNAMODB=url,
                SETTLE_SECONDS="0",
            )
        if each["Type"] == "AWS::Scheduler::Schedule" and each["Properties"]["ScheduleExpression"] == "rate(5 minutes)":
            # The first tick comes after one interval.
            each["Properties"]["ScheduleExpression"] = "rate(1 minute)"
    outputs = {key: each for key, each in template["Outputs"].items() if key != "Dashboard"}
    return {**template, "Resources": resources, "Outputs": outputs}


def created(cloudformation, template_url):
    cloudformation.create_stack(StackName=STACK, TemplateURL=template_url, Capabilities=["CAPABILITY_IAM"])
    for _ in range(MOST_SECONDS):
        [stack] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            break
        time.sleep(1)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        failed = [each for each in events if "FAILED" in each["ResourceStatus"]]
        reasons = [f"{each['LogicalResourceId']}: {each.get('ResourceStatusReason')}" for each in failed]
        sys.exit(f"the stack ended as {stack['StackStatus']}: {'; '.join(reasons)}")
    resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
    return {"resources": resources, "outputs": {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}}


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("Usage: deploy.py <ministack's url> <folder of cdk synth> <url of the Cases service>")
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
