package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// remoteCommand is command:remote:Command.
type remoteCommand struct{ command }

type remoteInputs struct {
	commandInputs
	Connection connection `json:"connection"`
}

func (remoteCommand) create(ctx context.Context, op operation, inputs resource.PropertyMap) (resource.PropertyMap, error) {
	var decoded remoteInputs
	if err := decode(inputs, &decoded); err != nil {
		return nil, err
	}
	if decoded.Create == "" {
		return printed("", ""), nil
	}
	return decoded.run(ctx, op, decoded.Create, nil)
}

func (remoteCommand) update(
	ctx context.Context, op operation, olds, inputs resource.PropertyMap,
) (resource.PropertyMap, error) {
	var before, decoded remoteInputs
	if err := errors.Join(decode(olds, &before), decode(inputs, &decoded)); err != nil {
		return nil, err
	}
	if decoded.onUpdate() == "" {
		return printed(before.Stdout, before.Stderr), nil
	}
	return decoded.run(ctx, op, decoded.onUpdate(), decoded.previousOutput(before.commandInputs))
}

// remove runs the delete command over the connection that is in the state.
func (remoteCommand) remove(ctx context.Context, op operation, olds resource.PropertyMap) error {
	var before remoteInputs
	if err := decode(olds, &before); err != nil {
		return err
	}
	if before.Delete == "" {
		return nil
	}
	_, err := before.run(ctx, op, before.Delete, before.previousOutput(before.commandInputs))
	return err
}

func (r remoteInputs) run(
	ctx context.Context, op operation, line string, previous map[string]string,
) (resource.PropertyMap, error) {
	dialing, dialed := op.dialing(ctx)
	host, err := r.Connection.dial(dialing, op)
	dialed()
	if err != nil {
		return nil, err
	}
	defer host.Close()
	// Cancel stops waiting by closing the connection. What runs on the host goes on there: sshd ends no
	// process that has no terminal, here as with the official provider.
	defer context.AfterFunc(ctx, func() { _ = host.Close() })()

	session, err := host.NewSession()
	if err != nil {
		return nil, fmt.Errorf("opening a session on %s: %w", r.Connection.address(), err)
	}
	defer session.Close()
	for name, value := range r.Environment {
		if err := session.Setenv(name, value); err != nil {
			return nil, fmt.Errorf("could not set environment variable %q: %w "+
				"(the server must list it in AcceptEnv)", name, err)
		}
	}
	for name, value := range previous {
		if err := session.Setenv(name, value); err != nil {
			op.log.message(ctx, op.urn, pulumirpc.LogSeverity_WARNING, fmt.Sprintf(
				"could not set %s on the host (AcceptEnv); set addPreviousOutputInEnv to false if it is not needed", name))
			break
		}
	}
	if r.Stdin != "" {
		session.Stdin = strings.NewReader(r.Stdin)
	}
	kept, stdout, stderr := newCaptured(ctx, op, r.Logging)
	session.Stdout, session.Stderr = stdout, stderr
	err = session.Run(line)
	out, errs := kept.finish()
	if ctx.Err() != nil {
		err = errors.Join(context.Cause(ctx), err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: running %q:\n%s", err, line, kept.everything())
	}
	return printed(out, errs), nil
}
