import * as pulumi from "@pulumi/pulumi";
import { ClusterAddons } from "tencentcloud-kubernetes-ha-addons";

const config = new pulumi.Config();
const cluster = new pulumi.StackReference(config.require("cluster"));
const entry = cluster.requireOutput("entry") as pulumi.Output<{ address: string }>;

new ClusterAddons("addons", {
  kubeconfig: cluster.requireOutput("kubeconfig") as pulumi.Output<string>,
  proxy: config.get("proxy"),
  imageRepository: config.get("imageRepository"),
  metricsServer: { version: config.get("metricsServerVersion") ?? "v0.9.0" },
  ingress: {
    version: config.get("traefikVersion") ?? "v3.6.12",
    address: entry.address,
  },
});
