import { mergeNeeds } from "../../../components/plan/needs";

test("packages are sorted and there once, images in the order they were asked for", () => {
  const { packages, images, modules } = mergeNeeds([
    { packages: ["curl", "chrony"], images: ["pause"] },
    {},
    { packages: ["chrony", "apt"], images: ["etcd", "pause"], modules: ["vxlan"] },
  ]);
  expect(packages).toEqual(["apt", "chrony", "curl"]);
  expect(images).toEqual(["pause", "etcd"]);
  expect(modules).toEqual(["vxlan"]);
});

test("what two want alike is there once", () => {
  const kubelet = { name: "kubernetes" as const, version: "v1", binary: "kubelet" };
  const file = { path: "/a", content: "a" };
  const service = { unit: "a", restartedFor: ["/a"] };
  const part = { artifacts: [kubelet], files: [file], services: [service] };
  expect(mergeNeeds([part, structuredClone(part)])).toMatchObject(part);
});

test("kernel settings stay with their first reason", () => {
  const { sysctls } = mergeNeeds([
    { sysctls: [{ why: "Nodes.", settings: { a: "1", b: "2" } }] },
    { sysctls: [{ why: "Balancers.", settings: { b: "2", c: "3" } }] },
  ]);
  expect(sysctls).toEqual([
    { why: "Nodes.", settings: { a: "1", b: "2" } },
    { why: "Balancers.", settings: { c: "3" } },
  ]);
});

const binary = (version: string) => ({
  artifacts: [{ name: "etcd" as const, version, binary: "etcdctl" }],
});
const file = (content: string) => ({ files: [{ path: "/etc/x", content }] });
const service = (path: string) => ({ services: [{ unit: "x", restartedFor: [path] }] });
const setting = (value: string) => ({ sysctls: [{ why: "Why.", settings: { a: value } }] });

test.each([
  ["binary etcdctl", binary],
  ["file /etc/x", file],
  ["service x", service],
  ["kernel setting a", setting],
])("two that want the %s otherwise are told", (what, part) => {
  expect(() => mergeNeeds([part("1"), part("2")])).toThrow(
    `two duties of one host want the ${what} otherwise`,
  );
});
