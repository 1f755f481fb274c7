package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

//go:embed schema.json
var schemaText string

// schema is what the provider serves and what it checks inputs with: one description for both.
var schema = parseSchema(schemaText)

type packageSchema struct {
	Types     map[string]objectSchema   `json:"types"`
	Resources map[string]resourceSchema `json:"resources"`
	Functions map[string]struct {
		Inputs objectSchema `json:"inputs"`
	} `json:"functions"`
}

type resourceSchema struct {
	InputProperties map[string]propertySchema `json:"inputProperties"`
	RequiredInputs  []string                  `json:"requiredInputs"`
}

type objectSchema struct {
	Type       string                    `json:"type"`
	Properties map[string]propertySchema `json:"properties"`
	Required   []string                  `json:"required"`
	Enum       []struct {
		Value string `json:"value"`
	} `json:"enum"`
}

type propertySchema struct {
	Type                 string          `json:"type"`
	Ref                  string          `json:"$ref"`
	Secret               bool            `json:"secret"`
	ReplaceOnChanges     bool            `json:"replaceOnChanges"`
	Default              any             `json:"default"`
	Items                *propertySchema `json:"items"`
	AdditionalProperties *propertySchema `json:"additionalProperties"`
}

func parseSchema(text string) packageSchema {
	var parsed packageSchema
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		panic(fmt.Sprintf("the embedded schema.json does not parse: %v", err))
	}
	return parsed
}

func (r resourceSchema) check(inputs resource.PropertyMap) (resource.PropertyMap, []*pulumirpc.CheckFailure) {
	return objectSchema{Properties: r.InputProperties, Required: r.RequiredInputs}.check(inputs)
}

// check fills in defaults, marks what must be secret at every depth, and reports what does not fit. A reason
// names the field and the kind of value, never the value: it may be a key or a password.
func (o objectSchema) check(inputs resource.PropertyMap) (resource.PropertyMap, []*pulumirpc.CheckFailure) {
	checker := &checker{}
	checked := checker.object("", o, inputs)
	return checked, checker.failures
}

type checker struct{ failures []*pulumirpc.CheckFailure }

func (c *checker) fail(path, format string, arguments ...any) {
	c.failures = append(c.failures, &pulumirpc.CheckFailure{Property: path, Reason: fmt.Sprintf(format, arguments...)})
}

func (c *checker) object(path string, wanted objectSchema, given resource.PropertyMap) resource.PropertyMap {
	checked := resource.PropertyMap{}
	for _, key := range given.StableKeys() {
		name := string(key)
		if strings.HasPrefix(name, "__") {
			continue // the engine's own markers
		}
		property, known := wanted.Properties[name]
		if !known {
			c.fail(join(path, name), "unknown field; the fields are %s", strings.Join(names(wanted.Properties), ", "))
			continue
		}
		checked[key] = c.value(join(path, name), property, given[key])
		if property.Secret && !checked[key].IsSecret() {
			checked[key] = resource.MakeSecret(checked[key])
		}
	}
	for _, name := range wanted.Required {
		if _, ok := checked[resource.PropertyKey(name)]; !ok {
			c.fail(join(path, name), "missing required field")
		}
	}
	for name, property := range wanted.Properties {
		if _, ok := checked[resource.PropertyKey(name)]; !ok && property.Default != nil {
			checked[resource.PropertyKey(name)] = resource.NewPropertyValue(property.Default)
		}
	}
	return checked
}

func (c *checker) value(path string, wanted propertySchema, given resource.PropertyValue) resource.PropertyValue {
	switch {
	case given.IsSecret() && given.SecretValue().Element.IsComputed():
		return resource.MakeSecret(wanted.empty())
	case given.IsSecret():
		return resource.MakeSecret(c.value(path, wanted, given.SecretValue().Element))
	case given.IsComputed() || given.IsOutput():
		return given
	case strings.HasPrefix(wanted.Ref, "pulumi.json#/"):
		if wanted.Ref != "pulumi.json#/Any" && !given.IsAsset() && !given.IsArchive() {
			c.fail(path, "is %s: must be an asset or an archive", given.TypeString())
		}
		return given
	case strings.HasPrefix(wanted.Ref, "#/types/"):
		return c.reference(path, schema.Types[strings.TrimPrefix(wanted.Ref, "#/types/")], given)
	}
	fits := map[string]func() bool{
		"string": given.IsString, "boolean": given.IsBool, "number": given.IsNumber, "integer": given.IsNumber,
		"array": given.IsArray, "object": given.IsObject,
	}[wanted.Type]
	if !fits() {
		c.fail(path, "is %s: must be %s", given.TypeString(), wanted.Type)
		return given
	}
	switch {
	case wanted.Type == "integer" && given.NumberValue() != float64(int64(given.NumberValue())):
		c.fail(path, "must be a whole number")
	case wanted.Type == "array":
		items := make([]resource.PropertyValue, 0, len(given.ArrayValue()))
		for index, item := range given.ArrayValue() {
			items = append(items, c.value(fmt.Sprintf("%s[%d]", path, index), *wanted.Items, item))
		}
		return resource.NewProperty(items)
	case wanted.Type == "object":
		fields := resource.PropertyMap{}
		for key, field := range given.ObjectValue() {
			fields[key] = c.value(join(path, string(key)), *wanted.AdditionalProperties, field)
		}
		return resource.NewProperty(fields)
	}
	return given
}

// empty is what the official provider makes of a secret that is not known yet: its kind's empty value, with which
// a preview goes on as if it were known. Of `any` it makes null, which the engine then refuses as a secret without a value.
func (p propertySchema) empty() resource.PropertyValue {
	if wanted, ok := schema.Types[strings.TrimPrefix(p.Ref, "#/types/")]; ok && len(wanted.Enum) == 0 {
		fields := (&checker{}).object("", wanted, resource.PropertyMap{})
		for _, name := range wanted.Required {
			fields[resource.PropertyKey(name)] = wanted.Properties[name].empty()
		}
		return resource.NewProperty(fields)
	} else if ok {
		return resource.NewProperty("")
	}
	switch p.Type {
	case "string":
		return resource.NewProperty("")
	case "boolean":
		return resource.NewProperty(false)
	case "number", "integer":
		return resource.NewProperty(0.0)
	case "array":
		return resource.NewProperty([]resource.PropertyValue{})
	case "object":
		return resource.NewProperty(resource.PropertyMap{})
	default:
		return resource.NewNullProperty()
	}
}

func (c *checker) reference(path string, wanted objectSchema, given resource.PropertyValue) resource.PropertyValue {
	if len(wanted.Enum) > 0 {
		allowed := make([]string, 0, len(wanted.Enum))
		for _, each := range wanted.Enum {
			allowed = append(allowed, each.Value)
			if given.IsString() && given.StringValue() == each.Value {
				return given
			}
		}
		c.fail(path, "must be one of %s", strings.Join(allowed, ", "))
		return given
	}
	if !given.IsObject() {
		c.fail(path, "is %s: must be an object", given.TypeString())
		return given
	}
	return resource.NewProperty(c.object(path, wanted, given.ObjectValue()))
}

// diff compares inputs with inputs as the official provider does: that a value became secret, or no longer is one, is a
// change; of a secret only that it changed is told; and a field that replaces does so where it comes, goes or is unknown
// as a whole. That `triggers` replace whatever in them changes is said by the SDK: replaceOnChanges of `triggers[*]`.
func (r resourceSchema) diff(olds, news resource.PropertyMap) *pulumirpc.DiffResponse {
	response := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE, HasDetailedDiff: true}
	difference := canonical(olds).Diff(canonical(news))
	if difference == nil {
		return response
	}
	response.Changes = pulumirpc.DiffResponse_DIFF_SOME
	response.DetailedDiff = map[string]*pulumirpc.PropertyDiff{}
	for path, change := range plugin.NewDetailedDiffFromObjectDiff(difference, false) {
		kind := change.Kind
		if r.InputProperties[path].ReplaceOnChanges {
			kind = kind.AsReplace()
			response.Replaces = append(response.Replaces, path)
		}
		response.DetailedDiff[path] = &pulumirpc.PropertyDiff{Kind: diffKinds[kind], InputDiff: change.InputDiff}
	}
	for _, key := range difference.ChangedKeys() {
		response.Diffs = append(response.Diffs, string(key))
	}
	sort.Strings(response.Diffs)
	sort.Strings(response.Replaces)
	return response
}

var diffKinds = map[plugin.DiffKind]pulumirpc.PropertyDiff_Kind{
	plugin.DiffAdd:           pulumirpc.PropertyDiff_ADD,
	plugin.DiffAddReplace:    pulumirpc.PropertyDiff_ADD_REPLACE,
	plugin.DiffDelete:        pulumirpc.PropertyDiff_DELETE,
	plugin.DiffDeleteReplace: pulumirpc.PropertyDiff_DELETE_REPLACE,
	plugin.DiffUpdate:        pulumirpc.PropertyDiff_UPDATE,
	plugin.DiffUpdateReplace: pulumirpc.PropertyDiff_UPDATE_REPLACE,
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func names(properties map[string]propertySchema) []string {
	sorted := make([]string, 0, len(properties))
	for name := range properties {
		sorted = append(sorted, name)
	}
	sort.Strings(sorted)
	return sorted
}
