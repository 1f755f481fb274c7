import { parse } from "yaml";
import { apiserverSettings, renderAuthentication } from "../../../components/render";
import { line, planOf, problemsOf, type TestConfig } from "./fixture";
import { certificate as pem } from "./settingExamples";

type Oidc = NonNullable<NonNullable<TestConfig["controlPlane"]>["oidc"]>;

const login: Oidc = { issuerUrl: "https://login.example.com/realms/ops", clientId: "kubernetes" };
const planned = (oidc: Oidc) => planOf((config) => (config.controlPlane = { oidc }));
const jwt = (oidc: Oidc) =>
  (parse(renderAuthentication(planned(oidc))) as { jwt: Record<string, unknown>[] }).jwt;

test("without a provider nobody logs in by a token of one", () => {
  expect(parse(renderAuthentication(planOf()))).not.toHaveProperty("jwt");
});

test("users have a prefix, and no groups, unless it is said otherwise", () => {
  expect(jwt(login)).toEqual([
    {
      issuer: { url: login.issuerUrl, audiences: ["kubernetes"] },
      claimMappings: { username: { claim: "sub", prefix: "oidc:" } },
      userValidationRules: [
        expect.objectContaining({ expression: "!user.username.startsWith('system:')" }),
        expect.objectContaining({
          expression: "user.groups.all(group, !group.startsWith('system:'))",
        }),
      ],
    },
  ]);
});

test("all that can be said of it", () => {
  const [authenticator] = jwt({
    ...login,
    ...{ usernameClaim: "email", usernamePrefix: "", groupsClaim: "roles", groupsPrefix: "ops/" },
    certificateAuthority: pem + pem,
  });
  expect(authenticator).toMatchObject({
    issuer: { certificateAuthority: pem + pem },
    claimMappings: {
      username: { claim: "email", prefix: "" },
      groups: { claim: "roles", prefix: "ops/" },
    },
  });
});

test("whatever an apiserver reads when it starts, it is started anew for", () => {
  const settings = [
    planOf(),
    planned(login),
    planned({ ...login, clientId: "other" }),
    planOf((config) => (config.controlPlane = { podSecurity: "privileged" })),
  ].map(apiserverSettings);
  expect(new Set(settings).size).toBe(settings.length);
  const workers = planOf((config) => (config.workers[0].members = 9));
  expect(apiserverSettings(workers)).toBe(settings[0]);
});

test.each<[Partial<Oidc>, string]>([
  [{ issuerUrl: "http://login.example.com" }, "controlPlane.oidc.issuerUrl: got"],
  [{ issuerUrl: "https://login.example.com?realm=x" }, "no credentials, query or fragment"],
  [{ issuerUrl: "https://u:p@login.example.com" }, 'got "https://...@login.example.com"'],
  [
    { issuerUrl: "https://kubernetes.default.svc.cluster.local" },
    "which issues the tokens of service accounts",
  ],
  [{ clientId: "" }, "controlPlane.oidc.clientId: got"],
  [{ usernamePrefix: "system:" }, "names that begin with system: are Kubernetes' own"],
  [{ groupsPrefix: "a b" }, "printable ASCII without blanks"],
  [{ certificateAuthority: "/etc/ssl/ca.pem" }, "certificates in PEM, and nothing else"],
  [{ certificateAuthority: `${pem}x` }, "certificates in PEM, and nothing else"],
  [{ certificateAuthority: pem.replace(/\n.{20}/, "\n") }, "certificates in PEM, and nothing else"],
])("%j is refused", (wrong, expected) => {
  const said = problemsOf((config) => (config.controlPlane = { oidc: { ...login, ...wrong } }));
  expect(said.map(line).join("\n")).toContain(expected);
  expect(said).toHaveLength(1);
});
