package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// exitAfterReporting is the SDK's exit code for "the error was already shown to the user".
const exitAfterReporting = 32

// Run executes a Pulumi program with the SDK's run script, found from the program upwards.
// Bail means that the program has told its error itself; Error carries what it has not told.
func (h *host) Run(call context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	ctx, done := h.bound(call)
	defer done()

	settings, err := parseOptions(request.GetInfo().GetOptions())
	if err != nil {
		return nil, err
	}
	script, err := sdkScript(request.GetInfo().GetProgramDirectory(), "run")
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	environment, err := programEnvironment(request)
	if err != nil {
		return nil, err
	}
	arguments := append([]string{}, settings.nodeArgs...)
	var debugger *debugSession
	if request.GetAttachDebugger() {
		if debugger, err = newDebugSession(); err != nil {
			return nil, err
		}
		arguments = append(arguments, debugger.argument())
	}
	arguments = append(arguments, script)
	arguments = append(arguments, h.programArguments(request)...)

	cmd, err := nodeCommand(ctx, request.GetInfo().GetProgramDirectory(), arguments...)
	if err != nil {
		return nil, err
	}
	cmd.Env = append(append(os.Environ(), settings.environment()...), environment...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", cmd.Path, err)
	}
	if debugger != nil {
		if err := debugger.announce(ctx, h.engineAddress(), cmd.Process.Pid); err != nil {
			fmt.Fprintf(os.Stderr, "cannot announce the debugger to the engine: %v\n", err)
		}
	}
	return runResult(ctx, cmd.Wait()), nil
}

func runResult(ctx context.Context, err error) *pulumirpc.RunResponse {
	if ctx.Err() != nil {
		return &pulumirpc.RunResponse{Error: "the program was cancelled"}
	}
	switch code, ended := exitCode(err); {
	case ended && code == 0:
		return &pulumirpc.RunResponse{}
	case ended && code == exitAfterReporting:
		return &pulumirpc.RunResponse{Bail: true}
	case ended:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program exited with non-zero exit code: %d", code)}
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program exited unexpectedly: %v", err)}
	}
}

func (h *host) programArguments(request *pulumirpc.RunRequest) []string {
	arguments := []string{}
	add := func(flag, value string) {
		if value != "" {
			arguments = append(arguments, "--"+flag, value)
		}
	}
	add("monitor", request.GetMonitorAddress())
	add("engine", h.engineAddress())
	add("organization", request.GetOrganization())
	add("project", request.GetProject())
	add("root-directory", request.GetInfo().GetRootDirectory())
	add("stack", request.GetStack())
	add("pwd", request.GetPwd())
	if request.GetDryRun() {
		arguments = append(arguments, "--dry-run")
	}
	add("parallel", strconv.Itoa(int(request.GetParallel())))
	entry := request.GetInfo().GetEntryPoint()
	switch {
	case entry == "":
		entry = "."
	case entry != "." && !filepath.IsAbs(entry):
		// The script joins a relative path with --pwd, which need not be the program's directory.
		entry = filepath.Join(request.GetInfo().GetProgramDirectory(), entry)
	}
	return append(append(arguments, entry), request.GetArgs()...)
}

// programEnvironment hands the configuration over by environment, where other processes' argument
// lists do not show it. The SDK expects the keys in the form namespace:config:name.
func programEnvironment(request *pulumirpc.RunRequest) ([]string, error) {
	values := make(map[string]string, len(request.GetConfig()))
	for given, value := range request.GetConfig() {
		key, err := config.ParseKey(given)
		if err != nil {
			return nil, fmt.Errorf("configuration key %q: %w", given, err)
		}
		values[key.Namespace()+":config:"+key.Name()] = value
	}
	secrets := request.GetConfigSecretKeys()
	if secrets == nil {
		secrets = []string{}
	}
	encodedValues, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	encodedSecrets, err := json.Marshal(secrets)
	if err != nil {
		return nil, err
	}
	return []string{
		"PULUMI_CONFIG=" + string(encodedValues),
		"PULUMI_CONFIG_SECRET_KEYS=" + string(encodedSecrets),
	}, nil
}
