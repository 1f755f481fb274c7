package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// What the official plugin does with hosts: these tests pass with it too, by COMMAND_PLUGIN=/path/to/pulumi-resource-command go test -run Contract.

func TestContractLinesAreShownWhileTheCommandRunsAndNotKept(t *testing.T) {
	provider, server := ask(t), startServer(t)
	if _, err := provider.made(t, remoteKind, properties{"connection": server.connection(), "create": "echo one; echo two >&2"}); err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, log := range provider.engine.logged() {
		shown[log.GetMessage()] = log.GetEphemeral() && log.GetSeverity() == pulumirpc.LogSeverity_INFO && log.GetUrn() == urn(remoteKind)
	}
	if !shown["one"] || !shown["two"] {
		t.Errorf("logged %v", provider.engine.logged())
	}
}

func TestContractNothingIsShownWhenNothingIsToBeLogged(t *testing.T) {
	provider, server := ask(t), startServer(t)
	if _, err := provider.made(t, remoteKind, properties{
		"connection": server.connection(), "create": "echo one; echo two >&2", "logging": "none",
	}); err != nil {
		t.Fatal(err)
	}
	if logged := provider.engine.logged(); len(logged) > 0 {
		t.Errorf("logged %v", logged)
	}
}

func TestContractNoPreviousOutputIsNoVariable(t *testing.T) {
	provider, server := ask(t), startServer(t) // which accepts no variables: setting one would warn
	state := provider.checked(t, remoteKind, properties{"connection": server.connection(), "create": "true", "update": "true"})
	encoded, err := marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	olds, err := marshal(merged(state, printed("", "")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Update(context.Background(), &pulumirpc.UpdateRequest{
		Urn: urn(remoteKind), Id: "id", Olds: olds, OldInputs: encoded, News: encoded,
	}); err != nil {
		t.Fatal(err)
	}
	if logged := provider.engine.logged(); len(logged) > 0 {
		t.Errorf("logged %v", logged)
	}
}

func TestContractDialErrorLimitIsCountedWithoutTheLast(t *testing.T) {
	provider, server := ask(t), startServer(t, func(s *sshServer) { s.refuse = 1000 })
	connection := server.connection()
	connection["dialErrorLimit"] = 2.0
	_, err := provider.made(t, remoteKind, properties{"connection": connection, "create": "true"})
	if err == nil || !strings.Contains(err.Error(), "after 2 failed attempts: ") {
		t.Errorf("got %v", err)
	}
	if accepted, _ := server.counts(); accepted != 3 {
		t.Errorf("%d connections: want 3", accepted)
	}
}

func TestContractTimeoutOfDialingSaysNothingElse(t *testing.T) {
	provider, server := ask(t), startServer(t, func(s *sshServer) { s.refuse = 1000 })
	connection := server.connection()
	connection["dialErrorLimit"] = -1.0
	inputs, err := marshal(provider.checked(t, remoteKind, properties{"connection": connection, "create": "true"}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = provider.Create(context.Background(), &pulumirpc.CreateRequest{Urn: urn(remoteKind), Properties: inputs, Timeout: 1})
	if err == nil || !strings.HasSuffix(err.Error(), "context deadline exceeded") || strings.Contains(err.Error(), "EOF") {
		t.Errorf("got %v", err)
	}
}

func TestContractErrorsOfTheBastionSayProxy(t *testing.T) {
	provider, bastion := ask(t), startServer(t)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := float64(free.Addr().(*net.TCPAddr).Port)
	_ = free.Close()
	connection := bastion.connection()
	connection["port"], connection["dialErrorLimit"], connection["proxy"] = port, 1.0, bastion.connection()
	_, err = provider.made(t, remoteKind, properties{"connection": connection, "create": "true"})
	if err == nil || !strings.Contains(err.Error(), "proxy: after 1 failed attempts: ssh: rejected: connect failed") {
		t.Errorf("got %v", err)
	}
}

func TestContractAgentOfTheEnvironmentHasToBeThere(t *testing.T) {
	t.Setenv("SSH_AUTH_SOCK", filepath.Join(t.TempDir(), "gone"))
	provider, server := ask(t), startServer(t)
	_, err := provider.made(t, remoteKind, properties{"connection": server.connection(), "create": "true"})
	if err == nil || !strings.Contains(err.Error(), "dial unix") {
		t.Errorf("got %v", err)
	}
}

func TestContractCopyToRemote(t *testing.T) {
	provider, server := ask(t), startServer(t)
	source, target := t.TempDir(), t.TempDir()
	write(t, filepath.Join(source, "a"), "A")
	write(t, filepath.Join(source, "sub/b"), "B")
	below := filepath.Base(source)
	for _, each := range []struct {
		source any
		to     string
		want   map[string]string
	}{
		{directory(t, source), "new/tree", map[string]string{"new/tree/" + below + "/a": "A", "new/tree/" + below + "/sub/b": "B"}},
		{directory(t, source+"/"), "slash", map[string]string{"slash/a": "A", "slash/sub/b": "B"}},
		{directory(t, source), ".", map[string]string{below + "/sub/b": "B"}},
		{file(t, filepath.Join(source, "a")), "deep/er/file", map[string]string{"deep/er/file": "A"}},
		{file(t, filepath.Join(source, "a")), ".", map[string]string{"a": "A"}},
		{text(t, "text"), "note", map[string]string{"note": "text"}},
	} {
		if _, err := provider.made(t, copyKind, properties{
			"connection": server.connection(), "source": each.source, "remotePath": filepath.Join(target, each.to),
		}); err != nil {
			t.Fatalf("to %s: %v", each.to, err)
		}
		for name, want := range each.want {
			if got, err := os.ReadFile(filepath.Join(target, name)); err != nil || string(got) != want {
				t.Errorf("%s is %q, %v: want %q", name, got, err, want)
			}
		}
	}
	if _, err := provider.made(t, copyKind, properties{
		"connection": server.connection(), "source": directory(t, source), "remotePath": filepath.Join(target, "note"),
	}); err == nil {
		t.Error("a directory was copied onto a file")
	}
}

func TestContractCopyIsMadeAgainForAnotherContentOrPathOnly(t *testing.T) {
	provider, server, other := ask(t), startServer(t), startServer(t)
	target := filepath.Join(t.TempDir(), "file")
	inputs := func(server *sshServer, source *asset.Asset, path string) resource.PropertyMap {
		return provider.checked(t, copyKind, properties{"connection": server.connection(), "source": source, "remotePath": path})
	}
	before := inputs(server, text(t, "one"), target)
	for name, each := range map[string]struct {
		news   resource.PropertyMap
		copies bool
	}{
		"content": {inputs(server, text(t, "two"), target), true},
		"path":    {inputs(server, text(t, "one"), target+"2"), true},
		"host":    {inputs(other, text(t, "one"), target), false},
	} {
		olds, _ := marshal(before)
		news, _ := marshal(each.news)
		accepted := connections(server, other)
		if _, err := provider.Update(context.Background(), &pulumirpc.UpdateRequest{
			Urn: urn(copyKind), Id: "id", Olds: olds, OldInputs: olds, News: news,
		}); err != nil {
			t.Fatal(err)
		}
		if copied := connections(server, other) > accepted; copied != each.copies {
			t.Errorf("%s: copied %t", name, copied)
		}
	}
}

func TestContractCheckRefusesUnknownFields(t *testing.T) {
	news, err := marshal(resource.NewPropertyMapFromMap(properties{"connection": properties{"host": "h"}, "colour": "red"}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	response, err := ask(t).Check(ctx, &pulumirpc.CheckRequest{Urn: urn(remoteKind), News: news})
	if err != nil || len(response.GetFailures()) != 1 || response.GetFailures()[0].GetProperty() != "colour" {
		t.Errorf("%v, %v", response.GetFailures(), err)
	}
}

func connections(servers ...*sshServer) int {
	sum := 0
	for _, server := range servers {
		accepted, _ := server.counts()
		sum += accepted
	}
	return sum
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func directory(t *testing.T, path string) *archive.Archive {
	t.Helper()
	made, err := archive.FromPath(path)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func file(t *testing.T, path string) *asset.Asset {
	t.Helper()
	made, err := asset.FromPath(path)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func text(t *testing.T, content string) *asset.Asset {
	t.Helper()
	made, err := asset.FromText(content)
	if err != nil {
		t.Fatal(err)
	}
	return made
}
