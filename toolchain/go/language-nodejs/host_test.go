package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

// npmWorkspace is an npm workspace with a pack whose packages are hoisted to the root.
func npmWorkspace(t *testing.T) (root, pack string) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pack = filepath.Join(root, "policy")
	for path, text := range map[string]string{
		"package.json":                                         `{"name":"root","workspaces":["policy"],"dependencies":{"@pulumi/pulumi":"^3.0.0","absent":"^9"}}`,
		"policy/package.json":                                  `{"name":"pack","version":"1.0.0"}`,
		"node_modules/@pulumi/pulumi/package.json":             `{"name":"@pulumi/pulumi","version":"3.256.0"}`,
		"node_modules/@pulumi/pulumi/cmd/run/index.js":         ``,
		"node_modules/@pulumi/pulumi/cmd/run-plugin/index.js":  ``,
		"node_modules/@pulumi/pulumi/cmd/run-policy-pack/x.js": ``,
		"node_modules/@pulumi/command/package.json":            `{"name":"@pulumi/command","version":"1.2.1","pulumi":{"resource":true}}`,
		"node_modules/other/node_modules/nested/package.json":  `{"name":"nested","version":"2.0.0","pulumi":{"resource":true,"name":"deep","version":"v2.1.0","server":"https://example.test"}}`,
		"node_modules/other/package.json":                      `{"name":"other","version":"0.1.0"}`,
		"node_modules/@pulumi/tencentcloud/package.json": `{"name":"@pulumi/tencentcloud","version":"1.81.90","pulumi":{"resource":true,
			"name":"terraform-provider","version":"1.1.3","parameterization":{"name":"tencentcloud","version":"1.81.90","value":"aGk="}}}`,
		"node_modules/broken/package.json": `{`,
	} {
		file := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root, pack
}

func info(directory, entry string, settings map[string]any) *pulumirpc.ProgramInfo {
	encoded, err := structpb.NewStruct(settings)
	if err != nil {
		panic(err)
	}
	return &pulumirpc.ProgramInfo{RootDirectory: directory, ProgramDirectory: directory, EntryPoint: entry, Options: encoded}
}

func TestRequiredPackagesOfAWorkspaceMember(t *testing.T) {
	root, pack := npmWorkspace(t)
	for _, directory := range []string{root, pack} {
		shown := []string{}
		for _, found := range requiredPackages(directory) {
			line := found.GetName() + "@" + found.GetVersion()
			if parameters := found.GetParameterization(); parameters != nil {
				line += " as " + parameters.GetName() + "=" + string(parameters.GetValue())
			}
			shown = append(shown, line)
		}
		want := []string{"command@v1.2.1", "deep@v2.1.0", "terraform-provider@v1.1.3 as tencentcloud=hi"}
		if !slices.Equal(shown, want) {
			t.Errorf("%s: got %v, want %v", directory, shown, want)
		}
	}
}

func TestProgramDependencies(t *testing.T) {
	root, _ := npmWorkspace(t)
	served := newHost(context.Background(), "")
	for transitive, want := range map[bool]string{
		false: "@pulumi/pulumi@3.256.0 absent@^9",
		true:  "@pulumi/command@1.2.1 @pulumi/pulumi@3.256.0 @pulumi/tencentcloud@1.81.90 nested@2.0.0 other@0.1.0",
	} {
		answer, err := served.GetProgramDependencies(context.Background(), &pulumirpc.GetProgramDependenciesRequest{
			Info: info(root, ".", nil), TransitiveDependencies: transitive,
		})
		if err != nil {
			t.Fatal(err)
		}
		shown := []string{}
		for _, each := range answer.GetDependencies() {
			shown = append(shown, each.GetName()+"@"+each.GetVersion())
		}
		if got := strings.Join(shown, " "); got != want {
			t.Errorf("transitive %v: got %s, want %s", transitive, got, want)
		}
	}
}

func TestPolicyPackFindsTheHoistedSdkAndRunsInItsOwnDirectory(t *testing.T) {
	root, pack := npmWorkspace(t)
	modules := filepath.Join(root, "node_modules/@pulumi/pulumi/cmd")
	arguments, directory, err := pluginArguments(&pulumirpc.RunPluginRequest{
		Kind: "analyzer", Pwd: root, Args: []string{"127.0.0.1:1"}, Info: info(pack, ".", nil),
	})
	if err != nil || directory != pack ||
		!slices.Equal(arguments, []string{filepath.Join(modules, "run-policy-pack"), "127.0.0.1:1", pack}) {
		t.Errorf("%v in %s: %v", arguments, directory, err)
	}
	arguments, directory, err = pluginArguments(&pulumirpc.RunPluginRequest{
		Kind: "resource", Pwd: root, Args: []string{"127.0.0.1:1"}, Info: info(pack, ".", nil),
	})
	if err != nil || directory != root ||
		!slices.Equal(arguments, []string{filepath.Join(modules, "run-plugin"), pack, "127.0.0.1:1"}) {
		t.Errorf("%v in %s: %v", arguments, directory, err)
	}
}

func TestASdkThatIsNotInstalled(t *testing.T) {
	answer, err := newHost(context.Background(), "").Run(context.Background(), &pulumirpc.RunRequest{Info: info(t.TempDir(), ".", nil)})
	if err != nil || !strings.Contains(answer.GetError(), "npm ci") {
		t.Errorf("%v, %v: want what to do", answer, err)
	}
}

func TestOptions(t *testing.T) {
	for name, each := range map[string]struct {
		given map[string]any
		want  string
		fails string
	}{
		"defaults":      {nil, "npm true", ""},
		"no typescript": {map[string]any{"typescript": false}, "npm false", ""},
		"as text":       {map[string]any{"typescript": "false", "packagemanager": "pnpm"}, "pnpm false", ""},
		"node":          {map[string]any{"nodeargs": "--import tsx --max-old-space-size='4096'"}, "npm true --import tsx --max-old-space-size=4096", ""},
		"manager":       {map[string]any{"packagemanager": "pip"}, "", "npm, yarn, pnpm, bun"},
		"quotes":        {map[string]any{"nodeargs": "'"}, "", "nodeargs"},
	} {
		got, err := parseOptions(info("", "", each.given).GetOptions())
		if each.fails != "" {
			if err == nil || !strings.Contains(err.Error(), each.fails) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		shown := strings.Join(append([]string{got.packageManager, map[bool]string{true: "true", false: "false"}[got.typescript]}, got.nodeArgs...), " ")
		if err != nil || shown != each.want {
			t.Errorf("%s: got %q, %v: want %q", name, shown, err, each.want)
		}
	}
}

func TestConfigurationTravelsByEnvironment(t *testing.T) {
	variables, err := programEnvironment(&pulumirpc.RunRequest{
		Config: map[string]string{"proj:size": "3"}, ConfigSecretKeys: []string{"proj:size"},
	})
	if err != nil || !slices.Equal(variables, []string{
		`PULUMI_CONFIG={"proj:config:size":"3"}`, `PULUMI_CONFIG_SECRET_KEYS=["proj:size"]`,
	}) {
		t.Errorf("%v, %v", variables, err)
	}
	arguments := newHost(context.Background(), "engine").programArguments(&pulumirpc.RunRequest{
		Config: map[string]string{"proj:size": "hidden"}, Parallel: 4, DryRun: true, Info: info("/p", "index.ts", nil),
	})
	if got := strings.Join(arguments, " "); got != "--engine engine --root-directory /p --dry-run --parallel 4 /p/index.ts" {
		t.Errorf("arguments %s", got)
	}
}

func TestRunResults(t *testing.T) {
	for script, want := range map[string]string{
		"process.exit(0)":                     "",
		"process.exit(32)":                    "bail",
		"process.exit(3)":                     "Program exited with non-zero exit code: 3",
		"process.kill(process.pid,'SIGKILL')": "Program exited unexpectedly: signal: killed",
	} {
		cmd, err := nodeCommand(context.Background(), t.TempDir(), "-e", script)
		if err != nil {
			t.Skip(err)
		}
		result := runResult(context.Background(), cmd.Run())
		got := result.GetError()
		if result.GetBail() {
			got = "bail"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", script, got, want)
		}
	}
}

func TestCancelAsksTheProgramToEnd(t *testing.T) {
	served := newHost(context.Background(), "")
	ctx, done := served.bound(context.Background())
	defer done()
	cmd, err := nodeCommand(ctx, t.TempDir(), "-e", "setTimeout(() => {}, 30000)")
	if err != nil {
		t.Skip(err)
	}
	time.AfterFunc(300*time.Millisecond, func() { _, _ = served.Cancel(context.Background(), nil) })
	start := time.Now()
	result := runResult(ctx, cmd.Run())
	if result.GetError() != "the program was cancelled" || time.Since(start) > 5*time.Second {
		t.Errorf("after %s: %v", time.Since(start), result)
	}
}

func TestImportStatements(t *testing.T) {
	for name, want := range map[string]string{
		"@pulumi/azure-native": `import * as azureNative from "@pulumi/azure-native";`,
		"plain":                `import * as plain from "plain";`,
	} {
		if got := importStatement(name, true); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := importStatement("@a/b", false); got != `const b = require("@a/b");` {
		t.Errorf("got %s", got)
	}
}

func TestManifestOfAnArchive(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sdk.tgz")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(out)
	entries := tar.NewWriter(zipped)
	text := []byte(`{"name":"@pulumi/x"}`)
	_ = entries.WriteHeader(&tar.Header{Name: "package/package.json", Mode: 0o644, Size: int64(len(text))})
	_, _ = entries.Write(text)
	_, _, _ = entries.Close(), zipped.Close(), out.Close()
	if found, err := linkedManifest(file); err != nil || found.Name != "@pulumi/x" {
		t.Errorf("%v, %v", found, err)
	}
	if _, err := linkedManifest(t.TempDir()); err == nil {
		t.Error("a directory without package.json was accepted")
	}
}
