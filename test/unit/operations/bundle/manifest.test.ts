import { parse } from "yaml";
import { parseClusterConfig } from "../../../../components/plan";
import { mirrorVersions } from "../../../../mirror/layout";
import { renderSettings } from "../../../../operations/bundle/manifest";
import { minimalConfig } from "../../plan/fixture";

test("the settings that a bundle names are a configuration's, with the sum of every program", () => {
  const artifacts = [
    { path: "kubernetes/v1.36.3/amd64/kubelet", sha256: "ab".repeat(32) },
    { path: "etcd/v3.7.3/amd64/etcdctl", sha256: "cd".repeat(32) },
  ];
  const text = renderSettings({ versions: mirrorVersions, artifacts });
  const settings = parse(text.replaceAll("@ADDRESS@", "10.0.250.10")) as object;
  const config = parseClusterConfig({ ...minimalConfig(), ...settings });
  expect(config.sources).toMatchObject({
    kind: "mirror",
    baseUrl: "http://10.0.250.10/artifacts",
    imageRepository: "10.0.250.10:5000/kubernetes-ha",
    checksums: Object.fromEntries(artifacts.map(({ path, sha256 }) => [path, sha256])),
  });
  expect(config.images.insecureRegistries).toEqual(["10.0.250.10:5000"]);
  expect(config.packages.aptSources).toEqual(["deb [trusted=yes] http://10.0.250.10/apt ./"]);
  expect(config.versions.kubernetes).toBe(mirrorVersions.kubernetes);
});
