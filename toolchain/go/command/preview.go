package main

import (
	"crypto/rand"
	"encoding/hex"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// command is what local and remote commands have in common: how they are called and what a preview says of them.
type command struct{}

func (command) newID(name string) string { return name + randomDigits() }

func (c command) previewCreate(name string, _ resource.PropertyMap) (string, resource.PropertyMap) {
	return c.newID(name), resource.PropertyMap{"stdout": unknownValue(), "stderr": unknownValue()}
}

// previewUpdate takes what was printed as unknown once an input that was there is another, or is unknown. An input that
// comes to those that were there changes nothing of it, although the command will run again.
func (command) previewUpdate(kind resourceSchema, olds, inputs resource.PropertyMap) resource.PropertyMap {
	changed := false
	before, after := canonical(olds), canonical(inputs)
	for name := range kind.InputProperties {
		key := resource.PropertyKey(name)
		old, had := before[key]
		changed = changed || after[key].ContainsUnknowns() || (had && !after[key].DeepEquals(old))
	}
	outputs := printed("", "")
	for _, name := range []resource.PropertyKey{"stdout", "stderr", "assets", "archive"} {
		if old, had := olds[name]; had {
			outputs[name] = old
		}
		if _, has := outputs[name]; has && changed {
			outputs[name] = unknownValue()
		}
	}
	return outputs
}

// copied is what both kinds of copies have in common.
type copied struct{}

func (copied) newID(string) string { return randomDigits() }

func (copied) previewCreate(_ string, inputs resource.PropertyMap) (string, resource.PropertyMap) {
	return "", unknownSource(inputs)
}

func (copied) previewUpdate(_ resourceSchema, _, inputs resource.PropertyMap) resource.PropertyMap {
	return unknownSource(inputs)
}

// unknownSource has the source of a copy unknown in every preview, although it is an input.
func unknownSource(inputs resource.PropertyMap) resource.PropertyMap {
	if _, has := inputs["source"]; !has {
		return nil
	}
	return resource.PropertyMap{"source": unknownValue()}
}

func unknownValue() resource.PropertyValue { return resource.MakeComputed(resource.NewProperty("")) }

func randomDigits() string {
	random := make([]byte, 4)
	_, _ = rand.Read(random) // documented never to fail
	return hex.EncodeToString(random)
}
