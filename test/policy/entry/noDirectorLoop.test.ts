import { renderDirector } from "../../../components/render";
import { noDirectorLoop as policy } from "../../../policy/rules/entry/noDirectorLoop";
import { lvsPlanOf } from "../../unit/plan/fixture";
import { type FixtureResource, found, tokenOf, unknown } from "../judge";
import { step } from "../steps";

const path = "/etc/keepalived/keepalived.conf";
const { entry } = lvsPlanOf();

/** The directors of a cluster, each with an address and the step that tells it what to do. */
function directors(edit: (content: string, host: string) => string = (content) => content) {
  return entry.directors.flatMap((host): FixtureResource[] => [
    {
      type: tokenOf("instance"),
      name: host.name,
      props: { instanceName: host.name, privateIp: host.address, tags: host.tags },
    },
    step("director", host.name, [{ path, content: edit(renderDirector(entry, host), host.name) }]),
  ]);
}

const toFirst = (content: string) => content.replaceAll("10.0.0.64", "10.0.0.22");

test("directors before the masters are allowed", () => {
  expect(found(policy, directors())).toEqual([]);
});

test("one that is sent frames by another one is denied, whichever says so", () => {
  const expected = [
    "prod-director-1-director: prod: director prod-director-1 (10.0.0.22) is a real server as well. Give the directors hosts of their own.",
  ];
  expect(found(policy, directors(toFirst))).toEqual(expected);
  const bySecond = (content: string, host: string) =>
    host === "prod-director-2" ? toFirst(content) : content;
  expect(found(policy, directors(bySecond))).toEqual(expected);
});

test("with NAT what arrives is for the server alone", () => {
  expect(
    found(
      policy,
      directors((content) => toFirst(content).replace("lvs_method DR", "lvs_method NAT")),
    ),
  ).toEqual([]);
});

test("what is not known yet, or is another service's, says nothing", () => {
  expect(
    found(
      policy,
      directors(() => unknown),
    ),
  ).toEqual([]);
  expect(
    found(policy, [step("director", "x", [{ path, content: "vrrp_instance a {\n}\n" }])]),
  ).toEqual([]);
});
