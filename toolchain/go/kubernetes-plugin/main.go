// The official plugin of the Kubernetes provider. Its module has the whole of it but for two files that its own build makes of these: toolchain/README.md.
package main

import (
	"bytes"
	_ "embed"
	"strconv"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var mapping []byte

func main() {
	provider.Serve("kubernetes", version.Version, versioned(schema), mapping)
}

// versioned is the schema with the plugin's version in it, which only a build gives it.
func versioned(schema []byte) []byte {
	field := []byte(`{"version":` + strconv.Quote(version.Version) + `,`)
	return append(field, bytes.TrimPrefix(bytes.TrimSpace(schema), []byte("{"))...)
}
