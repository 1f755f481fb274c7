package main

import (
	"encoding/json"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// plainMap is the map without secret markers. Only for use inside the provider: what goes back to
// the engine keeps them.
func plainMap(given resource.PropertyMap) resource.PropertyMap {
	plain := make(resource.PropertyMap, len(given))
	for key, value := range given {
		plain[key] = plainValue(value)
	}
	return plain
}

func plainValue(given resource.PropertyValue) resource.PropertyValue {
	switch {
	case given.IsSecret():
		return plainValue(given.SecretValue().Element)
	case given.IsOutput() && given.OutputValue().Known:
		return plainValue(given.OutputValue().Element)
	case given.IsArray():
		items := make([]resource.PropertyValue, 0, len(given.ArrayValue()))
		for _, item := range given.ArrayValue() {
			items = append(items, plainValue(item))
		}
		return resource.NewProperty(items)
	case given.IsObject():
		return resource.NewProperty(plainMap(given.ObjectValue()))
	default:
		return given
	}
}

// canonical is the map with unknown secrets in one form, whichever way around they were nested.
func canonical(given resource.PropertyMap) resource.PropertyMap {
	return resource.ToResourcePropertyMap(resource.FromResourcePropertyMap(given))
}

// decode fills a struct from properties that were checked against the schema.
func decode(properties resource.PropertyMap, into any) error {
	values := map[string]any{}
	for key, value := range plainMap(properties) {
		if value.IsAsset() || value.IsArchive() || key == "triggers" || key == "assets" {
			continue // read as what they are, or not at all
		}
		values[string(key)] = value.Mappable()
	}
	encoded, err := json.Marshal(values)
	if err != nil {
		return err
	}
	return json.Unmarshal(encoded, into)
}

// commandInputs are the fields that local and remote commands share.
type commandInputs struct {
	Create                 string            `json:"create"`
	Update                 string            `json:"update"`
	Delete                 string            `json:"delete"`
	Stdin                  string            `json:"stdin"`
	Environment            map[string]string `json:"environment"`
	Logging                string            `json:"logging"`
	AddPreviousOutputInEnv *bool             `json:"addPreviousOutputInEnv"`
	Stdout                 string            `json:"stdout"`
	Stderr                 string            `json:"stderr"`
}

// onUpdate is the command an update runs: update, else create again.
func (c commandInputs) onUpdate() string {
	if c.Update != "" {
		return c.Update
	}
	return c.Create
}

// previousOutput is what the last command printed, if anything, as variables of the next, unless switched off.
func (c commandInputs) previousOutput(previous commandInputs) map[string]string {
	variables := map[string]string{}
	if c.AddPreviousOutputInEnv != nil && !*c.AddPreviousOutputInEnv {
		return variables
	}
	if previous.Stdout != "" {
		variables["PULUMI_COMMAND_STDOUT"] = previous.Stdout
	}
	if previous.Stderr != "" {
		variables["PULUMI_COMMAND_STDERR"] = previous.Stderr
	}
	return variables
}

func printed(stdout, stderr string) resource.PropertyMap {
	return resource.PropertyMap{
		"stdout": resource.NewProperty(stdout),
		"stderr": resource.NewProperty(stderr),
	}
}
