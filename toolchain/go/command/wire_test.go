package main

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// pluginUnderTest names another plugin's executable, for instance Pulumi's own: these tests then ask that one.
const pluginUnderTest = "COMMAND_PLUGIN"

// asked is a provider behind gRPC, with the engine it logs to.
type asked struct {
	pulumirpc.ResourceProviderClient
	engine *recordingEngine
}

// recordingEngine keeps what a provider has people see.
type recordingEngine struct {
	pulumirpc.UnimplementedEngineServer
	mu   sync.Mutex
	logs []*pulumirpc.LogRequest
}

func (e *recordingEngine) Log(_ context.Context, request *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if request.GetSeverity() != pulumirpc.LogSeverity_DEBUG {
		e.logs = append(e.logs, request)
	}
	return &emptypb.Empty{}, nil
}

func (e *recordingEngine) logged() []*pulumirpc.LogRequest {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]*pulumirpc.LogRequest{}, e.logs...)
}

// ask starts the provider and configures it as the engine does.
func ask(t *testing.T) *asked {
	t.Helper()
	engine := &recordingEngine{}
	engineAddress := serveOn(t, func(server *grpc.Server) { pulumirpc.RegisterEngineServer(server, engine) })
	var address string
	if plugin := os.Getenv(pluginUnderTest); plugin != "" {
		address = startPlugin(t, plugin, engineAddress)
	} else {
		served := newProvider()
		if err := served.log.connect(engineAddress); err != nil {
			t.Fatal(err)
		}
		address = serveOn(t, func(server *grpc.Server) { pulumirpc.RegisterResourceProviderServer(server, served) })
	}
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	client := pulumirpc.NewResourceProviderClient(connection)
	if _, err := client.Configure(context.Background(), &pulumirpc.ConfigureRequest{
		AcceptSecrets: true, AcceptResources: true, SendsOldInputs: true, SendsOldInputsToDelete: true,
	}); err != nil {
		t.Fatal(err)
	}
	return &asked{client, engine}
}

func serveOn(t *testing.T, register func(*grpc.Server)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	register(server)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

// startPlugin runs a plugin's executable; it prints its port first.
func startPlugin(t *testing.T, executable, engineAddress string) string {
	t.Helper()
	cmd := exec.Command(executable, engineAddress)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort("127.0.0.1", strings.TrimSpace(port))
}

// urn of a resource of a kind, as an engine would name it.
func urn(kind string) string { return "urn:pulumi:stack::project::" + kind + "::name" }

// checked are inputs as the provider's Check leaves them.
func (a *asked) checked(t *testing.T, kind string, properties map[string]any) resource.PropertyMap {
	t.Helper()
	news, err := marshal(resource.NewPropertyMapFromMap(properties))
	if err != nil {
		t.Fatal(err)
	}
	response, err := a.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn(kind), News: news})
	if err != nil || len(response.GetFailures()) > 0 {
		t.Fatalf("check: %v, %v", response.GetFailures(), err)
	}
	inputs, err := unmarshal(response.GetInputs())
	if err != nil {
		t.Fatal(err)
	}
	return inputs
}

// made are the outputs of a resource that is checked and created.
func (a *asked) made(t *testing.T, kind string, properties map[string]any) (resource.PropertyMap, error) {
	t.Helper()
	inputs, err := marshal(a.checked(t, kind, properties))
	if err != nil {
		t.Fatal(err)
	}
	response, err := a.Create(context.Background(), &pulumirpc.CreateRequest{Urn: urn(kind), Properties: inputs})
	if err != nil {
		return nil, err
	}
	return unmarshal(response.GetProperties())
}
