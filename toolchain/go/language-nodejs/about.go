package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// About tells which Node runs programs, with which package manager and compiler.
func (h *host) About(ctx context.Context, request *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	settings, err := parseOptions(request.GetInfo().GetOptions())
	if err != nil {
		return nil, err
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, fmt.Errorf("node is not on PATH: install Node.js 22 or newer: %w", err)
	}
	nodeVersion, err := exec.CommandContext(ctx, node, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("asking %s for its version: %w", node, err)
	}
	metadata := map[string]string{
		"languageHost":   "tencentcloud-kubernetes-ha stand-in",
		"packagemanager": settings.packageManager,
	}
	if managerVersion, err := exec.CommandContext(ctx, settings.packageManager, "--version").Output(); err == nil {
		metadata["packagemanagerVersion"] = strings.TrimSpace(string(managerVersion))
	}
	if directory := request.GetInfo().GetProgramDirectory(); directory != "" {
		if compiler, err := findModule(directory, "typescript"); err == nil {
			if found, err := readManifest(compiler); err == nil {
				metadata["typescript"] = found.Version
			}
		}
	}
	return &pulumirpc.AboutResponse{
		Executable: node,
		Version:    strings.TrimPrefix(strings.TrimSpace(string(nodeVersion)), "v"),
		Metadata:   metadata,
	}, nil
}

// RuntimeOptionsPrompts asks `pulumi new` for the package manager, unless the project has chosen.
func (h *host) RuntimeOptionsPrompts(
	_ context.Context, request *pulumirpc.RuntimeOptionsRequest,
) (*pulumirpc.RuntimeOptionsResponse, error) {
	if _, chosen := request.GetInfo().GetOptions().GetFields()["packagemanager"]; chosen {
		return &pulumirpc.RuntimeOptionsResponse{}, nil
	}
	choices := []*pulumirpc.RuntimeOptionPrompt_RuntimeOptionValue{}
	for _, manager := range packageManagers {
		if _, err := exec.LookPath(manager); err == nil {
			choices = append(choices, &pulumirpc.RuntimeOptionPrompt_RuntimeOptionValue{
				PromptType:  pulumirpc.RuntimeOptionPrompt_STRING,
				StringValue: manager,
				DisplayName: manager,
			})
		}
	}
	return &pulumirpc.RuntimeOptionsResponse{Prompts: []*pulumirpc.RuntimeOptionPrompt{{
		Key:         "packagemanager",
		Description: "The package manager to use for installing dependencies",
		PromptType:  pulumirpc.RuntimeOptionPrompt_STRING,
		Choices:     choices,
		Default: &pulumirpc.RuntimeOptionPrompt_RuntimeOptionValue{
			PromptType: pulumirpc.RuntimeOptionPrompt_STRING, StringValue: "npm", DisplayName: "npm",
		},
	}}}, nil
}

// Template has nothing to add: npm templates are used as they are.
func (h *host) Template(context.Context, *pulumirpc.TemplateRequest) (*pulumirpc.TemplateResponse, error) {
	return &pulumirpc.TemplateResponse{}, nil
}
