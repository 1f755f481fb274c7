package main

import (
	"sort"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

type question struct {
	name    string
	request proto.Message
}

const (
	remoteKind = "command:remote:Command"
	localKind  = "command:local:Command"
	copyKind   = "command:remote:CopyToRemote"
)

type properties = map[string]any

func secretly(value any) resource.PropertyValue {
	return resource.MakeSecret(resource.NewPropertyValue(value))
}

// host is a connection as the SDK sends it, one secret, with what is changed.
func host(changes properties) properties {
	end := properties{
		"host": "10.0.0.2", "port": 22.0, "user": "kubernetes", "hostKey": "ssh-ed25519 AAAA", "privateKey": "key",
		"dialErrorLimit": 40.0, "perDialTimeout": 10.0,
	}
	end["proxy"] = properties{
		"host": "10.0.0.1", "port": 22.0, "user": "kubernetes", "hostKey": "ssh-ed25519 BBBB", "privateKey": "key",
		"dialErrorLimit": 40.0, "perDialTimeout": 10.0,
	}
	for name, value := range changes {
		end[name] = value
	}
	return end
}

// inState is a connection as a checked one is in the state: the secrets in it are marked once more.
func inState(changes properties) resource.PropertyValue {
	end := host(changes)
	end["privateKey"] = secretly(end["privateKey"])
	if proxy, ok := end["proxy"].(properties); ok {
		proxy["privateKey"] = secretly(proxy["privateKey"])
	}
	return secretly(end)
}

// step is a remote command as our components make it.
func step(connection resource.PropertyValue, changes properties) properties {
	all := properties{
		"connection": connection, "create": "run", "stdin": secretly("input"), "triggers": []any{"ins-1", "hash"},
		"addPreviousOutputInEnv": false, "logging": "none",
	}
	for name, value := range changes {
		if value == nil {
			delete(all, name)
		} else {
			all[name] = value
		}
	}
	return all
}

func withOutputs(inputs properties) properties {
	all := properties{"stdout": "out", "stderr": "err"}
	for name, value := range inputs {
		all[name] = value
	}
	return all
}

func questions(t *testing.T) []question {
	t.Helper()
	wire := func(given properties) *structpb.Struct {
		encoded, err := marshal(resource.NewPropertyMapFromMap(given))
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	file, err := asset.FromText("text")
	if err != nil {
		t.Fatal(err)
	}
	other, err := asset.FromText("other text")
	if err != nil {
		t.Fatal(err)
	}
	onDisk, err := asset.FromPath("testdata/file")
	if err != nil {
		t.Fatal(err)
	}
	copied := func(connection any, source *asset.Asset, path string) properties {
		return properties{"connection": connection, "source": source, "remotePath": path, "triggers": []any{"ins-1"}}
	}
	before := step(inState(nil), nil)
	var asked []question
	add := func(name string, request proto.Message) { asked = append(asked, question{name, request}) }

	for name, news := range map[string]properties{
		"a secret connection":                    step(secretly(host(nil)), nil),
		"a plain connection":                     step(resource.NewPropertyValue(host(nil)), nil),
		"an unknown connection":                  step(resource.MakeSecret(unknownValue()), nil),
		"a connection with an unknown host":      step(secretly(host(properties{"host": unknownValue()})), nil),
		"a connection with an unknown key":       step(secretly(host(properties{"privateKey": unknownValue()})), nil),
		"an unknown secret key":                  step(secretly(host(properties{"privateKey": resource.MakeSecret(unknownValue())})), nil),
		"an unknown proxy":                       step(secretly(host(properties{"proxy": unknownValue()})), nil),
		"defaults":                               {"connection": properties{"host": "h", "proxy": properties{"host": "p"}}},
		"a password":                             {"connection": properties{"host": "h", "password": "p", "privateKeyPassword": "q"}},
		"unknown standard input":                 step(secretly(host(nil)), properties{"stdin": resource.MakeSecret(unknownValue())}),
		"an unknown trigger":                     step(secretly(host(nil)), properties{"triggers": []any{unknownValue(), "hash"}}),
		"unknown triggers":                       step(secretly(host(nil)), properties{"triggers": unknownValue()}),
		"environment":                            step(secretly(host(nil)), properties{"environment": properties{"A": secretly("a"), "B": "b"}}),
		"a connection that is plain and unknown": step(unknownValue(), nil),
		"unknown create":                         step(secretly(host(nil)), properties{"create": unknownValue()}),
		"an unknown secret trigger":              step(secretly(host(nil)), properties{"triggers": []any{resource.MakeSecret(unknownValue())}}),
		"unknown secret triggers":                step(secretly(host(nil)), properties{"triggers": resource.MakeSecret(unknownValue())}),
		"an unknown secret variable":             step(secretly(host(nil)), properties{"environment": properties{"A": resource.MakeSecret(unknownValue())}}),
		"unknown secret environment":             step(secretly(host(nil)), properties{"environment": resource.MakeSecret(unknownValue())}),
		"unknown secret choices":                 step(secretly(host(nil)), properties{"addPreviousOutputInEnv": resource.MakeSecret(unknownValue()), "logging": resource.MakeSecret(unknownValue())}),
		"an unknown secret host":                 step(secretly(host(properties{"host": resource.MakeSecret(unknownValue()), "port": resource.MakeSecret(unknownValue())})), nil),
		"an unknown secret proxy":                step(secretly(host(properties{"proxy": resource.MakeSecret(unknownValue())})), nil),
	} {
		add("check: "+name, &pulumirpc.CheckRequest{Urn: urn(remoteKind), News: wire(news)})
	}
	add("check: a copy", &pulumirpc.CheckRequest{
		Urn: urn(copyKind), News: wire(copied(secretly(host(nil)), file, "path")),
	})
	add("check: a local command", &pulumirpc.CheckRequest{
		Urn: urn(localKind), News: wire(properties{"create": "run", "environment": properties{"A": "a"}, "stdin": secretly("s")}),
	})

	for name, change := range map[string]properties{
		"nothing":            {},
		"standard input":     {"stdin": secretly("other")},
		"unknown input":      {"stdin": resource.MakeSecret(unknownValue())},
		"create":             {"create": "walk"},
		"no longer a secret": {"stdin": "input"},
		"a trigger":          {"triggers": []any{"ins-2", "hash"}},
		"an unknown trigger": {"triggers": []any{unknownValue(), "hash"}},
		"a trigger more":     {"triggers": []any{"ins-1", "hash", "more"}},
		"no triggers":        {"triggers": nil},
		"unknown triggers":   {"triggers": unknownValue()},
		"host":               {"connection": inState(properties{"host": "10.0.0.3"})},
		"key":                {"connection": inState(properties{"privateKey": "other"})},
		"no proxy":           {"connection": inState(properties{"proxy": nil})},
		"unknown connection": {"connection": resource.MakeSecret(unknownValue())},
		"update added":       {"update": "walk"},
		"environment":        {"environment": properties{"A": "a"}},
		"logging":            {"logging": "stdout"},
	} {
		add("diff: "+name, &pulumirpc.DiffRequest{
			Urn: urn(remoteKind), Id: "id", Olds: wire(withOutputs(before)), OldInputs: wire(before), News: wire(step(inState(nil), change)),
		})
		add("update in a preview: "+name, &pulumirpc.UpdateRequest{
			Urn: urn(remoteKind), Id: "id", Olds: wire(withOutputs(before)), OldInputs: wire(before), News: wire(step(inState(nil), change)), Preview: true,
		})
	}
	for name, had := range map[string]properties{
		"triggers where none were":     step(inState(nil), properties{"triggers": nil}),
		"secrets that were not marked": step(secretly(host(nil)), nil),
	} {
		add("diff: "+name, &pulumirpc.DiffRequest{
			Urn: urn(remoteKind), Id: "id", Olds: wire(withOutputs(had)), OldInputs: wire(had), News: wire(before),
		})
	}
	for name, news := range map[string]properties{
		"source": copied(inState(nil), other, "path"),
		"path":   copied(inState(nil), file, "elsewhere"),
		"host":   copied(inState(properties{"host": "10.0.0.3"}), file, "path"),
	} {
		olds := wire(copied(inState(nil), file, "path"))
		add("diff of a copy: "+name, &pulumirpc.DiffRequest{Urn: urn(copyKind), Id: "id", Olds: olds, OldInputs: olds, News: wire(news)})
		add("update of a copy in a preview: "+name, &pulumirpc.UpdateRequest{
			Urn: urn(copyKind), Id: "id", Olds: olds, OldInputs: olds, News: wire(news), Preview: true,
		})
	}

	for name, inputs := range map[string]properties{
		"a command":             before,
		"an unknown connection": step(resource.MakeSecret(unknownValue()), nil),
		"an unknown host":       step(inState(properties{"host": unknownValue()}), nil),
		"an unknown input":      step(inState(nil), properties{"stdin": resource.MakeSecret(unknownValue())}),
		"no create":             step(inState(nil), properties{"create": nil}),
	} {
		add("create in a preview: "+name, &pulumirpc.CreateRequest{Urn: urn(remoteKind), Properties: wire(inputs), Preview: true})
	}
	add("create of a copy in a preview", &pulumirpc.CreateRequest{
		Urn: urn(copyKind), Properties: wire(copied(inState(nil), file, "path")), Preview: true,
	})
	add("create of a copy of a file in a preview", &pulumirpc.CreateRequest{
		Urn: urn(copyKind), Properties: wire(copied(inState(nil), onDisk, "path")), Preview: true,
	})
	for name, inputs := range map[string]properties{
		"a command": {"create": "run"}, "files": {"create": "run", "assetPaths": []any{"*"}, "archivePaths": []any{"*"}},
	} {
		add("create here in a preview: "+name, &pulumirpc.CreateRequest{Urn: urn(localKind), Properties: wire(inputs), Preview: true})
	}
	add("update here in a preview", &pulumirpc.UpdateRequest{
		Urn: urn(localKind), Id: "id", Olds: wire(properties{"create": "run", "assetPaths": []any{"*"}, "stdout": "o", "stderr": "e", "assets": properties{}}),
		OldInputs: wire(properties{"create": "run", "assetPaths": []any{"*"}}), News: wire(properties{"create": "walk", "assetPaths": []any{"*"}}), Preview: true,
	})
	add("create without a command", &pulumirpc.CreateRequest{
		Urn: urn(remoteKind), Properties: wire(step(inState(nil), properties{"create": nil})),
	})
	add("delete without a command", &pulumirpc.DeleteRequest{Urn: urn(remoteKind), Id: "id", Properties: wire(withOutputs(before))})
	add("read", &pulumirpc.ReadRequest{Urn: urn(remoteKind), Id: "id", Properties: wire(withOutputs(before)), Inputs: wire(before)})

	show := "printf '%s/%s/%s' \"${PULUMI_COMMAND_STDOUT-unset}\" \"${PULUMI_COMMAND_STDERR-unset}\" \"${A-unset}\""
	for name, inputs := range map[string]properties{
		"prints":        {"create": "echo out; echo err >&2; cat; echo; echo", "stdin": secretly("s\n")},
		"fails":         {"create": "echo out; exit 3"},
		"nothing to do": {},
		"environment":   {"create": show, "environment": properties{"A": "a"}},
		"interpreter":   {"create": "text", "interpreter": []any{"/bin/echo", "-n"}},
		"logs nothing":  {"create": "echo out", "logging": "none"},
	} {
		add("create here: "+name, &pulumirpc.CreateRequest{Urn: urn(localKind), Properties: wire(inputs)})
	}
	for name, each := range map[string]struct{ olds, news properties }{
		"previous output":       {properties{"stdout": "o", "stderr": "e"}, properties{"update": show}},
		"no previous output":    {properties{"stdout": "", "stderr": ""}, properties{"create": show}},
		"previous output hides": {properties{"stdout": "o", "stderr": "e"}, properties{"create": show, "environment": properties{"PULUMI_COMMAND_STDOUT": "mine"}}},
		"not wanted":            {properties{"stdout": "o", "stderr": "e"}, properties{"create": show, "addPreviousOutputInEnv": false}},
		"nothing to run":        {properties{"stdout": "o", "stderr": "e"}, properties{"delete": "true"}},
	} {
		each.olds["create"] = "true"
		add("update here: "+name, &pulumirpc.UpdateRequest{
			Urn: urn(localKind), Id: "id", Olds: wire(each.olds), OldInputs: wire(properties{"create": "true"}), News: wire(each.news),
		})
	}
	add("delete here: fails", &pulumirpc.DeleteRequest{
		Urn: urn(localKind), Id: "id", Properties: wire(properties{"delete": "echo " + "$PULUMI_COMMAND_STDOUT; exit 4", "stdout": "o", "stderr": ""}),
	})
	add("run", &pulumirpc.InvokeRequest{Tok: "command:local:run", Args: wire(properties{"command": "echo out; echo err >&2"})})
	sort.Slice(asked, func(a, b int) bool { return asked[a].name < asked[b].name })
	return asked
}
