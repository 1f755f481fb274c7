import { parseCosHost } from "../../../../../lab/cloud/cos/host";

test.each<[string, ReturnType<typeof parseCosHost>]>([
  ["b-1300000001.cos.ap-guangzhou.lab.test", { bucket: "b-1300000001", region: "ap-guangzhou" }],
  ["b-1300000001.cos.ap-guangzhou.lab.test:80", { bucket: "b-1300000001", region: "ap-guangzhou" }],
  ["cos.ap-guangzhou.lab.test", { region: "ap-guangzhou" }],
  ["service.cos.lab.test", {}],
  ["cvm.lab.test", undefined],
  ["", undefined],
])("'%s'", (host, expected) => {
  expect(parseCosHost(host)).toEqual(expected);
});
