import * as pulumi from "@pulumi/pulumi";
// In a repository of your own: from "tencentcloud-kubernetes-ha/addons".
import { ClusterAddons } from "../../components/addons";

const config = new pulumi.Config();
const cluster = new pulumi.StackReference(config.require("cluster"));

new ClusterAddons("addons", {
  kubeconfig: cluster.requireOutput("kubeconfig") as pulumi.Output<string>,
  proxy: config.get("proxy"),
  imageRepository: config.get("imageRepository"),
  metricsServer: { version: "v0.9.0" },
  ingress: {
    version: "v1.33.8",
    envoyVersion: config.get("envoyVersion") ?? "v1.38.9",
    address: cluster.requireOutput("entry").apply(({ address }: { address: string }) => address),
  },
});
