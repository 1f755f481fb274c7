// Command pulumi-resource-command is this project's stand-in for the command provider of Pulumi,
// version 1.2.1: resources that run commands on this machine or, over SSH, on others.
//
// The official provider has no Go module that can be built. Where its release cannot be downloaded,
// this one takes its place: same name, schema and documented behaviour. It is not the official
// provider and does not claim to be; README.md lists what differs.
package main

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// version is the official version stood in for; the linker sets it from versions.json. The build
// metadata behind it is how the engine, `pulumi plugin` and logs can tell the stand-in.
var version = "1.2.1"

const buildMetadata = "+stand-in.tencentcloud-kubernetes-ha"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-command (stand-in): %v\n", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	served := newProvider()
	if len(arguments) > 0 {
		if err := served.log.connect(arguments[len(arguments)-1]); err != nil {
			return err
		}
	}
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterResourceProviderServer(server, served)
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("listening on loopback: %w", err)
	}
	fmt.Printf("%d\n", handle.Port)
	return <-handle.Done
}
