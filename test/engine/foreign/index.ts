import * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";

const group = new tencentcloud.SecurityGroup("masters", { name: "masters" });
new tencentcloud.SecurityGroupRuleSet("masters", {
  securityGroupId: group.id,
  ingresses: [
    {
      action: "ACCEPT",
      protocol: "TCP",
      port: "6443",
      cidrBlock: new pulumi.Config().require("from"),
    },
  ],
});
