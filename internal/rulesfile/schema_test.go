package rulesfile_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
	"github.com/gatehold/gatehold/rules"
)

func schema(tb testing.TB) *jsonschema.Schema {
	tb.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(rules.Schema))
	if err != nil {
		tb.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		tb.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// instance is a YAML node as a JSON schema sees it.
func instance(n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return instance(n.Content[0])
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = instance(n.Content[i+1])
		}
		return out
	case yaml.SequenceNode:
		out := []any{}
		for _, c := range n.Content {
			out = append(out, instance(c))
		}
		return out
	}
	switch n.Tag {
	case "!!int", "!!float":
		return json.Number(n.Value)
	case "!!bool":
		return n.Value == "true"
	case "!!null":
		return nil
	}
	return n.Value
}

func instanceOf(tb testing.TB, text string) any {
	tb.Helper()
	var n yaml.Node
	if err := yaml.Load([]byte(text), &n); err != nil {
		tb.Fatalf("%v in:\n%s", err, text)
	}
	return instance(&n)
}

// What is shown to people is taken by the parser and by the schema.
func TestSchemaTakesWhatParses(t *testing.T) {
	s := schema(t)
	texts := map[string]string{"everything": rulestest.Everything}
	for _, name := range rulesfile.PackNames() {
		text, err := rules.Packs.ReadFile("packs/" + name + ".yml")
		if err != nil {
			t.Fatal(err)
		}
		texts["pack "+name] = string(text)
	}
	for i, example := range rulestest.ReadmeExamples(t) {
		texts[fmt.Sprintf("example %d of rules/README.md", i+1)] = example
	}
	for name, text := range texts {
		if !strings.HasPrefix(name, "pack ") {
			if f, err := rulesfile.ParseWith(rulesfile.Source{Name: name, Text: []byte(text)}, rulestest.Toys,
				rulesfile.PackRuleIDs); err != nil {
				t.Errorf("%s does not parse:\n%v\n%s", name, err, text)
			} else if _, err := policy.CompileWith(f, nil, rulestest.Toys); err != nil {
				t.Errorf("%s does not compile: %v", name, err)
			}
		}
		if err := s.Validate(instanceOf(t, text)); err != nil {
			t.Errorf("the schema refuses %s:\n%v", name, err)
		}
	}
}

// The schema names the packs that there are.
func TestSchemaKnowsThePacks(t *testing.T) {
	var doc struct {
		Properties struct {
			Extends struct {
				Items struct{ Enum []string }
			}
		}
	}
	if err := json.Unmarshal(rules.Schema, &doc); err != nil {
		t.Fatal(err)
	}
	if got := doc.Properties.Extends.Items.Enum; !slices.Equal(got, rulesfile.PackNames()) {
		t.Errorf("the schema names the packs %v, there are %v", got, rulesfile.PackNames())
	}
}

// beyond are faults that a JSON schema cannot see: they need another part of
// the file, the packs, the detectors or a compiler.
var beyond = []string{
	"unreachable", "unknown_detector", "unknown_rule", "unknown_boundary", "bad_condition", "bad_glob",
	"bad_example", "duplicate_rule", "duplicate_key", "out_of_range", "too_deep", "unknown_zone",
}

// Any single change to a file that uses everything is refused by both or by
// none, but for what a schema cannot see.
func TestSchemaAgreesWithParser(t *testing.T) {
	s := schema(t)
	refused := 0
	for _, m := range mutations(t) {
		errParse := func() error {
			_, err := rulesfile.ParseWith(rulesfile.Source{Name: m.what, Text: m.text}, rulestest.Toys, rulesfile.PackRuleIDs)
			return err
		}()
		errSchema := s.Validate(m.instance)
		if errParse != nil {
			refused++
		}
		switch {
		case errParse == nil && errSchema != nil:
			t.Errorf("%s: only the schema refuses it: %v", m.what, errSchema)
		case errParse != nil && errSchema == nil && !onlyBeyond(errParse):
			t.Errorf("%s: only the parser refuses it: %v", m.what, errParse)
		}
	}
	if refused < 300 {
		t.Errorf("only %d mutations were refused: the test has lost its teeth", refused)
	}
}

func onlyBeyond(err error) bool {
	var problems rulesfile.Problems
	if !errors.As(err, &problems) {
		return false
	}
	return !slices.ContainsFunc(problems, func(p rulesfile.Problem) bool { return !slices.Contains(beyond, p.Code) })
}

type mutation struct {
	what     string
	text     []byte
	instance any
}

func copyOf(n *yaml.Node) *yaml.Node {
	out := *n
	out.Content = nil
	for _, c := range n.Content {
		out.Content = append(out.Content, copyOf(c))
	}
	return &out
}

// mutations are the file that uses everything, with one thing changed.
func mutations(t *testing.T) []mutation {
	var out []mutation
	var count func(n *yaml.Node) int
	count = func(n *yaml.Node) int {
		total := 1
		for _, c := range n.Content {
			total += count(c)
		}
		return total
	}
	var original yaml.Node
	if err := yaml.Load([]byte(rulestest.Everything), &original); err != nil {
		t.Fatal(err)
	}
	total := count(&original)
	changes := []struct {
		name  string
		apply func(*yaml.Node)
	}{
		{"a word", func(n *yaml.Node) { set(n, "!!str", "zzz") }},
		{"a key-like word", func(n *yaml.Node) { set(n, "!!str", n.Value+"x") }},
		{"an empty text", func(n *yaml.Node) { set(n, "!!str", "") }},
		{"a number", func(n *yaml.Node) { set(n, "!!int", "7") }},
		{"a negative number", func(n *yaml.Node) { set(n, "!!int", "-1") }},
		{"a fraction", func(n *yaml.Node) { set(n, "!!float", "1.5") }},
		{"a truth value", func(n *yaml.Node) { set(n, "!!bool", "true") }},
		{"nothing", func(n *yaml.Node) { set(n, "!!null", "null") }},
		{"an empty list", func(n *yaml.Node) { *n = yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"} }},
		{"an empty mapping", func(n *yaml.Node) { *n = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }},
		{"a list of a word", func(n *yaml.Node) {
			*n = yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq",
				Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: "zzz"}}}
		}},
		{"one entry less", func(n *yaml.Node) {
			if n.Kind == yaml.MappingNode && len(n.Content) > 2 {
				n.Content = n.Content[2:]
			} else if n.Kind == yaml.SequenceNode && len(n.Content) > 1 {
				n.Content = n.Content[1:]
			}
		}},
	}
	for i := 1; i < total; i++ {
		for k, c := range changes {
			if (i+k)%2 == 1 {
				continue // every second one, which takes half the time
			}
			root := copyOf(&original)
			node, path := nth(root, i)
			if node == nil || c.name == "nothing" && strings.HasSuffix(path, "(key)") {
				continue // YAML's key null is JSON's key "null"
			}
			c.apply(node)
			seen := instance(root)
			text, err := yaml.Dump(root)
			if err != nil {
				continue // a key that became a list, say, cannot be written
			}
			out = append(out, mutation{path + " as " + c.name, text, seen})
		}
	}
	return out
}

func set(n *yaml.Node, tag, value string) {
	*n = yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
	if tag == "!!str" {
		n.Style = yaml.DoubleQuotedStyle
	}
}

// nth is the i-th node of a document, but for keys that would not be texts.
func nth(root *yaml.Node, i int) (*yaml.Node, string) {
	at := -1
	var found *yaml.Node
	var where string
	var walk func(n *yaml.Node, path string)
	walk = func(n *yaml.Node, path string) {
		if at++; at == i {
			found, where = n, path
		}
		for k, c := range n.Content {
			name := path + "[" + strconv.Itoa(k) + "]"
			if n.Kind == yaml.MappingNode {
				name = path + "." + n.Content[k-k%2].Value
				if k%2 == 0 {
					name += " (key)"
				}
			}
			walk(c, name)
		}
	}
	walk(root, "")
	if strings.HasSuffix(where, "(key)") && found.Tag != "!!str" {
		return nil, where
	}
	return found, where
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := rulesfile.ParseWith(rulesfile.Source{Name: "bench", Text: []byte(rulestest.Everything)}, catalog.Shipped(),
			rulesfile.PackRuleIDs); err != nil {
			b.Fatal(err)
		}
	}
}
