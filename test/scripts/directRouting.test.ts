import { run, scripts } from "./support/host";

/** Runs Python beside direct_routing.py; gives what it prints. */
const python = (...lines: string[]) =>
  run(
    "python3",
    [
      "-c",
      [
        "import socket, sys",
        `sys.path.insert(0, ${JSON.stringify(scripts)})`,
        "import direct_routing, icmp",
        ...lines,
      ].join("\n"),
    ],
    "",
    { PYTHONDONTWRITEBYTECODE: "1" },
  );

const request = "request = direct_routing.echo_request('10.0.0.22', '10.0.0.12', b'mark')";

test("asks for an echo in an IP packet whose checksums are right", () => {
  const { stdout, stderr } = python(
    request,
    "print(len(request), request[0], request[9], icmp.checksum(request[:20]), icmp.checksum(request[20:]))",
    "print(socket.inet_ntoa(request[12:16]), socket.inet_ntoa(request[16:20]))",
  );
  expect(stderr).toBe("");
  // Over a header with its checksum in place the sum is nought.
  expect(stdout).toBe("28 69 1 0 0\n10.0.0.22 10.0.0.12\n");
});

/** The answer as it would come back, with something changed. */
const answer = (change = "") =>
  python(
    request,
    "answer = bytearray(request)",
    "answer[12:16], answer[16:20], answer[20] = request[16:20], request[12:16], icmp.ECHO_REPLY",
    change,
    "print(direct_routing.is_answer(bytes(answer), '10.0.0.12', b'mark'))",
  ).stdout.trim();

test("takes the echo from the virtual address for the answer", () => expect(answer()).toBe("True"));

test.each([
  ["from the real server's own address", "answer[15] = 64"],
  ["the request itself, come back", "answer[20] = icmp.ECHO"],
  ["to somebody else's request", "answer[24:28] = b'else'"],
  ["of another protocol", "answer[9] = 6"],
])("nothing %s", (_, change) => expect(answer(change)).toBe("False"));

test("does not send to whom it has no MAC of", () => {
  expect(python("print(direct_routing.takes('10.0.0.12', '192.0.2.1', 1))").stdout).toBe("False\n");
});
