package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// manifest is the part of a package.json that this host reads.
type manifest struct {
	Name            string                   `json:"name"`
	Version         string                   `json:"version"`
	Main            string                   `json:"main"`
	Scripts         map[string]string        `json:"scripts"`
	Dependencies    map[string]string        `json:"dependencies"`
	DevDependencies map[string]string        `json:"devDependencies"`
	Workspaces      json.RawMessage          `json:"workspaces"`
	Pulumi          *plugin.PulumiPluginJSON `json:"pulumi"`
}

func readManifest(directory string) (manifest, error) {
	var read manifest
	content, err := os.ReadFile(filepath.Join(directory, "package.json"))
	if err != nil {
		return read, err
	}
	return read, json.Unmarshal(content, &read)
}

// moduleRoots are the directories whose node_modules a program may use: its own, and those above
// it up to the root of its npm workspace.
func moduleRoots(directory string) []string {
	for at := filepath.Dir(directory); at != filepath.Dir(at); at = filepath.Dir(at) {
		if above, err := readManifest(at); err == nil && len(above.Workspaces) > 0 {
			roots := []string{directory}
			for step := filepath.Dir(directory); ; step = filepath.Dir(step) {
				roots = append(roots, step)
				if step == at {
					return roots
				}
			}
		}
	}
	return []string{directory}
}

// installedPackages visits every package below the node_modules of root, nested ones included.
// A package.json that cannot be read or parsed is no package of ours and is passed over.
func installedPackages(root string, visit func(directory string, found manifest)) {
	for _, pattern := range []string{"*", "@*/*"} {
		matches, _ := filepath.Glob(filepath.Join(root, "node_modules", pattern, "package.json"))
		for _, file := range matches {
			directory := filepath.Dir(file)
			if found, err := readManifest(directory); err == nil {
				visit(directory, found)
			}
			installedPackages(directory, visit)
		}
	}
}

// GetRequiredPackages lists what the installed npm packages say they need as plugins.
func (h *host) GetRequiredPackages(
	_ context.Context, request *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{
		Packages: requiredPackages(request.GetInfo().GetProgramDirectory()),
	}, nil
}

// GetRequiredPlugins is the protocol's older form of GetRequiredPackages.
func (h *host) GetRequiredPlugins(
	_ context.Context, request *pulumirpc.GetRequiredPluginsRequest,
) (*pulumirpc.GetRequiredPluginsResponse, error) {
	response := &pulumirpc.GetRequiredPluginsResponse{}
	for _, found := range requiredPackages(request.GetInfo().GetProgramDirectory()) {
		response.Plugins = append(response.Plugins, &pulumirpc.PluginDependency{
			Name: found.Name, Kind: found.Kind, Version: found.Version, Server: found.Server,
		})
	}
	return response, nil
}

func requiredPackages(programDirectory string) []*pulumirpc.PackageDependency {
	byIdentity := map[string]*pulumirpc.PackageDependency{}
	for _, root := range moduleRoots(programDirectory) {
		installedPackages(root, func(_ string, found manifest) {
			if found.Pulumi == nil || !found.Pulumi.Resource {
				return
			}
			dependency := packageDependency(found)
			identity := dependency.Name + "@" + dependency.Version
			if parameters := dependency.Parameterization; parameters != nil {
				identity += "/" + parameters.Name + "@" + parameters.Version
			}
			byIdentity[identity] = dependency
		})
	}
	identities := make([]string, 0, len(byIdentity))
	for identity := range byIdentity {
		identities = append(identities, identity)
	}
	sort.Strings(identities) // the engine shows them; keep the order the same from run to run
	packages := make([]*pulumirpc.PackageDependency, 0, len(identities))
	for _, identity := range identities {
		packages = append(packages, byIdentity[identity])
	}
	return packages
}

func packageDependency(found manifest) *pulumirpc.PackageDependency {
	name := found.Pulumi.Name
	if name == "" {
		name = strings.TrimPrefix(found.Name[strings.LastIndex(found.Name, "/")+1:], "pulumi-")
	}
	version := found.Pulumi.Version
	if version == "" {
		version = found.Version
	}
	dependency := &pulumirpc.PackageDependency{
		Name: name, Kind: "resource", Version: "v" + strings.TrimPrefix(version, "v"), Server: found.Pulumi.Server,
	}
	dependency.Parameterization = parameterization(found.Pulumi.Parameterization)
	dependency.Extension = parameterization(found.Pulumi.ExtensionParameterization)
	return dependency
}

func parameterization(given *plugin.PulumiParameterizationJSON) *pulumirpc.PackageParameterization {
	if given == nil {
		return nil
	}
	return &pulumirpc.PackageParameterization{Name: given.Name, Version: given.Version, Value: given.Value}
}

// GetProgramDependencies lists the program's npm packages: those its package.json names, with the
// version that is installed (or the range asked for when it is not), or all that are installed.
func (h *host) GetProgramDependencies(
	_ context.Context, request *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	directory := request.GetInfo().GetProgramDirectory()
	if directory == "" {
		directory = request.GetPwd()
	}
	versions := map[string]string{}
	if request.GetTransitiveDependencies() {
		for _, root := range moduleRoots(directory) {
			installedPackages(root, func(_ string, found manifest) {
				if found.Name != "" && versions[found.Name] == "" {
					versions[found.Name] = found.Version
				}
			})
		}
	} else if program, err := readManifest(directory); err == nil {
		for _, wanted := range []map[string]string{program.DevDependencies, program.Dependencies} {
			for name, versionRange := range wanted {
				versions[name] = versionRange
				if installed, err := findModule(directory, name); err == nil {
					if found, err := readManifest(installed); err == nil {
						versions[name] = found.Version
					}
				}
			}
		}
	} else if !os.IsNotExist(err) {
		return nil, err
	}
	names := make([]string, 0, len(versions))
	for name := range versions {
		names = append(names, name)
	}
	sort.Strings(names)
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, name := range names {
		response.Dependencies = append(response.Dependencies, &pulumirpc.DependencyInfo{Name: name, Version: versions[name]})
	}
	return response, nil
}
