import { pluginsOf } from "../../../../operations/orphans/plugins";

test("plugins are known by their program, and their engine by the address it gave them", () => {
  const processes = [
    ["/root/.pulumi/plugins/resource-command-v1/pulumi-resource-command", "127.0.0.1:40113"],
    ["/root/.pulumi/plugins/resource-x/pulumi-resource-x", "--help"],
    ["/usr/bin/pulumi-resource-started-by-hand"],
    ["pulumi-language-nodejs", "127.0.0.1:40113"],
    ["pulumi", "up", "127.0.0.1:40113"],
    ["node", "pulumi-resource-command", "127.0.0.1:40113"],
  ].map((argv, index) => ({ pid: index + 1, parent: 1, argv }));
  expect(pluginsOf(processes)).toEqual([{ pid: 1, engine: { host: "127.0.0.1", port: 40113 } }]);
});
