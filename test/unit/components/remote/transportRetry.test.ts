import {
  hasGone,
  isAgentError,
  isDialingTimeout,
  isTransportError,
} from "../../../../components/remote/transportRetry";

test.each([
  "ssh: handshake failed: EOF",
  "after 40 failed attempts: dial tcp 10.0.0.4:22: connect: connection refused",
  "wait: remote command exited without exit status or exit signal",
  "read tcp 10.0.0.1:4->10.0.0.2:22: read: connection reset by peer",
  "ssh: rejected: connect failed (No route to host)",
  "dial tcp 198.51.100.7:22: i/o timeout",
  "short write",
])("tries again after %s", (message) => {
  expect(isTransportError(message)).toBe(true);
});

test.each([
  'Process exited with status 1: running "sudo -n bash run-step.sh etcd 900":\nerror: unexpected EOF in the log',
  "ssh: handshake failed: ssh: host key mismatch",
  "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain",
  "",
])("does not try again after %s", (message) => {
  expect(isTransportError(message)).toBe(false);
});

test.each([
  ["context deadline exceeded", true],
  ["proxy: context deadline exceeded\n", true],
  ["ssh: handshake failed: EOF", false],
  ['Process exited with status 1: running "bash":\nerror: context deadline exceeded\n', false],
])("%s: the time to dial is used up: %s", (message, expected) => {
  expect(isDialingTimeout(message)).toBe(expected);
  expect(isTransportError(message) && expected).toBe(false);
});

test.each([
  ["dial unix /tmp/ssh-1/agent.1: connect: no such file or directory", true],
  ["proxy: dial unix /tmp/ssh-1/agent.1: connect: connection refused", true],
  ["dial tcp 10.0.0.4:22: connect: connection refused", false],
  [
    'Process exited with status 1: running "bash":\ndial unix /run/containerd/containerd.sock: connect: no such file\n',
    false,
  ],
])("%s: the agent of this machine is meant: %s", (message, expected) => {
  expect(isAgentError(message)).toBe(expected);
  expect(isTransportError(message) && expected).toBe(false);
});

describe("a host that was there and does not come back", () => {
  const broken = "wait: remote command exited without exit status or exit signal";
  const vain = "proxy: after 40 failed attempts: dial tcp 10.0.0.4:22: i/o timeout";
  test.each([
    ["is given up once dialling has been in vain", [vain, broken], true],
    ["is dialled first", [broken], false],
    ["may break off again", [broken, broken], false],
    ["is no host that boots", [vain, vain], false],
    ["is no host that has come up meanwhile", [broken, vain], false],
  ])("%s", (_, errors, expected) => {
    expect(hasGone(errors)).toBe(expected);
  });
});
