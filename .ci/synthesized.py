"""A stack as `cdk synth` leaves it in a folder, and what the CDK's command line does before it deploys one."""

import io
import json
import zipfile

BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"


def place(folder):
    """Account and Region of the one stack, and the path of its template."""
    manifest = json.loads((folder / "manifest.json").read_text())
    [stack] = [each for each in manifest["artifacts"].values() if each["type"] == "aws:cloudformation:stack"]
    account, region = stack["environment"].removeprefix("aws://").split("/")
    return account, region, folder / stack["properties"]["templateFile"]


def bootstrap(client, folder):
    """Makes the bucket of `cdk bootstrap`, with the assets that the template names by hash, and its version. Returns the bucket."""
    account, region, _ = place(folder)
    s3, bucket = client("s3"), f"cdk-hnb659fds-assets-{account}-{region}"
    location = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=bucket, **location)
    for assets in folder.glob("*.assets.json"):
        for asset in json.loads(assets.read_text())["files"].values():
            content = packed(folder / asset["source"]["path"])
            for destination in asset["destinations"].values():
                s3.put_object(Bucket=bucket, Key=destination["objectKey"], Body=content)
    client("ssm").put_parameter(Name=BOOTSTRAP_VERSION, Value="21", Type="String")
    return bucket


def packed(path):
    """A file as it is, a folder as a zip."""
    if path.is_file():
        return path.read_bytes()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path.rglob("*")):
            archive.write(file, file.relative_to(path))
    return content.getvalue()
