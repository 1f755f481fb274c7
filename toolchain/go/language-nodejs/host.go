package main

import (
	"context"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// host serves the language runtime protocol. Its methods lie in the file of what they are about:
// program.go, plugin.go, packages.go, install.go, pack.go, link.go, generate.go, about.go.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	root   context.Context // ends with the process or with Cancel
	cancel context.CancelFunc

	mu     sync.Mutex
	engine string
}

func newHost(parent context.Context, engineAddress string) *host {
	root, cancel := context.WithCancel(parent)
	return &host{root: root, cancel: cancel, engine: engineAddress}
}

// Handshake tells the host where the engine listens; it replaces the address of the command line.
func (h *host) Handshake(
	_ context.Context, request *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if request.GetEngineAddress() != "" {
		h.engine = request.GetEngineAddress()
	}
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (h *host) engineAddress() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.engine
}

// GetPluginInfo reports the engine version this host was built for.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version}, nil
}

// Cancel ends every program, plugin and installation this host runs.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.cancel()
	return &emptypb.Empty{}, nil
}

// bound ends with the call or with the host, whichever comes first.
func (h *host) bound(call context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(call)
	stop := context.AfterFunc(h.root, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}
