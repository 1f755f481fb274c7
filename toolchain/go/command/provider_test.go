package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func TestCheckReportsWithoutShowingValues(t *testing.T) {
	_, failures := schema.Resources["command:remote:Command"].check(resource.NewPropertyMapFromMap(map[string]any{
		"connection": map[string]any{"host": "h", "privatKey": "SECRET", "port": "SECRET", "dialErrorLimit": 1.5},
		"logging":    "SECRET", "create": 1.0, "colour": "red",
	}))
	reasons := map[string]string{}
	for _, failure := range failures {
		reasons[failure.GetProperty()] = failure.GetReason()
		if strings.Contains(failure.GetReason(), "SECRET") {
			t.Errorf("%s shows a value: %s", failure.GetProperty(), failure.GetReason())
		}
	}
	for _, path := range []string{
		"connection.privatKey", "connection.port", "connection.dialErrorLimit", "logging", "create", "colour",
	} {
		if reasons[path] == "" {
			t.Errorf("no failure for %s in %v", path, reasons)
		}
	}
	_, failures = schema.Resources["command:remote:Command"].check(resource.PropertyMap{})
	if len(failures) != 1 || failures[0].GetProperty() != "connection" {
		t.Errorf("got %v: want the missing connection", failures)
	}
}

func TestCheckFillsInDefaultsAndMarksSecrets(t *testing.T) {
	checked, failures := schema.Resources["command:remote:Command"].check(resource.NewPropertyMapFromMap(map[string]any{
		"connection": map[string]any{"host": "h", "proxy": map[string]any{"host": "p"}},
	}))
	if len(failures) > 0 {
		t.Fatal(failures)
	}
	if !checked["connection"].IsSecret() {
		t.Error("the connection is not secret")
	}
	connection := plainValue(checked["connection"]).ObjectValue()
	for _, hop := range []resource.PropertyMap{connection, connection["proxy"].ObjectValue()} {
		if hop["port"].NumberValue() != 22 || hop["user"].StringValue() != "root" ||
			hop["dialErrorLimit"].NumberValue() != 10 || hop["perDialTimeout"].NumberValue() != 15 {
			t.Errorf("defaults: %v", hop)
		}
	}
}

func TestSecretsComeBackAsSecrets(t *testing.T) {
	served := newProvider()
	inputs, err := marshal(resource.PropertyMap{
		"create": resource.NewProperty("cat"), "stdin": resource.MakeSecret(resource.NewProperty("hush")),
		"logging": resource.NewProperty("none"),
	})
	if err != nil {
		t.Fatal(err)
	}
	created, err := served.Create(context.Background(), &pulumirpc.CreateRequest{
		Urn: "urn:pulumi:s::p::command:local:Command::n", Properties: inputs,
	})
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := unmarshal(created.GetProperties())
	if err != nil {
		t.Fatal(err)
	}
	if !outputs["stdin"].IsSecret() || outputs["stdout"].StringValue() != "hush" {
		t.Errorf("outputs: %v", outputs)
	}
}

func TestPreviewRunsNothing(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "ran")
	inputs, _ := marshal(resource.PropertyMap{"create": resource.NewProperty("touch " + marker)})
	created, err := newProvider().Create(context.Background(), &pulumirpc.CreateRequest{
		Urn: "urn:pulumi:s::p::command:local:Command::n", Properties: inputs, Preview: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	outputs, _ := unmarshal(created.GetProperties())
	if !outputs["stdout"].IsComputed() {
		t.Errorf("stdout is %v: a preview cannot know it", outputs["stdout"])
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("the command ran in a preview")
	}
}

func TestLocalCommand(t *testing.T) {
	directory := t.TempDir()
	outputs, err := create(t, "command:local:Command", map[string]any{
		"create": "cat > in.txt; echo $NAME > out.log; echo $0", "dir": directory, "stdin": "text",
		"environment": map[string]any{"NAME": "value"}, "interpreter": []any{"/bin/sh", "-c"},
		"assetPaths": []any{"*", "!*.log"}, "archivePaths": []any{"**.log"},
	})
	if stdout, _ := printedBy(t, outputs, err); stdout != "/bin/sh" {
		t.Errorf("stdout %q", stdout)
	}
	assets := outputs["assets"].ObjectValue()
	if len(assets) != 1 || !assets["in.txt"].IsAsset() || !outputs["archive"].IsArchive() {
		t.Errorf("assets %v, archive %v", assets, outputs["archive"])
	}
	_, err = create(t, "command:local:Command", map[string]any{"create": "echo seen; exit 4"})
	if err == nil || err.Error() != "exit status 4: running \"echo seen; exit 4\":\nseen\n" {
		t.Errorf("got %v", err)
	}
}

func TestRunFunction(t *testing.T) {
	arguments, _ := marshal(resource.PropertyMap{"command": resource.NewProperty("echo now")})
	answer, err := newProvider().Invoke(context.Background(), &pulumirpc.InvokeRequest{Tok: "command:local:run", Args: arguments})
	if err != nil {
		t.Fatal(err)
	}
	outputs, _ := unmarshal(answer.GetReturn())
	if outputs["stdout"].StringValue() != "now" {
		t.Errorf("outputs %v", outputs)
	}
}

func TestLinesAreLoggedWholeOrCut(t *testing.T) {
	logger := &lineLogger{ctx: context.Background(), op: operation{log: &engineLog{}}}
	if n, err := logger.Write([]byte("a\nb")); n != 3 || err != nil || string(logger.rest) != "b" {
		t.Errorf("rest %q", logger.rest)
	}
	if _, err := logger.Write([]byte(strings.Repeat("x", 3*longestLogLine))); err != nil || len(logger.rest) >= longestLogLine {
		t.Errorf("%d bytes are kept back", len(logger.rest))
	}
}

func TestVersionTellsTheStandIn(t *testing.T) {
	info, err := newProvider().GetPluginInfo(context.Background(), nil)
	if err != nil || !strings.HasSuffix(info.GetVersion(), buildMetadata) {
		t.Errorf("%v, %v", info, err)
	}
}
