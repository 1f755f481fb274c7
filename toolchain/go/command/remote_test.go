package main

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

func create(t *testing.T, kind string, properties map[string]any) (resource.PropertyMap, error) {
	t.Helper()
	inputs, failures := schema.Resources[kind].check(resource.NewPropertyMapFromMap(properties))
	if len(failures) > 0 {
		t.Fatalf("check: %v", failures)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return newProvider().handlers[kind].create(ctx, operation{urn: "urn", log: &engineLog{}}, inputs)
}

func printedBy(t *testing.T, outputs resource.PropertyMap, err error) (string, string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return outputs["stdout"].StringValue(), outputs["stderr"].StringValue()
}

func TestRemoteCommandRunsWithStdin(t *testing.T) {
	server := startServer(t)
	outputs, err := create(t, "command:remote:Command", map[string]any{
		"connection": server.connection(), "create": "cat; echo oops >&2; printf '\\n\\n'", "stdin": "line\n",
	})
	stdout, stderr := printedBy(t, outputs, err)
	if stdout != "line\n\n" || stderr != "oops" {
		t.Errorf("stdout %q, stderr %q: only the last newline is taken off", stdout, stderr)
	}
	server.waitClosed()
}

func TestRemoteCommandWithoutCreateDialsNobody(t *testing.T) {
	server := startServer(t)
	if _, err := create(t, "command:remote:Command", map[string]any{"connection": server.connection()}); err != nil {
		t.Fatal(err)
	}
	if accepted, _ := server.counts(); accepted != 0 {
		t.Errorf("%d connections were made", accepted)
	}
}

func TestRemoteFailureNamesExitCommandAndOutput(t *testing.T) {
	server := startServer(t)
	_, err := create(t, "command:remote:Command", map[string]any{
		"connection": server.connection(), "create": "echo before; echo why >&2; exit 7", "logging": "none",
	})
	for _, part := range []string{"exited with status 7", `running "echo before;`, "before\n", "why\n"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error lacks %q: %v", part, err)
		}
	}
	server.waitClosed()
}

func TestRemoteConnectionThatVanishes(t *testing.T) {
	server := startServer(t)
	_, err := create(t, "command:remote:Command", map[string]any{"connection": server.connection(), "create": "VANISH"})
	if err == nil || !strings.Contains(err.Error(), "exited without exit status") {
		t.Errorf("got %v", err)
	}
}

func TestHostKeyIsPinned(t *testing.T) {
	server, other := startServer(t), startServer(t)
	connection := server.connection()
	connection["hostKey"] = other.publicHostKey()
	connection["dialErrorLimit"] = 0.0
	_, err := create(t, "command:remote:Command", map[string]any{"connection": connection, "create": "true"})
	if err == nil || !strings.Contains(err.Error(), "host key mismatch") {
		t.Errorf("got %v", err)
	}
	connection["hostKey"] = "not a key"
	_, err = create(t, "command:remote:Command", map[string]any{"connection": connection, "create": "true"})
	if err == nil || !strings.Contains(err.Error(), "connection.hostKey") {
		t.Errorf("got %v", err)
	}
}

func TestPasswordLogin(t *testing.T) {
	server := startServer(t)
	connection := server.connection()
	delete(connection, "privateKey")
	connection["password"] = "correct horse"
	outputs, err := create(t, "command:remote:Command", map[string]any{"connection": connection, "create": "echo in"})
	if stdout, _ := printedBy(t, outputs, err); stdout != "in" {
		t.Errorf("stdout %q", stdout)
	}
}

func TestDialIsRetried(t *testing.T) {
	server := startServer(t, func(s *sshServer) { s.refuse = 3 })
	outputs, err := create(t, "command:remote:Command", map[string]any{
		"connection": server.connection(), "create": "echo third time lucky",
	})
	if stdout, _ := printedBy(t, outputs, err); stdout != "third time lucky" {
		t.Errorf("stdout %q", stdout)
	}
	if accepted, _ := server.counts(); accepted != 4 {
		t.Errorf("%d connections: want 3 refused and 1 used", accepted)
	}
}

func TestPerDialTimeoutCoversTheHandshake(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts by its backlog, never answers
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	start := time.Now()
	_, err = create(t, "command:remote:Command", map[string]any{"create": "true", "connection": map[string]any{
		"host": "127.0.0.1", "port": float64(silent.Addr().(*net.TCPAddr).Port), "perDialTimeout": 1.0, "dialErrorLimit": 0.0,
		"password": "x",
	}})
	if err == nil || !strings.Contains(err.Error(), "no SSH handshake") || time.Since(start) > 5*time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
}

func TestProxy(t *testing.T) {
	bastion, host := startServer(t), startServer(t)
	connection := host.connection()
	connection["proxy"] = bastion.connection()
	outputs, err := create(t, "command:remote:Command", map[string]any{"connection": connection, "create": "echo through"})
	if stdout, _ := printedBy(t, outputs, err); stdout != "through" {
		t.Errorf("stdout %q", stdout)
	}
	if len(bastion.forwarded) != 1 {
		t.Errorf("forwarded %v", bastion.forwarded)
	}
	host.waitClosed()
	bastion.waitClosed()

	connection["hostKey"], connection["dialErrorLimit"] = bastion.publicHostKey(), 0.0
	if _, err := create(t, "command:remote:Command", map[string]any{"connection": connection, "create": "true"}); err == nil ||
		!strings.Contains(err.Error(), "host key mismatch") {
		t.Errorf("the host behind the proxy is pinned too: got %v", err)
	}
	bastion.waitClosed()
}

func TestEnvironmentNeedsAcceptEnv(t *testing.T) {
	properties := func(server *sshServer) map[string]any {
		return map[string]any{
			"connection": server.connection(), "create": "echo $GREETING", "environment": map[string]any{"GREETING": "hi"},
		}
	}
	willing := startServer(t, func(s *sshServer) { s.acceptsEnvironment = true })
	outputs, err := create(t, "command:remote:Command", properties(willing))
	if stdout, _ := printedBy(t, outputs, err); stdout != "hi" {
		t.Errorf("stdout %q", stdout)
	}
	if _, err := create(t, "command:remote:Command", properties(startServer(t))); err == nil ||
		!strings.Contains(err.Error(), "could not set environment variable") {
		t.Errorf("got %v", err)
	}
}

func TestUpdateAndDelete(t *testing.T) {
	server := startServer(t, func(s *sshServer) { s.acceptsEnvironment = true })
	kind := schema.Resources["command:remote:Command"]
	state, _ := kind.check(resource.NewPropertyMapFromMap(map[string]any{
		"connection": server.connection(), "create": "echo made", "update": "echo was $PULUMI_COMMAND_STDOUT",
		"delete": "test \"$PULUMI_COMMAND_STDOUT\" = made || exit 3",
	}))
	ctx, op := context.Background(), operation{log: &engineLog{}}
	before := merged(state, printed("made", ""))
	outputs, err := remoteCommand{}.update(ctx, op, before, state)
	if stdout, _ := printedBy(t, outputs, err); stdout != "was made" {
		t.Errorf("update printed %q", stdout)
	}
	if err := (remoteCommand{}).remove(ctx, op, before); err != nil {
		t.Error(err)
	}
	silent := state.Copy()
	silent["addPreviousOutputInEnv"] = resource.NewProperty(false)
	outputs, err = remoteCommand{}.update(ctx, op, before, silent)
	if stdout, _ := printedBy(t, outputs, err); stdout != "was" {
		t.Errorf("update without previous output printed %q", stdout)
	}
}

func TestCancelEndsARunningCommand(t *testing.T) {
	server := startServer(t)
	inputs, _ := schema.Resources["command:remote:Command"].check(resource.NewPropertyMapFromMap(
		map[string]any{"connection": server.connection(), "create": "sleep 2"}))
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(200*time.Millisecond, cancel)
	start := time.Now()
	_, err := remoteCommand{}.create(ctx, operation{log: &engineLog{}}, inputs)
	if err == nil || time.Since(start) > time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
}
