import { OneResize } from "../../../components/oneResize";

const of = (pool: string, instanceType: string) => ({
  instanceType,
  tags: { "kubernetes-ha/pool": pool },
});
const [small, large] = ["S5.SMALL2", "S5.LARGE8"];

test("one machine of a pool is resized, the second is refused with what to do", () => {
  const resize = new OneResize();
  const check = (name: string, pool = "etcd") =>
    resize.check(name, of(pool, small), of(pool, large));
  check("prod-etcd-1");
  expect(() => check("prod-etcd-2")).toThrow(
    /prod-etcd-1 and prod-etcd-2, both of pool etcd, .*instanceType changes\. Resize one with --target '\*\*::prod-etcd-1'/,
  );
  // The preview, then the update of the same program, or a retry.
  check("prod-etcd-1");
  check("prod-master-1", "master");
});

test("what stops no machine is let pass", () => {
  const resize = new OneResize();
  for (const name of ["prod-etcd-1", "prod-etcd-2"])
    resize.check(name, of("etcd", small), {
      ...of("etcd", small),
      tags: { "kubernetes-ha/pool": "etcd", team: "a" },
    });
});
