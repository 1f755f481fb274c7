import { proxyEnvironment } from "../../../components/plan/proxy";
import { prepareHost } from "../../../components/preparation";
import { line, planOf, problemsOf } from "./fixture";

const behind = planOf((config) => {
  config.proxy = {
    httpProxy: "http://proxy.example.com:3128",
    httpsProxy: "http://proxy.example.com:3129/",
    noProxy: [".example.com", "203.0.113.0/24"],
  };
});
const direct =
  "localhost,127.0.0.1,169.254.0.0/16,10.0.0.0/16,10.244.0.0/16,10.96.0.0/16,api.prod.internal,.cluster.local,.example.com,203.0.113.0/24";

test("without a proxy nothing is said of it, whatever is to be asked without", () => {
  const plan = planOf((config) => (config.proxy = { noProxy: [".example.com"] }));
  expect(proxyEnvironment(plan)).toEqual({});
  for (const host of plan.hosts) expect(prepareHost(plan, host).params.PROXY).toEqual([]);
});

test("the cluster's own is asked directly, and what else is configured", () => {
  expect(proxyEnvironment(behind)).toEqual({
    http_proxy: "http://proxy.example.com:3128",
    https_proxy: "http://proxy.example.com:3129/",
    no_proxy: direct,
  });
});

test("one of both proxies is enough", () => {
  const plan = planOf((config) => (config.proxy = { httpsProxy: "http://10.9.0.1:3128" }));
  expect(Object.keys(proxyEnvironment(plan))).toEqual(["https_proxy", "no_proxy"]);
});

test("downloads of every host go by it, and containerd where there is one", () => {
  for (const host of behind.hosts) {
    const { params, files } = prepareHost(behind, host);
    expect(params.PROXY).toEqual([
      "http_proxy=http://proxy.example.com:3128",
      "https_proxy=http://proxy.example.com:3129/",
      `no_proxy=${direct}`,
    ]);
    const unit = files.find(({ path }) => path.endsWith("/containerd.service"))?.content;
    const runs = !["bastion", "balancer"].includes(host.role);
    expect([host.name, unit?.includes(`\nEnvironment="no_proxy=${direct}"\n`)]).toEqual([
      host.name,
      runs ? true : undefined,
    ]);
  }
});

test.each([
  "proxy.example.com:3128",
  "socks5://proxy.example.com",
  "http://proxy.example.com/path",
  "http://proxy.example.com?x=1",
  'http://proxy.example.com"',
  "http://proxy.example.com\nx",
])("%j is refused", (httpProxy) => {
  const said = problemsOf((config) => (config.proxy = { httpProxy })).map(line);
  expect(said).toEqual([
    `proxy.httpProxy: got ${JSON.stringify(httpProxy)}. Use an http or https URL of host and port alone, such as http://proxy.example.com:3128.`,
  ]);
});

test("credentials are refused, and not told", () => {
  const httpProxy = "http://user:geheim@proxy.example.com:3128";
  const said = problemsOf((config) => (config.proxy = { httpProxy })).map(line);
  expect(said).toEqual([
    'proxy.httpProxy: got "http://...@proxy.example.com:3128". Use a URL without credentials: they would lie open in the state and on every host.',
  ]);
});

test.each(["a,b", "a b", 'x"', "x%y"])("%j is no name to be asked directly", (name) => {
  const said = problemsOf((config) => (config.proxy = { noProxy: [name] })).map(line);
  expect(said.join()).toContain("proxy.noProxy.0: got");
});
