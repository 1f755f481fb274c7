package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Link adds generated SDKs to the project's package.json as local dependencies (`file:`), and
// answers how to import them. What package.json calls them is read from the SDK itself.
func (h *host) Link(call context.Context, request *pulumirpc.LinkRequest) (*pulumirpc.LinkResponse, error) {
	ctx, done := h.bound(call)
	defer done()

	directory := request.GetInfo().GetProgramDirectory()
	if directory == "" {
		directory = request.GetInfo().GetRootDirectory()
	}
	settings, err := parseOptions(request.GetInfo().GetOptions())
	if err != nil {
		return nil, err
	}
	imports := []string{}
	for _, dependency := range request.GetPackages() {
		path := dependency.GetPath()
		absolute := path
		if filepath.IsAbs(path) {
			if path, err = filepath.Rel(directory, absolute); err != nil {
				return nil, err
			}
		} else {
			absolute = filepath.Join(directory, path)
		}
		linked, err := linkedManifest(absolute)
		if err != nil {
			return nil, fmt.Errorf("linking %s: %w", absolute, err)
		}
		// npm edits its own file: it keeps the order of keys and the indentation.
		assignment := fmt.Sprintf("dependencies[%s]=file:%s", linked.Name, filepath.ToSlash(path))
		if err := runTool(ctx, directory, os.Stdout, os.Stderr, "npm", "pkg", "set", assignment); err != nil {
			return nil, err
		}
		imports = append(imports, importStatement(linked.Name, settings.typescript))
	}
	if len(imports) == 0 {
		return &pulumirpc.LinkResponse{}, nil
	}
	language := "TypeScript"
	if !settings.typescript {
		language = "JavaScript"
	}
	return &pulumirpc.LinkResponse{ImportInstructions: fmt.Sprintf(
		"You can import the SDK in your %s code with:\n\n  %s\n", language, strings.Join(imports, "\n  "))}, nil
}

var notAnIdentifier = regexp.MustCompile(`[^A-Za-z0-9]+(.)?`)

// importStatement names the import after the package: @pulumi/azure-native becomes azureNative.
func importStatement(packageName string, typescript bool) string {
	base := packageName[strings.LastIndex(packageName, "/")+1:]
	identifier := notAnIdentifier.ReplaceAllStringFunc(base, func(match string) string {
		return strings.ToUpper(match[len(match)-1:])
	})
	if typescript {
		return fmt.Sprintf("import * as %s from %q;", identifier, packageName)
	}
	return fmt.Sprintf("const %s = require(%q);", identifier, packageName)
}

// linkedManifest reads package.json of an SDK that is a directory or an npm archive.
func linkedManifest(path string) (manifest, error) {
	info, err := os.Stat(path)
	if err != nil {
		return manifest{}, err
	}
	var found manifest
	if info.IsDir() {
		found, err = readManifest(path)
	} else {
		found, err = archivedManifest(path)
	}
	if err == nil && found.Name == "" {
		err = errors.New("its package.json has no name")
	}
	return found, err
}

func archivedManifest(path string) (manifest, error) {
	var found manifest
	file, err := os.Open(path)
	if err != nil {
		return found, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return found, fmt.Errorf("not an npm archive (.tgz): %w", err)
	}
	for entries := tar.NewReader(unzipped); ; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return found, errors.New("the archive has no package/package.json")
		} else if err != nil {
			return found, err
		}
		if filepath.ToSlash(filepath.Clean(entry.Name)) == "package/package.json" {
			return found, json.NewDecoder(entries).Decode(&found)
		}
	}
}
