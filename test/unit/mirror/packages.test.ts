import { parsePrintUris, renderAptConfiguration } from "../../../mirror/assembly/packages";
import { parsePackagesIndex } from "../../../mirror/assembly/repository";

describe("Debian packages", () => {
  test("apt is kept inside its root", () => {
    const configuration = renderAptConfiguration("/cache/apt");
    for (const setting of ["Dir::State", "Dir::State::status", "Dir::Cache", "Dir::Log"]) {
      expect(configuration).toMatch(new RegExp(`^${setting} "/cache/apt/`, "m"));
    }
    expect(configuration).toContain('Dir::Etc::SourceParts "/cache/apt/parts";');
    expect(configuration).toContain('APT::Install-Recommends "false";');
  });

  test("files are named as the archive's pool names them, without the epoch", () => {
    const output = `Reading package lists...
'http://deb.example/pool/main/k/keepalived/keepalived_2.2.7-1%2bb2_amd64.deb' keepalived_1%3a2.2.7-1+b2_amd64.deb 569660 MD5Sum:e54
'http://deb.example/pool/updates/main/h/haproxy/haproxy_2.6.12-1%2bdeb12u4_amd64.deb' haproxy_2.6.12-1+deb12u4_amd64.deb 2042596 
`;
    expect(parsePrintUris(output)).toEqual([
      {
        cacheName: "keepalived_1%3a2.2.7-1+b2_amd64.deb",
        fileName: "keepalived_2.2.7-1+b2_amd64.deb",
      },
      {
        cacheName: "haproxy_2.6.12-1+deb12u4_amd64.deb",
        fileName: "haproxy_2.6.12-1+deb12u4_amd64.deb",
      },
    ]);
  });

  const paragraph = `Package: socat
Version: 1.7.4.4-2
Filename: ./socat_1.7.4.4-2_amd64.deb
Size: 375188
SHA256: abc
Description: relay
 for bidirectional data
`;

  test("an index is read paragraph by paragraph", () => {
    const index = `${paragraph}\n${paragraph.replaceAll("socat", "runc")}`;
    const records = parsePackagesIndex(index);
    expect(records.map((record) => record.name)).toEqual(["socat", "runc"]);
    expect(records[0]).toEqual({
      name: "socat",
      version: "1.7.4.4-2",
      file: "socat_1.7.4.4-2_amd64.deb",
      size: 375188,
      sha256: "abc",
    });
  });

  test("a paragraph without a checksum is refused", () => {
    expect(() => parsePackagesIndex(paragraph.replace("SHA256: abc\n", ""))).toThrow(/no SHA256/);
  });
});
