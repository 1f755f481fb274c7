package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// InstallDependencies runs the package manager's install where the program lives; npm itself finds
// the root of a workspace.
func (h *host) InstallDependencies(
	request *pulumirpc.InstallDependenciesRequest,
	stream grpc.ServerStreamingServer[pulumirpc.InstallDependenciesResponse],
) error {
	ctx, done := h.bound(stream.Context())
	defer done()

	settings, err := parseOptions(request.GetInfo().GetOptions())
	if err != nil {
		return err
	}
	directory := request.GetInfo().GetProgramDirectory()
	if directory == "" {
		directory = request.GetDirectory()
	}
	sending := &sync.Mutex{}
	stdout := sender{sending, func(chunk []byte) error {
		return stream.Send(&pulumirpc.InstallDependenciesResponse{Stdout: chunk})
	}}
	stderr := sender{sending, func(chunk []byte) error {
		return stream.Send(&pulumirpc.InstallDependenciesResponse{Stderr: chunk})
	}}
	arguments := []string{"install"}
	if settings.packageManager == "npm" {
		arguments = append(arguments, "--loglevel=error", "--no-audit", "--no-fund")
	}
	if request.GetIsPlugin() && settings.packageManager == "npm" {
		arguments = append(arguments, "--omit=dev")
	}
	fmt.Fprintf(stdout, "Installing dependencies in %s with %s...\n", directory, settings.packageManager)
	if err := runTool(ctx, directory, stdout, stderr, settings.packageManager, arguments...); err != nil {
		return err
	}
	if _, err := findModule(directory, "@pulumi/pulumi"); err != nil {
		fmt.Fprintf(stderr, "warning: @pulumi/pulumi is not among the installed packages of %s: "+
			"add it to package.json, a Pulumi program cannot run without it\n", directory)
	}
	fmt.Fprintln(stdout, "Finished installing dependencies")
	return nil
}

// runTool runs a program to its end with its output passed on; a failure names the command line.
func runTool(ctx context.Context, directory string, stdout, stderr io.Writer, name string, arguments ...string) error {
	cmd, err := command(ctx, directory, name, arguments...)
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("`%s %s` in %s: %w", name, strings.Join(arguments, " "), directory, err)
	}
	return nil
}

// Pack makes an npm archive of a generated SDK: installs, builds, and packs what the build made.
func (h *host) Pack(call context.Context, request *pulumirpc.PackRequest) (*pulumirpc.PackResponse, error) {
	ctx, done := h.bound(call)
	defer done()

	directory := request.GetPackageDirectory()
	source, err := readManifest(directory)
	if err != nil {
		return nil, fmt.Errorf("reading package.json of the package to pack: %w", err)
	}
	if err := os.MkdirAll(request.GetDestinationDirectory(), 0o755); err != nil {
		return nil, err
	}
	if err := runTool(ctx, directory, os.Stdout, os.Stderr, "npm", "install", "--no-audit", "--no-fund"); err != nil {
		return nil, err
	}
	packed := directory
	if source.Scripts["build"] != "" {
		if err := runTool(ctx, directory, os.Stdout, os.Stderr, "npm", "run", "build"); err != nil {
			return nil, err
		}
		// A generated SDK compiles into bin/, which is what is published.
		if info, err := os.Stat(filepath.Join(directory, "bin")); err == nil && info.IsDir() && source.Main == "" {
			packed = filepath.Join(directory, "bin")
			for _, name := range []string{"package.json", "README.md", "LICENSE"} {
				content, err := os.ReadFile(filepath.Join(directory, name))
				if os.IsNotExist(err) {
					continue
				} else if err != nil {
					return nil, err
				}
				if err := os.WriteFile(filepath.Join(packed, name), content, 0o644); err != nil {
					return nil, err
				}
			}
		}
	}
	output := &strings.Builder{}
	// --ignore-scripts: a postinstall or prepare script must not write to the output that we parse.
	if err := runTool(ctx, packed, output, os.Stderr, "npm", "pack", "--silent", "--ignore-scripts",
		"--pack-destination", request.GetDestinationDirectory()); err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSpace(output.String()), "\n")
	return &pulumirpc.PackResponse{
		ArtifactPath: filepath.Join(request.GetDestinationDirectory(), strings.TrimSpace(lines[len(lines)-1])),
	}, nil
}
