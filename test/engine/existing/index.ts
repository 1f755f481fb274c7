import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";

// A network of its own stack: made by it, or imported, as docs/guides/existing.md has it.
const config = new pulumi.Config();
const vpc = new tencentcloud.Vpc(
  "office",
  { name: "office", cidrBlock: "10.30.0.0/16" },
  { import: config.get("import") },
);
const subnet = new tencentcloud.Subnet(
  "machines",
  {
    ...{ name: "machines", vpcId: vpc.id, cidrBlock: "10.30.16.0/20" },
    availabilityZone: "ap-guangzhou-6",
  },
  { import: config.get("importSubnet") },
);
export const vpcId = vpc.id;
export const subnetId = subnet.id;
