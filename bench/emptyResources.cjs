// A Pulumi program (floor.ts): as many resources as a cluster has, with nothing in them.
const pulumi = require("@pulumi/pulumi");

const count = new pulumi.Config().requireNumber("resources");
for (let i = 1; i <= count; i++) new pulumi.ComponentResource("floor:index:Empty", `empty-${i}`);
