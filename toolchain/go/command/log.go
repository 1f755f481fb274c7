package main

import (
	"context"
	"fmt"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// engineLog shows messages in the engine's display, beside the resource they are about. Without an
// engine (in tests) messages are dropped.
type engineLog struct {
	mu     sync.Mutex
	client pulumirpc.EngineClient
}

func (l *engineLog) connect(address string) error {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("the engine's address %q: %w", address, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.client = pulumirpc.NewEngineClient(connection)
	return nil
}

// message is kept in the resource's diagnostics.
func (l *engineLog) message(ctx context.Context, urn string, severity pulumirpc.LogSeverity, text string) {
	l.send(ctx, &pulumirpc.LogRequest{Severity: severity, Message: text, Urn: urn})
}

// status is shown while the operation runs, then gone.
func (l *engineLog) status(ctx context.Context, urn, text string) {
	l.send(ctx, &pulumirpc.LogRequest{Severity: pulumirpc.LogSeverity_INFO, Message: text, Urn: urn, Ephemeral: true})
}

func (l *engineLog) send(ctx context.Context, request *pulumirpc.LogRequest) {
	l.mu.Lock()
	client := l.client
	l.mu.Unlock()
	if client == nil {
		return
	}
	// A log line that does not arrive must not fail the operation it tells about.
	_, _ = client.Log(context.WithoutCancel(ctx), request)
}
