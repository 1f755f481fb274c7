package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gobwas/glob"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
)

// localCommand is command:local:Command.
type localCommand struct{ command }

type localInputs struct {
	commandInputs
	Interpreter  []string `json:"interpreter"`
	Dir          string   `json:"dir"`
	AssetPaths   []string `json:"assetPaths"`
	ArchivePaths []string `json:"archivePaths"`
	Command      string   `json:"command"`
}

func (localCommand) create(ctx context.Context, op operation, inputs resource.PropertyMap) (resource.PropertyMap, error) {
	var decoded localInputs
	if err := decode(inputs, &decoded); err != nil {
		return nil, err
	}
	return decoded.run(ctx, op, decoded.Create, nil)
}

func (localCommand) update(
	ctx context.Context, op operation, olds, inputs resource.PropertyMap,
) (resource.PropertyMap, error) {
	var before, decoded localInputs
	if err := errors.Join(decode(olds, &before), decode(inputs, &decoded)); err != nil {
		return nil, err
	}
	if decoded.onUpdate() == "" {
		return printed(before.Stdout, before.Stderr), nil
	}
	return decoded.run(ctx, op, decoded.onUpdate(), decoded.previousOutput(before.commandInputs))
}

func (localCommand) remove(ctx context.Context, op operation, olds resource.PropertyMap) error {
	var before localInputs
	if err := decode(olds, &before); err != nil {
		return err
	}
	if before.Delete == "" {
		return nil
	}
	_, err := before.run(ctx, op, before.Delete, before.previousOutput(before.commandInputs))
	return err
}

// runLocally is the function command:local:run.
func runLocally(ctx context.Context, op operation, arguments resource.PropertyMap) (resource.PropertyMap, error) {
	var decoded localInputs
	if err := decode(arguments, &decoded); err != nil {
		return nil, err
	}
	return decoded.run(ctx, op, decoded.Command, nil)
}

func (l localInputs) run(
	ctx context.Context, op operation, line string, previous map[string]string,
) (resource.PropertyMap, error) {
	outputs := printed("", "")
	if line != "" {
		interpreter := l.Interpreter
		if len(interpreter) == 0 {
			interpreter = []string{"/bin/sh", "-c"}
		}
		cmd := exec.CommandContext(ctx, interpreter[0], append(append([]string{}, interpreter[1:]...), line)...)
		cmd.Dir = l.Dir
		cmd.Env = os.Environ()
		for _, variables := range []map[string]string{l.Environment, previous} {
			for name, value := range variables {
				cmd.Env = append(cmd.Env, name+"="+value)
			}
		}
		if l.Stdin != "" {
			cmd.Stdin = strings.NewReader(l.Stdin)
		}
		// A group of its own, so that a cancelled command takes its children with it.
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
		cmd.WaitDelay = 5 * time.Second
		kept, stdout, stderr := newCaptured(ctx, op, l.Logging)
		cmd.Stdout, cmd.Stderr = stdout, stderr
		err := cmd.Run()
		out, errs := kept.finish()
		if err != nil {
			return nil, fmt.Errorf("%w: running %q:\n%s", err, line, kept.everything())
		}
		outputs = printed(out, errs)
	}
	return outputs, l.collect(outputs)
}

// collect adds the files that assetPaths and archivePaths name.
func (l localInputs) collect(outputs resource.PropertyMap) error {
	if len(l.AssetPaths) > 0 {
		files, err := matching(l.Dir, l.AssetPaths)
		if err != nil {
			return fmt.Errorf("assetPaths: %w", err)
		}
		found := resource.PropertyMap{}
		for name, file := range files {
			found[resource.PropertyKey(name)] = resource.NewProperty(file)
		}
		outputs["assets"] = resource.NewProperty(found)
	}
	if len(l.ArchivePaths) > 0 {
		files, err := matching(l.Dir, l.ArchivePaths)
		if err != nil {
			return fmt.Errorf("archivePaths: %w", err)
		}
		contents := map[string]any{}
		for name, file := range files {
			contents[name] = file
		}
		packed, err := archive.FromAssets(contents)
		if err != nil {
			return fmt.Errorf("archivePaths: %w", err)
		}
		outputs["archive"] = resource.NewProperty(packed)
	}
	return nil
}

// matching are the files below dir that the rules choose: in order, `!` takes away again.
func matching(dir string, rules []string) (map[string]*asset.Asset, error) {
	if dir == "" {
		dir = "."
	}
	type rule struct {
		glob.Glob
		excludes bool
	}
	parsed := make([]rule, 0, len(rules))
	for _, text := range rules {
		pattern, err := glob.Compile(strings.TrimPrefix(text, "!"), '/')
		if err != nil {
			return nil, fmt.Errorf("%q is not a glob: %w", text, err)
		}
		parsed = append(parsed, rule{pattern, strings.HasPrefix(text, "!")})
	}
	found := map[string]*asset.Asset{}
	return found, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name, chosen := filepath.ToSlash(relative), false
		for _, each := range parsed {
			if each.Match(name) {
				chosen = !each.excludes
			}
		}
		if chosen {
			if found[name], err = asset.FromPath(path); err != nil {
				return err
			}
		}
		return nil
	})
}
