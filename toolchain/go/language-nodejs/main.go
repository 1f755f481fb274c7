// Command pulumi-language-nodejs is this project's stand-in for Pulumi's Node language host.
//
// Pulumi's own host cannot be built from Go modules, and on a machine that cannot reach Pulumi's
// download host it cannot be fetched either. This one speaks the same protocol
// (pulumirpc.LanguageRuntime) for the same engine version. It is not the official program and
// does not claim to be: see the README beside this file.
//
// The engine starts it with its own address as the last argument and reads the port to dial from
// the first line of standard output.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// version is the engine version this host is built against; the linker sets it from versions.json.
var version = "0.0.0"

func main() {
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-language-nodejs (stand-in): %v\n", err)
		os.Exit(1)
	}
}

func run() error {
	// The engine of older protocols passes options as flags; accept and ignore what is not ours.
	flag.String("tracing", "", "accepted for compatibility, unused")
	flag.String("root", "", "accepted for compatibility, unused")
	flag.Parse()
	engineAddress := flag.Arg(0)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	stopServing := make(chan bool)
	go func() {
		<-ctx.Done()
		stop() // a second signal ends the process at once
		close(stopServing)
	}()

	host := newHost(ctx, engineAddress)
	if engineAddress != "" {
		// An engine that was killed cannot tell us to stop: notice it by its health endpoint.
		if err := rpcutil.Healthcheck(ctx, engineAddress, time.Minute, stop); err != nil {
			return fmt.Errorf("watching the engine at %s: %w", engineAddress, err)
		}
	}
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stopServing,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("listening on loopback: %w", err)
	}
	fmt.Printf("%d\n", handle.Port)
	return <-handle.Done
}
