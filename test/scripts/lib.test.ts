import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory, withLib } from "./support/host";

describe("wait_until", () => {
  test("ends as soon as the command succeeds", () => {
    const { status } = withLib("wait_until 5 'the file' test -e /etc/passwd");
    expect(status).toBe(0);
  });

  test("gives up after its time and says what it saw last", () => {
    const { status, stderr } = withLib(
      "probe() { echo 'connection refused'; return 1; }; wait_until 1 'the API' probe",
    );
    expect(status).not.toBe(0);
    expect(stderr).toBe("error: the API: not so after 1 s; last seen: connection refused\n");
  });
});

describe("run_service", () => {
  /** Calls of systemctl, with a service that is active once it was started. */
  function calls(script: string) {
    const directory = temporaryDirectory();
    const lib = readFileSync(join(scripts, "lib.sh"), "utf8").replace(
      "STATE_DIR=/var/lib/kubernetes-ha",
      `STATE_DIR=${directory}/state`,
    );
    const body = `
      systemctl() {
        case "$*" in
          *is-active*) [[ -e active ]] ;;
          *is-enabled*) return 0 ;;
          daemon-reload) return 0 ;;
          *) echo "$*" >>calls; [[ $1 != restart ]] || touch active ;;
        esac
      }
      journalctl() { :; }
      cd ${directory}
      echo unit >drop-in; echo one >config
      ${script}
      cat calls`;
    writeFileSync(join(directory, "params"), "");
    writeFileSync(join(directory, "lib.sh"), lib);
    return run("bash", ["-euo", "pipefail", "-c", `source ${directory}/lib.sh\n${body}`], "", {
      PARAMS: join(directory, "params"),
    });
  }
  const service = "run_service proxy drop-in -- config >/dev/null";
  const called = (script: string) => calls(script).stdout.trim().split("\n");

  test("starts a service once", () => {
    expect(called(`${service}; ${service}`)).toEqual(["restart proxy"]);
  });

  test("reloads it once for a file that it takes up while it runs, and restarts it for others", () => {
    expect(called(`${service}; echo two >config; ${service}; ${service}`)).toEqual([
      "restart proxy",
      "reload proxy",
    ]);
    expect(called(`${service}; echo two >drop-in; ${service}; ${service}`)).toEqual([
      "restart proxy",
      "restart proxy",
    ]);
  });

  test("starts one that is dead instead of reloading it", () => {
    expect(called(`${service}; rm active; echo two >config; ${service}; ${service}`)).toEqual([
      "restart proxy",
      "restart proxy",
    ]);
  });

  test("takes files that cost a restart alone", () => {
    const plain = "run_service proxy drop-in config >/dev/null";
    expect(called(`${plain}; ${plain}; echo two >config; ${plain}`)).toEqual([
      "restart proxy",
      "restart proxy",
    ]);
  });

  test("fails with a service that does not take its files, and tries again next time", () => {
    const { status, stderr } = calls(
      `${service}; echo two >config; systemctl() { [[ $1 != reload ]]; }; ${service}`,
    );
    expect(status).not.toBe(0);
    expect(stderr).toContain("error: proxy does not take its changed files");
  });
});

test("phase and waits go by the time since boot, not by the clock", () => {
  expect(readFileSync(join(scripts, "lib.sh"), "utf8")).not.toMatch(/\$\(?\(?SECONDS\b|\bdate\b/);
});

describe("etcd.sh set_argument", () => {
  const body = readFileSync(join(scripts, "etcd.sh"), "utf8");
  const start = body.indexOf("set_argument() {");
  const setArgument = body.slice(start, body.indexOf("\n}\n", start) + 3);
  const yaml = [
    "etcd:",
    "  local:",
    "    extraArgs:",
    "      - name: initial-cluster",
    "        value: a=https://10.0.0.1:2380",
    "      - name: initial-cluster-state",
    "        value: new",
    "      - name: quota-backend-bytes",
    '        value: "8589934592"',
    "",
  ].join("\n");
  const set = (name: string, value: string) =>
    run("bash", ["-euo", "pipefail", "-c", `${setArgument}\nset_argument ${name} ${value}`], yaml);

  test("changes the one argument and no other", () => {
    const { status, stdout } = set("initial-cluster-state", "existing");
    expect(status).toBe(0);
    expect(stdout).toBe(yaml.replace("value: new", "value: existing"));
    expect(set("initial-cluster", "x=https://10.0.0.9:2380").stdout).toBe(
      yaml.replace("a=https://10.0.0.1:2380", "x=https://10.0.0.9:2380"),
    );
  });

  test("fails when the argument is not there", () => {
    const { status, stderr } = set("name", "x");
    expect(status).not.toBe(0);
    expect(stderr).toContain("error: no argument name");
  });
});

describe("etcd-members.py", () => {
  const members = {
    members: [
      {
        ID: 17,
        name: "b",
        peerURLs: ["https://10.0.0.2:2380"],
        clientURLs: ["https://10.0.0.2:2379"],
      },
      { ID: 255, peerURLs: ["https://10.0.0.3:2380"], isLearner: true },
    ],
  };
  const ask = (question: string, name: string, address: string) =>
    run(
      "python3",
      [join(scripts, "etcd-members.py"), question, name, address],
      JSON.stringify(members),
    ).stdout;

  test("the initial cluster holds the running members and the one that asks", () => {
    expect(ask("initial-cluster", "c", "10.0.0.3")).toBe(
      "b=https://10.0.0.2:2380,c=https://10.0.0.3:2380\n",
    );
  });

  test("a learner is found by its address, a voter is none", () => {
    expect(ask("learner", "c", "10.0.0.3")).toBe("ff\n");
    expect(ask("learner", "b", "10.0.0.2")).toBe("");
  });
});
