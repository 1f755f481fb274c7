import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";

// A network of its own stack: made by it, or imported, as docs/guides/existing.md has it.
const vpc = new tencentcloud.Vpc(
  "office",
  { name: "office", cidrBlock: "10.30.0.0/16" },
  { import: new pulumi.Config().get("import") },
);
export const vpcId = vpc.id;
