package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// scheme is how a part of the description is named as a JSON schema.
const scheme = "openapi:///"

// maxFaults bounds how many of the ways that a document is wrong are told.
const maxFaults = 6

// description is an OpenAPI document, split into its parts.
type description struct {
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Webhooks   map[string]json.RawMessage            `json:"webhooks"`
	Components map[string]map[string]json.RawMessage `json:"components"`

	mu       sync.Mutex
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema
	opened   map[string]*operation

	memory memory
}

// operation is one method of one path.
type operation struct {
	Parameters  []parameter         `json:"parameters"`
	RequestBody *content            `json:"requestBody"`
	Responses   map[string]*content `json:"responses"`
}

type parameter struct {
	Ref      string          `json:"$ref"`
	Name     string          `json:"name"`
	In       string          `json:"in"`
	Required bool            `json:"required"`
	Schema   json.RawMessage `json:"schema"`

	at string // name of its schema
}

// content is a request body or an answer.
type content struct {
	Ref      string `json:"$ref"`
	Required bool   `json:"required"`
	Content  map[string]struct {
		Schema json.RawMessage `json:"schema"`
	} `json:"content"`

	at     string // name of its schema, "" where it has none
	fields any    // the schema as it is written, which names the fields that are known
}

type webhook struct {
	Post operation `json:"post"`
}

func open(file string) (*description, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("GitHub's description cannot be read; `npm ci` in testdata/npm installs it: %w", err)
	}
	d := &description{schemas: map[string]*jsonschema.Schema{}, opened: map[string]*operation{}}
	if err := json.Unmarshal(data, d); err != nil {
		return nil, fmt.Errorf("%s is not an OpenAPI description: %w", file, err)
	}
	d.compiler = jsonschema.NewCompiler()
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	d.compiler.UseLoader(d)
	// GitHub's own bots have mail addresses with brackets in them, and the
	// library takes no template whose variables have an operator.
	for _, name := range []string{"email", "uri-template"} {
		d.compiler.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(any) error { return nil }})
	}
	return d, nil
}

// Load gives the compiler a component when something refers to it.
func (d *description) Load(url string) (any, error) {
	kind, name, _ := strings.Cut(strings.TrimPrefix(url, scheme), "/")
	part, ok := d.Components[kind][name]
	if !ok {
		return nil, fmt.Errorf("the description has no component %s", url)
	}
	v, err := schemaOf(part)
	switch {
	case err != nil:
	case name == "deployment-status":
		mendStatus(v)
	case name == "pull-request" || name == "pull-request-simple":
		mendPull(v)
	}
	return v, err
}

// mendPull lets a pull request be without what was deleted: the repository of
// its head, and the App that opened it.
func mendPull(v any) {
	fieldsOf := func(v any) map[string]any {
		m, _ := v.(map[string]any)
		fields, _ := m["properties"].(map[string]any)
		return fields
	}
	free := func(fields map[string]any, name string) {
		if s, known := fields[name]; known {
			fields[name] = map[string]any{"anyOf": []any{s, map[string]any{"type": "null"}}}
		}
	}
	pull := fieldsOf(v)
	free(pull, "user")
	free(fieldsOf(pull["head"]), "repo")
}

// mendStatus corrects what GitHub's description says of the status of a
// deployment: workflows write "waiting" too, which an App cannot, and there is
// no address where none was given.
func mendStatus(v any) {
	m, _ := v.(map[string]any)
	fields, _ := m["properties"].(map[string]any)
	if state, ok := fields["state"].(map[string]any); ok {
		if enum, ok := state["enum"].([]any); ok {
			state["enum"] = append(enum, "waiting")
		}
	}
	if target, ok := fields["target_url"].(map[string]any); ok {
		delete(target, "format")
	}
}

// schemaOf reads a schema and makes a JSON schema of it.
func schemaOf(part json.RawMessage) (any, error) {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(part))
	if err != nil {
		return nil, err
	}
	return convert(v, 0), nil
}

// convert makes OpenAPI 3.0's nullable into a type, and gives references the
// names of this package's resources.
func convert(v any, depth int) any {
	if depth > 200 {
		return true
	}
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = convert(v[i], depth+1)
		}
	case map[string]any:
		for k, inner := range v {
			v[k] = convert(inner, depth+1)
		}
		if ref, ok := v["$ref"].(string); ok {
			v["$ref"] = scheme + strings.TrimPrefix(ref, "#/components/")
		}
		mend(v)
		if v["nullable"] == true {
			return nullable(v)
		}
	}
	return v
}

// mend corrects two places where GitHub's description cannot be meant.
func mend(v map[string]any) {
	// The events that an App can listen to: the list is behind those that
	// there are.
	if enum, ok := v["enum"].([]any); ok && slices.Contains(enum, any("push")) && slices.Contains(enum, any("workflow_run")) {
		delete(v, "enum")
	}
	// The account of an installation in a list: a user and an enterprise at
	// the same time.
	if all, ok := v["allOf"].([]any); ok && len(all) == 2 && title(all[0]) == "Simple User" && title(all[1]) == "Enterprise" {
		v["anyOf"] = all
		delete(v, "allOf")
	}
}

func title(v any) any {
	m, _ := v.(map[string]any)
	return m["title"]
}

func nullable(v map[string]any) any {
	delete(v, "nullable")
	kind, plain := v["type"].(string)
	if !plain || v["allOf"] != nil || v["oneOf"] != nil || v["anyOf"] != nil {
		return map[string]any{"anyOf": []any{v, map[string]any{"type": "null"}}}
	}
	v["type"] = []any{kind, "null"}
	if enum, ok := v["enum"].([]any); ok && !slices.Contains(enum, nil) {
		v["enum"] = append(enum, nil)
	}
	return v
}

// operation finds a method of a path; nil: GitHub has no such operation.
func (d *description) operation(method, template string) (*operation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := method + " " + template
	if op, ok := d.opened[key]; ok {
		return op, nil
	}
	part, ok := d.Paths[template][strings.ToLower(method)]
	if !ok {
		return nil, fmt.Errorf("GitHub's description has no %s", key)
	}
	op := &operation{}
	if err := json.Unmarshal(part, op); err != nil {
		return nil, fmt.Errorf("%s in the description: %w", key, err)
	}
	if err := d.prepare(key, op); err != nil {
		return nil, err
	}
	d.opened[key] = op
	return op, nil
}

// prepare resolves references and names the schemas of an operation.
func (d *description) prepare(key string, op *operation) error {
	for i := range op.Parameters {
		p := &op.Parameters[i]
		if err := d.deref(p.Ref, p); err != nil {
			return err
		}
		p.at = fmt.Sprintf("%sparameter/%s/%s", scheme, key, p.Name)
		if err := d.add(p.at, p.Schema); err != nil {
			return err
		}
	}
	bodies := map[string]*content{"body": op.RequestBody}
	for status, c := range op.Responses {
		bodies[status] = c
	}
	for name, c := range bodies {
		if c == nil {
			continue
		}
		if err := d.deref(c.Ref, c); err != nil {
			return err
		}
		if s := c.Content["application/json"].Schema; len(s) > 0 {
			c.at = scheme + "content/" + key + "/" + name
			if err := d.add(c.at, s); err != nil {
				return err
			}
			var err error
			if c.fields, err = document(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// deref reads what a reference names into v; no reference changes nothing.
func (d *description) deref(ref string, v any) error {
	if ref == "" {
		return nil
	}
	kind, name, _ := strings.Cut(strings.TrimPrefix(ref, "#/components/"), "/")
	return json.Unmarshal(d.Components[kind][name], v)
}

func (d *description) add(name string, part json.RawMessage) error {
	if len(part) == 0 {
		part = []byte("{}")
	}
	s, err := schemaOf(part)
	if err != nil {
		return err
	}
	return d.compiler.AddResource(name, s)
}

func (d *description) webhook(name string) (*webhook, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if op, ok := d.opened[name]; ok {
		return &webhook{Post: *op}, nil
	}
	part, ok := d.Webhooks[name]
	if !ok {
		return nil, fmt.Errorf("GitHub's description has no webhook %s", name)
	}
	hook := &webhook{}
	if err := json.Unmarshal(part, hook); err != nil {
		return nil, fmt.Errorf("the webhook %s in the description: %w", name, err)
	}
	hook.Post.Parameters = nil // its headers
	if err := d.prepare(name, &hook.Post); err != nil {
		return nil, err
	}
	d.opened[name] = &hook.Post
	return hook, nil
}

// validate holds a JSON document against the schema of a body.
func (d *description) validate(c *content, data []byte) error {
	if c == nil || c.at == "" {
		return nil
	}
	return d.memory.once(c.at, data, func() error {
		_, err := d.read(c, data)
		return err
	})
}

// read holds a JSON document against the schema of a body, and gives it back.
func (d *description) read(c *content, data []byte) (any, error) {
	v, err := document(data)
	if err != nil {
		return nil, fmt.Errorf("it is no JSON: %w", err)
	}
	return v, d.check(c.at, v)
}

// check holds a value against a named schema.
func (d *description) check(name string, v any) error {
	s, err := d.compile(name)
	if err != nil {
		return err
	}
	err = s.Validate(v)
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return err
	}
	var faults []string
	leaves(invalid, &faults)
	return errors.New(strings.Join(faults, "; "))
}

func (d *description) compile(name string) (*jsonschema.Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.schemas[name]; s != nil {
		return s, nil
	}
	s, err := d.compiler.Compile(name)
	if err != nil {
		return nil, fmt.Errorf("the description's schema %s: %w", name, err)
	}
	d.schemas[name] = s
	return s, nil
}

// leaves lists the innermost faults: those are what is to be mended.
func leaves(e *jsonschema.ValidationError, out *[]string) {
	if len(e.Causes) == 0 && len(*out) < maxFaults {
		at, said := "/"+strings.Join(e.InstanceLocation, "/"), e.Error()
		if _, last, ok := strings.Cut(said, ": "); ok {
			said = last
		}
		*out = append(*out, at+" "+strings.ReplaceAll(said, "\n", " "))
	}
	for _, c := range e.Causes {
		leaves(c, out)
	}
}
