package main

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// answersFile holds what Pulumi's own plugin answered to the questions of this test, as the engine reads it.
const answersFile = "testdata/official-1.2.1.json"

// Of the plugin that COMMAND_PLUGIN names, which has to be Pulumi's own.
var record = flag.Bool("record", false, "write down the answers instead of comparing them")

func TestAnswersAsTheOfficialPlugin(t *testing.T) {
	provider := ask(t)
	answers := map[string]json.RawMessage{}
	if !*record {
		text, err := os.ReadFile(answersFile)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &answers); err != nil {
			t.Fatal(err)
		}
	}
	for _, question := range questions(t) {
		t.Run(question.name, func(t *testing.T) {
			got := provider.answer(t, question.request)
			if *record {
				answers[question.name] = got
			} else if want := compact(t, answers[question.name]); string(got) != want {
				t.Errorf("answers\n%s\nthe official plugin answered\n%s", got, want)
			}
		})
	}
	if *record {
		text, err := json.MarshalIndent(answers, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(answersFile), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(answersFile, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var randomID = regexp.MustCompile(`[0-9a-f]{8}$`)

// answer is what the provider says as the engine reads it, in one line of JSON.
func (a *asked) answer(t *testing.T, request proto.Message) json.RawMessage {
	t.Helper()
	response, err := a.respond(t, request)
	if err != nil {
		text, _ := json.Marshal(map[string]string{"error": err.Error()})
		return text
	}
	text, err := protojson.Marshal(response)
	if err != nil {
		t.Fatal(err)
	}
	return json.RawMessage(compact(t, text))
}

// respond asks; what is to be diffed, created or updated goes through Check first, as in the engine.
func (a *asked) respond(t *testing.T, request proto.Message) (proto.Message, error) {
	t.Helper()
	ctx := context.Background()
	switch request := request.(type) {
	case *pulumirpc.CheckRequest:
		response, err := a.Check(ctx, request)
		if err == nil {
			response.Inputs, err = asRead(response.GetInputs())
		}
		return response, err
	case *pulumirpc.DiffRequest:
		request.News = a.asChecked(t, request.GetUrn(), request.GetNews())
		response, err := a.Diff(ctx, request)
		sort.Strings(response.GetReplaces())
		sort.Strings(response.GetDiffs())
		return response, err
	case *pulumirpc.CreateRequest:
		request.Properties = a.asChecked(t, request.GetUrn(), request.GetProperties())
		response, err := a.Create(ctx, request)
		if err == nil {
			response.Id = randomID.ReplaceAllString(response.GetId(), "--------")
			response.Properties, err = asRead(response.GetProperties())
		}
		return response, err
	case *pulumirpc.UpdateRequest:
		request.News = a.asChecked(t, request.GetUrn(), request.GetNews())
		response, err := a.Update(ctx, request)
		if err == nil {
			response.Properties, err = asRead(response.GetProperties())
		}
		return response, err
	case *pulumirpc.ReadRequest:
		return a.Read(ctx, request)
	case *pulumirpc.DeleteRequest:
		return a.Delete(ctx, request)
	case *pulumirpc.InvokeRequest:
		return a.Invoke(ctx, request)
	default:
		t.Fatalf("%T is not a question", request)
		return nil, nil
	}
}

// asChecked are inputs as the engine has them after the provider's Check.
func (a *asked) asChecked(t *testing.T, urn string, news *structpb.Struct) *structpb.Struct {
	t.Helper()
	response, err := a.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn, News: news})
	if err != nil || len(response.GetFailures()) > 0 {
		t.Fatalf("check: %v, %v", response.GetFailures(), err)
	}
	read, err := asRead(response.GetInputs())
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// asRead are properties after the engine read them: output values became unknowns and secrets.
func asRead(given *structpb.Struct) (*structpb.Struct, error) {
	read, err := unmarshal(given)
	if err != nil {
		return nil, err
	}
	return marshal(read)
}

// compact is JSON in one line, its keys sorted.
func compact(t *testing.T, text []byte) string {
	t.Helper()
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(sorted)
}
