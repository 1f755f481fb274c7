package main

import (
	"fmt"
	"strings"

	"github.com/google/shlex"
	"google.golang.org/protobuf/types/known/structpb"
)

// options are the `runtime.options` of Pulumi.yaml, PulumiPolicy.yaml or PulumiPlugin.yaml.
type options struct {
	// nodeArgs are put before the script, for example a loader or `--max-old-space-size`.
	nodeArgs []string
	// typescript lets the SDK register ts-node. Default true.
	typescript bool
	// tsconfig is another file than tsconfig.json, relative to the program.
	tsconfig string
	// packageManager is npm (the default), yarn, pnpm or bun.
	packageManager string
}

var packageManagers = []string{"npm", "yarn", "pnpm", "bun"}

func parseOptions(given *structpb.Struct) (options, error) {
	parsed := options{typescript: true, packageManager: "npm"}
	fields := given.GetFields()
	if value, ok := fields["nodeargs"]; ok {
		arguments, err := shlex.Split(value.GetStringValue())
		if err != nil {
			return parsed, fmt.Errorf("runtime option nodeargs is %q: not a command line: %w", value.GetStringValue(), err)
		}
		parsed.nodeArgs = arguments
	}
	if value, ok := fields["typescript"]; ok {
		switch kind := value.GetKind().(type) {
		case *structpb.Value_BoolValue:
			parsed.typescript = kind.BoolValue
		case *structpb.Value_StringValue:
			parsed.typescript = kind.StringValue != "false"
		default:
			return parsed, fmt.Errorf("runtime option typescript is %v: must be true or false", value.AsInterface())
		}
	}
	if value, ok := fields["tsconfig"]; ok {
		parsed.tsconfig = value.GetStringValue()
	}
	if value, ok := fields["packagemanager"]; ok && value.GetStringValue() != "" {
		parsed.packageManager = value.GetStringValue()
		if !contains(packageManagers, parsed.packageManager) {
			return parsed, fmt.Errorf("runtime option packagemanager is %q: must be one of %s",
				parsed.packageManager, strings.Join(packageManagers, ", "))
		}
	}
	return parsed, nil
}

// environment is what the SDK reads to honour the options.
func (o options) environment() []string {
	variables := []string{}
	if o.typescript {
		variables = append(variables, "PULUMI_NODEJS_TYPESCRIPT=true")
	}
	if o.tsconfig != "" {
		variables = append(variables, "PULUMI_NODEJS_TSCONFIG_PATH="+o.tsconfig)
	}
	return variables
}

func contains(list []string, item string) bool {
	for _, each := range list {
		if each == item {
			return true
		}
	}
	return false
}
