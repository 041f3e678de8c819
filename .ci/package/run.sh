#!/usr/bin/env bash
# Packs the project, installs it into another CDK app, and synthesises a stack with the construct: what the README promises to
# who has a CDK app of their own. Everything lives in a temporary folder.
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

version_of() { node -p "require('./package.json').devDependencies['$1']"; }

npm pack --silent --pack-destination "$work" >/dev/null
cp .ci/package/app.ts "$work/"
cat >"$work/package.json" <<'JSON'
{ "name": "another-app", "private": true }
JSON
npm install --prefix "$work" --silent --no-audit --no-fund "$work"/connect-cases-audit-export-*.tgz \
  "aws-cdk-lib@$(version_of aws-cdk-lib)" "constructs@$(version_of constructs)" \
  "typescript@$(version_of typescript)" "@types/node@$(version_of @types/node)"
cd "$work"
npx tsc --strict --module Node16 --moduleResolution Node16 --target ES2022 --types node app.ts
node app.js
node -e '
  const { Resources } = JSON.parse(require("node:fs").readFileSync("cdk.out/Compliance.template.json", "utf8"));
  const types = Object.values(Resources).map(({ Type }) => Type);
  const wanted = ["AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::Scheduler::Schedule", "AWS::Glue::Table", "AWS::Athena::NamedQuery"];
  const missing = wanted.filter((type) => !types.includes(type));
  if (missing.length > 0) throw new Error(`The stack has no ${missing.join(", no ")}`);
  const { CodeUri: _, Code } = Object.values(Resources).find(({ Type }) => Type === "AWS::Lambda::Function").Properties;
  if (!Code?.S3Key) throw new Error("The function has no code");
  console.log(`${types.length} resources in a stack of another app`);
'
cmp "$work"/cdk.out/asset.*/index.js "$OLDPWD/dist/lambda/export/index.js"
