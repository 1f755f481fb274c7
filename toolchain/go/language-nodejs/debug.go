package main

import (
	"context"
	"fmt"
	"net"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"
)

// debugSession is a Node inspector on loopback that waits for a debugger (`--attach-debugger`).
type debugSession struct{ port int }

func newDebugSession() (*debugSession, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("finding a free port for the Node inspector: %w", err)
	}
	defer listener.Close()
	return &debugSession{port: listener.Addr().(*net.TCPAddr).Port}, nil
}

func (d *debugSession) argument() string {
	return fmt.Sprintf("--inspect-brk=127.0.0.1:%d", d.port)
}

// announce tells the engine how an editor attaches (Debug Adapter Protocol attributes).
func (d *debugSession) announce(ctx context.Context, engineAddress string, process int) error {
	attributes, err := structpb.NewStruct(map[string]any{
		"name":             "Pulumi: Program (Node.js)",
		"type":             "node",
		"request":          "attach",
		"processId":        float64(process),
		"port":             float64(d.port),
		"continueOnAttach": true,
		"skipFiles":        []any{"<node_internals>/**"},
	})
	if err != nil {
		return err
	}
	connection, err := grpc.NewClient(engineAddress, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	_, err = pulumirpc.NewEngineClient(connection).StartDebugging(ctx, &pulumirpc.StartDebuggingRequest{
		Config:  attributes,
		Message: fmt.Sprintf("on process id %d, inspector at 127.0.0.1:%d", process, d.port),
	})
	return err
}
