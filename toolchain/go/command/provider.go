package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// handler is one resource type. Inputs are checked before; in a preview none of these is called.
// Each answers the outputs that are not inputs.
type handler interface {
	create(ctx context.Context, op operation, inputs resource.PropertyMap) (resource.PropertyMap, error)
	update(ctx context.Context, op operation, olds, inputs resource.PropertyMap) (resource.PropertyMap, error)
	remove(ctx context.Context, op operation, olds resource.PropertyMap) error
	// newID is the identifier of a resource of that name. Nobody reads a meaning from it.
	newID(name string) string
	// previewCreate and previewUpdate are the outputs, and the identifier if there is one before the resource is made, that a
	// preview goes on with. They are those of the official provider, whether they make sense or not.
	previewCreate(name string, inputs resource.PropertyMap) (string, resource.PropertyMap)
	previewUpdate(kind resourceSchema, olds, inputs resource.PropertyMap) resource.PropertyMap
}

// operation is what a handler knows about the call it serves.
type operation struct {
	urn string
	log *engineLog
	// timeout is the resource's customTimeouts value; 0 is none. As in the official provider it
	// bounds dialing, never a command that runs: the host itself has to bound that.
	timeout time.Duration
}

func (o operation) dialing(ctx context.Context) (context.Context, context.CancelFunc) {
	if o.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, o.timeout)
}

type provider struct {
	pulumirpc.UnimplementedResourceProviderServer

	log      *engineLog
	handlers map[string]handler
	root     context.Context
	cancel   context.CancelFunc
	said     sync.Once
}

func newProvider() *provider {
	root, cancel := context.WithCancel(context.Background())
	return &provider{
		log: &engineLog{},
		handlers: map[string]handler{
			"command:remote:Command":      remoteCommand{},
			"command:remote:CopyToRemote": copyToRemote{},
			"command:remote:CopyFile":     copyFile{},
			"command:local:Command":       localCommand{},
		},
		root: root, cancel: cancel,
	}
}

func (p *provider) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version + buildMetadata}, nil
}

func (p *provider) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return &pulumirpc.GetSchemaResponse{Schema: schemaText}, nil
}

func (p *provider) Attach(_ context.Context, request *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, p.log.connect(request.GetAddress())
}

func (p *provider) Handshake(
	_ context.Context, request *pulumirpc.ProviderHandshakeRequest,
) (*pulumirpc.ProviderHandshakeResponse, error) {
	if err := p.log.connect(request.GetEngineAddress()); err != nil {
		return nil, err
	}
	return &pulumirpc.ProviderHandshakeResponse{AcceptSecrets: true}, nil
}

func (p *provider) CheckConfig(_ context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: r.GetNews()}, nil
}

func (p *provider) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
}

func (p *provider) Configure(ctx context.Context, _ *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	p.said.Do(func() {
		p.log.message(ctx, "", pulumirpc.LogSeverity_DEBUG,
			"command provider: stand-in of tencentcloud-kubernetes-ha for "+version+", not the official plugin")
	})
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, SupportsPreview: true}, nil
}

func (p *provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	p.cancel()
	return &emptypb.Empty{}, nil
}

func (p *provider) Check(_ context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	kind, _, err := p.handlerOf(r.GetUrn())
	if err != nil {
		return nil, err
	}
	inputs, err := unmarshal(r.GetNews())
	if err != nil {
		return nil, err
	}
	checked, failures := schema.Resources[kind].check(inputs)
	encoded, err := marshal(checked)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CheckResponse{Inputs: encoded, Failures: failures}, nil
}

func (p *provider) Diff(_ context.Context, r *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	kind, _, err := p.handlerOf(r.GetUrn())
	if err != nil {
		return nil, err
	}
	olds, err := unmarshal(r.GetOldInputs())
	if err != nil {
		return nil, err
	}
	news, err := unmarshal(r.GetNews())
	if err != nil {
		return nil, err
	}
	return schema.Resources[kind].diff(olds, news), nil
}

func (p *provider) Create(call context.Context, r *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	_, handler, err := p.handlerOf(r.GetUrn())
	if err != nil {
		return nil, err
	}
	inputs, err := unmarshal(r.GetProperties())
	if err != nil {
		return nil, err
	}
	name := resource.URN(r.GetUrn()).Name()
	if r.GetPreview() {
		id, outputs := handler.previewCreate(name, inputs)
		encoded, err := marshal(merged(inputs, outputs))
		return &pulumirpc.CreateResponse{Id: id, Properties: encoded}, err
	}
	ctx, done := p.bound(call)
	defer done()
	outputs, err := handler.create(ctx, p.operation(r.GetUrn(), r.GetTimeout()), inputs)
	if err != nil {
		return nil, err
	}
	encoded, err := marshal(merged(inputs, outputs))
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CreateResponse{Id: handler.newID(name), Properties: encoded}, nil
}

func (p *provider) Update(call context.Context, r *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	kind, handler, err := p.handlerOf(r.GetUrn())
	if err != nil {
		return nil, err
	}
	olds, err := unmarshal(r.GetOlds())
	if err != nil {
		return nil, err
	}
	inputs, err := unmarshal(r.GetNews())
	if err != nil {
		return nil, err
	}
	if r.GetPreview() {
		encoded, err := marshal(merged(inputs, handler.previewUpdate(schema.Resources[kind], olds, inputs)))
		return &pulumirpc.UpdateResponse{Properties: encoded}, err
	}
	ctx, done := p.bound(call)
	defer done()
	outputs, err := handler.update(ctx, p.operation(r.GetUrn(), r.GetTimeout()), olds, inputs)
	if err != nil {
		return nil, err
	}
	encoded, err := marshal(merged(inputs, outputs))
	return &pulumirpc.UpdateResponse{Properties: encoded}, err
}

func (p *provider) Delete(call context.Context, r *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	_, handler, err := p.handlerOf(r.GetUrn())
	if err != nil {
		return nil, err
	}
	olds, err := unmarshal(r.GetProperties())
	if err != nil {
		return nil, err
	}
	ctx, done := p.bound(call)
	defer done()
	return &emptypb.Empty{}, handler.remove(ctx, p.operation(r.GetUrn(), r.GetTimeout()), olds)
}

// Read answers the state as it is: what a command once printed cannot be read back.
func (p *provider) Read(_ context.Context, r *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	return &pulumirpc.ReadResponse{Id: r.GetId(), Properties: r.GetProperties(), Inputs: r.GetInputs()}, nil
}

func (p *provider) Invoke(call context.Context, r *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	if r.GetTok() != "command:local:run" {
		return nil, status.Errorf(codes.NotFound, "function %q: this provider has only command:local:run", r.GetTok())
	}
	arguments, err := unmarshal(r.GetArgs())
	if err != nil {
		return nil, err
	}
	checked, failures := schema.Functions["command:local:run"].Inputs.check(arguments)
	if len(failures) > 0 {
		return &pulumirpc.InvokeResponse{Failures: failures}, nil
	}
	ctx, done := p.bound(call)
	defer done()
	outputs, err := runLocally(ctx, p.operation("", 0), checked)
	if err != nil {
		return nil, err
	}
	encoded, err := marshal(merged(checked, outputs))
	return &pulumirpc.InvokeResponse{Return: encoded}, err
}

func (p *provider) operation(urn string, timeoutSeconds float64) operation {
	return operation{urn: urn, log: p.log, timeout: time.Duration(timeoutSeconds * float64(time.Second))}
}

// bound ends with the call or with Cancel.
func (p *provider) bound(call context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(call)
	stop := context.AfterFunc(p.root, func() { cancel(errors.New("the engine cancelled the operation")) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

func (p *provider) handlerOf(urn string) (string, handler, error) {
	kind := string(resource.URN(urn).Type())
	found, ok := p.handlers[kind]
	if !ok {
		return "", nil, status.Errorf(codes.InvalidArgument, "resource type %q is not one of this provider", kind)
	}
	return kind, found, nil
}

func unmarshal(properties *structpb.Struct) (resource.PropertyMap, error) {
	return plugin.UnmarshalProperties(properties, plugin.MarshalOptions{
		KeepUnknowns: true, KeepSecrets: true, SkipNulls: true,
	})
}

func marshal(properties resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(properties, plugin.MarshalOptions{
		KeepUnknowns: true, KeepSecrets: true, SkipNulls: true,
	})
}

func merged(inputs, outputs resource.PropertyMap) resource.PropertyMap {
	all := inputs.Copy()
	for key, value := range outputs {
		all[key] = value
	}
	return all
}
