package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// RunPlugin runs a plugin written for Node: a policy pack (kind analyzer), a component provider or
// any other. Output is streamed; the exit code is the last message.
func (h *host) RunPlugin(
	request *pulumirpc.RunPluginRequest, stream grpc.ServerStreamingServer[pulumirpc.RunPluginResponse],
) error {
	ctx, done := h.bound(stream.Context())
	defer done()

	settings, err := parseOptions(request.GetInfo().GetOptions())
	if err != nil {
		return err
	}
	directory := request.GetInfo().GetProgramDirectory()
	arguments, workingDirectory, err := pluginArguments(request)
	if err != nil {
		return err
	}
	arguments = append(append([]string{}, settings.nodeArgs...), arguments...)
	cmd, err := nodeCommand(ctx, workingDirectory, arguments...)
	if err != nil {
		return err
	}
	cmd.Env = append(append(os.Environ(), request.GetEnv()...), settings.environment()...)

	sending := &sync.Mutex{}
	cmd.Stdout = sender{sending, func(chunk []byte) error {
		return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stdout{Stdout: chunk}})
	}}
	cmd.Stderr = sender{sending, func(chunk []byte) error {
		return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stderr{Stderr: chunk}})
	}}
	err = cmd.Run()
	code, ended := exitCode(err)
	if !ended && ctx.Err() == nil {
		return fmt.Errorf("running the plugin in %s: %w", directory, err)
	}
	return stream.Send(&pulumirpc.RunPluginResponse{
		Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(code)},
	})
}

// pluginArguments are the script and its arguments, and where it runs. A policy pack runs in its
// own directory (the policy SDK reads package.json from there) and takes the engine's address
// first; any other plugin takes its directory first and runs where the engine says.
func pluginArguments(request *pulumirpc.RunPluginRequest) ([]string, string, error) {
	directory := request.GetInfo().GetProgramDirectory()
	program := directory
	if entry := request.GetInfo().GetEntryPoint(); entry != "" && entry != "." {
		program = entry
		if !filepath.IsAbs(program) {
			program = filepath.Join(directory, entry)
		}
	}
	if request.GetKind() == "analyzer" {
		script, err := sdkScript(directory, "run-policy-pack")
		if err != nil {
			return nil, "", err
		}
		arguments := append([]string{script}, request.GetArgs()...)
		return append(arguments, program), directory, nil
	}
	script, err := sdkScript(directory, "run-plugin")
	if err != nil {
		return nil, "", err
	}
	workingDirectory := request.GetPwd()
	if workingDirectory == "" {
		workingDirectory = directory
	}
	return append([]string{script, program}, request.GetArgs()...), workingDirectory, nil
}
