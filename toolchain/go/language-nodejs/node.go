package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// killAfter is how long a Node process may take to end by itself once it was asked to.
const killAfter = 10 * time.Second

// findModule resolves `request` (a path below node_modules) the way Node does: in the directory
// itself, then in each parent. npm workspaces hoist packages to the root, so one look is not enough.
func findModule(directory, request string) (string, error) {
	start, err := filepath.Abs(directory)
	if err != nil {
		return "", err
	}
	if resolved, err := filepath.EvalSymlinks(start); err == nil {
		start = resolved
	}
	for at := start; ; at = filepath.Dir(at) {
		candidate := filepath.Join(at, "node_modules", filepath.FromSlash(request))
		if _, err := os.Stat(candidate); err == nil {
			return candidate, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s is not in node_modules of %s nor of any directory above it: "+
				"run `npm ci` (or `pulumi install`) there", request, start)
		}
	}
}

// sdkScript is the SDK's own entry point for one kind of run: run, run-plugin or run-policy-pack.
func sdkScript(directory, name string) (string, error) {
	return findModule(directory, "@pulumi/pulumi/cmd/"+name)
}

// nodeCommand prepares `node` so that the end of ctx asks it to stop (SIGTERM) before killing it:
// a program gets the chance to end its own children. It stays in this host's process group, which
// the engine signals as a whole.
func nodeCommand(ctx context.Context, directory string, arguments ...string) (*exec.Cmd, error) {
	return command(ctx, directory, "node", arguments...)
}

func command(ctx context.Context, directory, name string, arguments ...string) (*exec.Cmd, error) {
	binary, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("%s is not on PATH: install Node.js 22 or newer: %w", name, err)
	}
	cmd := exec.CommandContext(ctx, binary, arguments...)
	cmd.Dir = directory
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = killAfter
	return cmd, nil
}

// exitCode tells a process that ended by itself (its code) from one that could not be run or was killed.
func exitCode(err error) (int, bool) {
	if err == nil {
		return 0, true
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() >= 0 {
		return exit.ExitCode(), true
	}
	return -1, false
}
