package terraform

import (
	"fmt"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// file is what one configuration file declares.
type file struct {
	resources map[string]*cloud.Resource // by address, data policies and modules too
	blocks    map[string]*block          // what is not a resource, by "provider.aws.east"
	values    *tree.Node                 // variable defaults, locals, tfvars: name to value
	moved     map[string]string          // from address to address
	moves     []move                     // the same, as written
	instances map[string]string          // by address: provider, count and for_each as written
	forgotten map[string]bool            // removed { lifecycle { destroy = false } }
	destroyed map[string]int             // other removed blocks: by address, the line

	locals map[string]bool // which of the values are locals
	given  bool            // the values are given, and no defaults
	amends bool            // it only amends what other files declare
	blank  bool            // there is nothing in it
}

// block is a top-level block that is no resource.
type block struct {
	kind string
	name string
	body *tree.Node
	line int
}

// parse reads a whole file of any of the kinds that Wants takes.
func parse(path, text string) (*file, error) {
	if err := refuse(text); err != nil {
		return nil, err
	}
	if strings.HasSuffix(path, ".json") {
		return parseJSON(path, text)
	}
	f := newFile()
	f.describe(path, text)
	return f, f.parse(path, []chunk{{text, 1}}, nil)
}

// describe notes what a file is by its name.
func (f *file) describe(path, text string) {
	f.given, f.amends, f.blank = isValues(path) || isTerragrunt(path), overrides(path), strings.TrimSpace(text) == ""
}

// parsePair reads both sides of a file, and of each only the blocks that the
// other does not have word for word, where that says the same: values that
// changed reach every block that names them.
func parsePair(path, pathBefore, textBefore, text string) (before, after *file, err error) {
	oldChunks, okB := split(textBefore)
	newChunks, okA := split(text)
	if !okA || !okB || strings.HasSuffix(path, ".json") || strings.HasSuffix(pathBefore, ".json") || isValues(path) ||
		isTerragrunt(path) || refuse(text) != nil || refuse(textBefore) != nil {
		if after, err = parse(path, text); err != nil {
			return nil, nil, err
		}
		if before, err = parse(pathBefore, textBefore); err != nil {
			before = newFile() // then all that is there now counts as new
		}
		return before, after, nil
	}
	onlyBefore, onlyAfter := changed(oldChunks, newChunks), changed(newChunks, oldChunks)
	if definesValues(onlyBefore) || definesValues(onlyAfter) {
		onlyBefore, onlyAfter = oldChunks, newChunks
	}
	if !overrides(path) { // to what it amends, all of it is new
		onlyAfter = worthwhile(onlyAfter, onlyBefore, newChunks)
	}
	after = newFile()
	after.describe(path, text)
	if err := after.parse(path, onlyAfter, newChunks); err != nil {
		return nil, nil, err
	}
	before = newFile()
	before.describe(pathBefore, textBefore)
	if before.parse(pathBefore, onlyBefore, oldChunks) != nil {
		before = newFile()
	}
	return before, after, nil
}

// worthwhile leaves out new blocks in which nothing can be found, of all that
// there are.
func worthwhile(after, before, all []chunk) []chunk {
	now, old := map[string]bool{}, map[string]bool{}
	for _, c := range after {
		now[c.name()] = true
	}
	for _, c := range before {
		if !now[c.name()] {
			return after // what is gone may be here under another name
		}
		old[c.name()] = true
	}
	var out []chunk
	telling := tellingValues(all)
	for _, c := range after {
		if old[c.name()] || worthParsing(c) || telling && namesValues(c) {
			out = append(out, c)
		}
	}
	return out
}

// definesValues says whether one of the blocks gives names to values.
func definesValues(chunks []chunk) bool {
	for _, c := range chunks {
		switch kind, _ := c.header(); kind {
		case "variable", "locals":
			return true
		}
	}
	return false
}

// read parses one block.
func read(path string, c chunk, names *scope) (*hclsyntax.Body, *converter, error) {
	parsed, diags := hclsyntax.ParseConfig([]byte(c.text), path, hcl.Pos{Line: c.line, Column: 1})
	if diags.HasErrors() {
		return nil, nil, fmt.Errorf("line %d: %s", diags[0].Subject.Start.Line, strings.ToLower(diags[0].Summary))
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		return nil, nil, fmt.Errorf("the file is not HCL")
	}
	return body, &converter{text: []byte(c.text), scope: names}, nil
}

// parse adds what chunks declare. Names of values are looked up in all.
func (f *file) parse(path string, chunks, all []chunk) error {
	names := newScope()
	var bodies []*hclsyntax.Body
	var converters []*converter
	named := false
	for _, c := range chunks {
		body, conv, err := read(path, c, names)
		if err != nil {
			return err
		}
		bodies, converters = append(bodies, body), append(converters, conv)
		named = named || strings.Contains(c.text, "var.") || strings.Contains(c.text, "local.")
	}
	if named && len(all) > len(chunks) {
		for _, c := range all {
			if kind, _ := c.header(); kind != "variable" && kind != "locals" {
				continue
			}
			if body, conv, err := read(path, c, names); err == nil {
				names.define(conv, body)
			}
		}
	}
	for i, body := range bodies {
		names.define(converters[i], body)
	}
	for i, body := range bodies {
		if isValues(path) || isTerragrunt(path) {
			f.addValues(converters[i].attributes(body))
		}
		for _, b := range body.Blocks {
			f.add(b.Type, b.Labels, converters[i].body(b.Body, b.DefRange().Start.Line, 0), b.DefRange().Start.Line)
			f.instances[blockAddress(b.Type, b.Labels)] = converters[i].instances(b.Body)
		}
	}
	f.unit(path, included(f))
	return nil
}

func newFile() *file {
	return &file{resources: map[string]*cloud.Resource{}, blocks: map[string]*block{}, values: &tree.Node{Kind: tree.Map, Line: 1},
		moved: map[string]string{}, forgotten: map[string]bool{}, destroyed: map[string]int{}, instances: map[string]string{},
		locals: map[string]bool{}}
}

func (f *file) addValues(n *tree.Node) {
	for _, e := range n.Entries() {
		if e.Key == "inputs" && e.Value.IsMap() {
			f.values.Fields = append(f.values.Fields, e.Value.Fields...)
			continue
		}
		f.values.Fields = append(f.values.Fields, e)
	}
}

// add files one top-level block.
func (f *file) add(kind string, labels []string, body *tree.Node, line int) {
	label := func(i int) string {
		if i < len(labels) {
			return labels[i]
		}
		return ""
	}
	switch kind {
	case "resource", "ephemeral":
		address := label(0) + "." + label(1)
		f.resources[address] = &cloud.Resource{Address: address, Type: label(0), Body: body, Line: line}
	case "data":
		if label(0) == "aws_iam_policy_document" || label(0) == "google_iam_policy" {
			address := "data." + label(0) + "." + label(1)
			f.resources[address] = &cloud.Resource{Address: address, Type: "data." + label(0), Body: body, Line: line}
			return
		}
		f.blocks["data."+label(0)+"."+label(1)] = &block{kind: "data", name: label(0), body: body, line: line}
	case "module", "unit", "stack": // a stack of Terragrunt has units
		address := "module." + label(0)
		f.resources[address] = &cloud.Resource{Address: address, Type: "module", Body: body, Line: line}
	case "moved":
		from, to := addressOf(body.Get("from")), addressOf(body.Get("to"))
		f.moved[from] = to
		f.moves = append(f.moves, move{from: from, to: to, one: strings.HasSuffix(body.Get("from").Str(), "]")})
	case "removed":
		if body.Get("lifecycle", "0", "destroy").False() {
			f.forgotten[addressOf(body.Get("from"))] = true
		} else {
			f.destroyed[addressOf(body.Get("from"))] = line
		}
	case "variable":
		if def := body.Get("default"); def != nil {
			f.values.Fields = append(f.values.Fields, tree.Field{Key: label(0), Line: def.Line, Value: def})
		}
	case "locals":
		f.values.Fields = append(f.values.Fields, body.Fields...)
		for _, e := range body.Fields {
			f.locals[e.Key] = true
		}
	default:
		name := label(0)
		if alias := body.Get("alias").Str(); alias != "" {
			name += "." + alias
		}
		if known := f.blocks[kind+"."+name]; known != nil && kind == "terraform" { // a file may have several
			known.body.Fields = append(known.body.Fields, body.Fields...)
			return
		}
		f.blocks[kind+"."+name] = &block{kind: kind, name: name, body: body, line: line}
	}
}

// blockAddress is under what address a block of the language is filed.
func blockAddress(kind string, labels []string) string {
	if kind == "module" || kind == "data" {
		labels = append([]string{kind}, labels...)
	}
	return strings.Join(labels, ".")
}

// addressOf reads an address from an expression, without its index.
func addressOf(n *tree.Node) string {
	s := n.Str()
	if i := strings.IndexByte(s, '['); i >= 0 && !strings.HasPrefix(s, "module.") {
		s = s[:i]
	}
	return strings.TrimSpace(s)
}

// parseJSON reads the JSON form of the language.
// https://developer.hashicorp.com/terraform/language/syntax/json
func parseJSON(path, text string) (*file, error) {
	root, err := tree.ParseJSON(text)
	if err != nil {
		return nil, err
	}
	f := newFile()
	f.describe(path, text)
	if isValues(path) {
		f.addValues(root)
		return f, nil
	}
	for _, top := range root.Entries() {
		depth := map[string]int{"resource": 2, "data": 2, "ephemeral": 2, "module": 1, "provider": 1, "variable": 1, "output": 1}[top.Key]
		f.addJSON(top.Key, nil, top.Value, depth, top.Line)
	}
	return f, nil
}

func (f *file) addJSON(kind string, labels []string, n *tree.Node, depth, line int) {
	for _, item := range n.Each() {
		if depth == 0 {
			if item.IsMap() {
				f.add(kind, labels, unwrap(item, 0), line)
				f.instances[blockAddress(kind, labels)] = instancesOf(item)
			}
			continue
		}
		for _, e := range item.Entries() {
			f.addJSON(kind, append(labels[:len(labels):len(labels)], e.Key), e.Value, depth-1, e.Line)
		}
	}
}

// instancesOf is what converter.instances is, for the JSON form.
func instancesOf(n *tree.Node) string {
	var out []string
	for _, name := range instanceSettings {
		if v := n.Get(name); v != nil {
			out = append(out, name+"="+strings.Join(append(v.Strings(), v.Keys()...), " "))
		}
	}
	return strings.Join(out, ";")
}

// unwrap reads "${var.x}" in JSON as the expression that it is.
func unwrap(n *tree.Node, depth int) *tree.Node {
	tree.Walk(n, func(_ []string, n *tree.Node) bool {
		if n.Kind == tree.Scalar && strings.HasPrefix(n.Text, "${") && strings.HasSuffix(n.Text, "}") && strings.Count(n.Text, "${") == 1 {
			n.Tag, n.Text = "!expr", n.Text[2:len(n.Text)-1]
		}
		return true
	})
	return n
}

// sortedBlocks returns the blocks of both sides by name.
func blockNames(a, b *file) []string {
	seen := map[string]bool{}
	var names []string
	for _, f := range []*file{a, b} {
		for name := range f.blocks {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	sort.Strings(names)
	return names
}

func isValues(path string) bool {
	return strings.HasSuffix(path, ".tfvars") || strings.HasSuffix(path, ".tfvars.json")
}

func isTerragrunt(path string) bool {
	return strings.HasSuffix(path, "terragrunt.hcl") || strings.HasSuffix(path, "terragrunt.stack.hcl") ||
		strings.HasSuffix(path, "/root.hcl") || path == "root.hcl"
}
