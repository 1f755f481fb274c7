import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** Asked is member e1 (10.0.0.1). Endpoints in `down` do not answer. */
const etcdctl = `#!/usr/bin/env bash
endpoint=$(printf '%s\\n' "$@" | grep -m1 '^https://')
case "$*" in
  *"endpoint health"*) ! grep -qxF "$endpoint" $WORLD/down ;;
  *"endpoint status"*) cat $WORLD/status ;;
  *"member list -w json"*) cat $WORLD/members ;;
  *"member list"*) ! [[ -e $WORLD/removed ]] || exit 0; echo "a2, started" ;;
  *"member remove"*) echo "remove \${@: -1}" >>$WORLD/acts; touch $WORLD/removed; [[ ! -e $WORLD/lost ]] ;;
  *"move-leader"*) echo "leader \${@: -1}" >>$WORLD/acts ;;
  *" lock "*) echo "turn" >>$WORLD/acts
    while [[ $1 != kubernetes-ha/etcd-turn ]]; do shift; done; shift; "$@" ;;
  *) echo "unexpected: $*" >&2; exit 64 ;;
esac
`;

interface World {
  members?: number;
  down?: number[];
  learner?: number;
  leader?: number;
  lost?: true;
}

const url = (index: number) => `https://10.0.0.${index}:2379`;

function leave({ members = 3, down = [], learner, leader = 1, lost }: World, ...words: string[]) {
  const directory = temporaryDirectory();
  const put = (name: string, content: string) => writeFileSync(join(directory, name), content);
  put("etcdctl", etcdctl);
  chmodSync(join(directory, "etcdctl"), 0o755);
  put("down", down.map((index) => `${url(index)}\n`).join(""));
  const list = Array.from({ length: members }, (_, at) => ({
    ID: 0xa1 + at,
    name: `e${at + 1}`,
    peerURLs: [`https://10.0.0.${at + 1}:2380`],
    clientURLs: [url(at + 1)],
    ...(learner === at + 1 ? { isLearner: true } : {}),
  }));
  put("members", JSON.stringify({ members: list }));
  put(
    "status",
    JSON.stringify([{ Status: { leader: 0xa0 + leader, header: { member_id: 0xa1 } } }]),
  );
  if (lost) put("lost", "");
  put("params", "ADDRESS=10.0.0.1\nPORT=2379\n");
  put(
    "leave-etcd.sh",
    readFileSync(join(scripts, "leave-etcd.sh"), "utf8").replace(
      "QUORUM_SECONDS=120",
      "QUORUM_SECONDS=0",
    ),
  );
  for (const name of ["lib.sh", "etcd-members.py"])
    put(name, readFileSync(join(scripts, name), "utf8"));
  const ended = run("bash", [join(directory, "leave-etcd.sh"), "member", ...words], "", {
    PATH: `${directory}:${process.env.PATH ?? ""}`,
    WORLD: directory,
    PARAMS: join(directory, "params"),
    STEP_DIR: directory,
  });
  const acts = join(directory, "acts");
  return {
    ...ended,
    acts: existsSync(acts) ? readFileSync(acts, "utf8").trim().split("\n") : [],
  };
}

const second = ["e2", "10.0.0.2"] as const;

describe("one that goes", () => {
  test("is out of the list, in its turn", () => {
    expect(leave({}, ...second, "goes")).toMatchObject({ status: 0, acts: ["turn", "remove a2"] });
  });

  test("gives the lead to the one that is asked, before", () => {
    const { status, acts } = leave({ leader: 2 }, ...second, "goes");
    expect({ status, acts }).toEqual({ status: 0, acts: ["turn", "leader a1", "remove a2"] });
  });

  test("may be dead", () => {
    expect(leave({ down: [2] }, ...second, "goes")).toMatchObject({ status: 0 });
  });

  test("is kept where the others would be no quorum", () => {
    const { status, stderr, acts } = leave({ members: 5, down: [4, 5] }, ...second, "goes");
    expect(status).toBe(1);
    expect(stderr).toContain("2 of the 4 other voters are healthy");
    expect(acts).toEqual(["turn"]);
  });

  test("as a learner is asked nothing: it counts for nothing", () => {
    const { status, acts } = leave({ learner: 2, down: [2, 3] }, ...second, "goes");
    expect({ status, acts }).toEqual({ status: 0, acts: ["turn", "remove a2"] });
  });

  test("has gone when it is not in the list, or when the answer was lost", () => {
    expect(leave({}, "e9", "10.0.0.9", "goes")).toMatchObject({ status: 0, acts: ["turn"] });
    expect(leave({ lost: true }, ...second, "goes")).toMatchObject({ status: 0 });
  });

  test("is taken out by another one where this member is not healthy", () => {
    expect(leave({ down: [1] }, ...second, "goes")).toMatchObject({ status: 75, acts: [] });
  });
});

describe("one that is made anew", () => {
  test("keeps its place, and gives the lead away", () => {
    const { status, acts } = leave({ leader: 2 }, ...second, "stays");
    expect({ status, acts }).toEqual({ status: 0, acts: ["leader a1"] });
  });

  test("stays where the others would be no quorum while it is away", () => {
    const { status, stderr } = leave({ down: [3] }, ...second, "stays");
    expect(status).toBe(1);
    expect(stderr).toContain("quorum of etcd while e2 is away");
  });

  test("may go when it is not in service: it may be what brings a lost quorum back", () => {
    expect(leave({ down: [1, 2, 3] }, ...second, "stays")).toMatchObject({ status: 0, acts: [] });
  });
});
