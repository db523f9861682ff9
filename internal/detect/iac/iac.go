// Package iac reads infrastructure that is declared in other languages than
// Terraform's and CloudFormation's: programs (the AWS CDK, Pulumi, CDK for
// Terraform, SST), Pulumi's YAML, Bicep and Azure's templates. It is front ends
// of package cloud, each of which translates names into the neutral model;
// what an attribute means stands there alone.
//
// What is declared is told from what was declared by its name in the language
// (a construct's id, a resource's logical name) and its type. What is gone from
// a file may have moved to another of the same change, which is seen over the
// whole change.
package iac

import (
	"cmp"
	"path"
	"sort"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

type detector struct{}

// New returns the detector of infrastructure in other languages.
func New() detect.Detector { return detector{} }

func (detector) Name() string          { return "iac" }
func (detector) Kinds() []*detect.Kind { return shipped.All() }

// Wants takes what can declare infrastructure by its name; Detect looks for the
// words that show it.
func (detector) Wants(f *change.File) bool {
	return frontEnd(f.Path) != nil || f.PreviousPath != "" && frontEnd(f.PreviousPath) != nil
}

// reader reads what one text declares. It declares nothing where the text is of
// another sort.
type reader func(file, text string) (*declared, error)

// frontEnd is who reads a file of this name.
func frontEnd(file string) reader {
	base := strings.ToLower(path.Base(file))
	ext := path.Ext(base)
	switch {
	case strings.HasSuffix(base, ".d.ts"), strings.HasSuffix(base, ".min.js"), isTest(base):
		return nil
	case ext == ".bicep":
		return readBicep
	case ext == ".bicepparam":
		return readParameters
	case ext == ".json" && !strings.HasPrefix(base, "package") && !strings.HasPrefix(base, "tsconfig"):
		return readARM
	case ext == ".yaml" || ext == ".yml":
		return readYAML
	case programs[ext]:
		return readProgram
	}
	return nil
}

// isTest says whether a test runner takes a file of this name, and no deployment.
func isTest(base string) bool {
	stem := strings.TrimSuffix(base, path.Ext(base))
	return strings.HasSuffix(stem, ".test") || strings.HasSuffix(stem, ".spec") || strings.HasSuffix(base, "_test.go") ||
		strings.HasSuffix(base, "_test.py") || strings.HasPrefix(base, "test_")
}

// declared is what one text declares.
type declared struct {
	resources map[string]*cloud.Resource // by type and name
	loose     map[string]int             // how many names of a type are made when the program runs, or stand elsewhere
	aliases   map[string]string          // keys of before, by those that say so
	names     map[string]string          // names that are looked for where a key is not known, by key
	parts     []*cloud.Resource          // statements and rules that have no name of their own
}

func newDeclared() *declared {
	return &declared{resources: map[string]*cloud.Resource{}, loose: map[string]int{}, aliases: map[string]string{},
		names: map[string]string{}}
}

func keyOf(typ, name string) string { return typ + "\x00" + name }

// add takes over a resource. One that is declared twice, in branches say, is
// compared in the order of its declarations.
func (d *declared) add(r *cloud.Resource, name string) {
	key := keyOf(r.Type, name)
	for n := 2; d.resources[key] != nil && n < 50; n++ {
		key = keyOf(r.Type, name+"#"+string(rune('0'+n)))
	}
	d.resources[key] = r
}

// read reads one side; a side that is not there declares nothing.
func read(front reader, file string, t change.Text) (*declared, error) {
	if t.State != change.Loaded {
		return newDeclared(), nil
	}
	d, err := front(file, t.Body)
	if d == nil {
		d = newDeclared()
	}
	return d, err
}

// Closely: of JSON what calls itself a template, of programs those that name a
// framework.
func (detector) Closely(f *change.File) int {
	if !mayDeclare(f.Path, f.After.Body) && !mayDeclare(cmp.Or(f.PreviousPath, f.Path), f.Before.Body) {
		return 0
	}
	return len(f.Before.Body) + len(f.After.Body)
}

// mayDeclare is a glance at whether a text declares anything.
func mayDeclare(file, text string) bool {
	switch ext := strings.ToLower(path.Ext(file)); {
	case ext == ".json":
		template, parameters := speaksARM(text)
		return template || parameters
	case programs[ext]:
		return frameworks(text) != 0 || strings.HasPrefix(strings.ToLower(path.Base(file)), "serverless.")
	}
	return true
}

func (detector) Detect(f *change.File, r *detect.Report) {
	front := frontEnd(f.Path)
	if front == nil || f.Before.Body == f.After.Body && f.Before.State == f.After.State && f.After.State != change.Unreadable {
		return
	}
	// Files of other names may be anything, or are read by others too.
	if f.After.State == change.Unreadable && strings.EqualFold(path.Ext(f.Path), ".bicep") {
		r.Add(detect.Observation{Kind: unreadable, Detail: f.After.Reason})
		return
	}
	after, err := read(front, f.Path, f.After)
	if err != nil {
		r.Add(detect.Unread(unreadable, err))
		return
	}
	before, err := read(front, f.Path, f.Before)
	if err != nil {
		before = newDeclared() // then all that is there now counts as new
	}
	byName := map[string]string{}
	for key, name := range before.names {
		byName[name] = key
	}
	old := map[string]*cloud.Resource{}
	for key := range after.resources {
		if b := before.find(key, after.aliases[key], byName[after.names[key]]); b != nil {
			old[key] = b
		}
	}
	report(compareAll(old, after.resources), "", r)
	report(compareParts(before.parts, after.parts, f.Before.State == change.Loaded), "", r)
}

// find is a resource by its key, or by the one that it had before.
func (d *declared) find(keys ...string) *cloud.Resource {
	for _, key := range keys {
		if r := d.resources[key]; r != nil {
			return r
		}
	}
	return nil
}

// compareAll compares what is declared after, by key.
func compareAll(old, after map[string]*cloud.Resource) []cloud.Finding {
	var found []cloud.Finding
	for _, key := range sorted(after) {
		b, a := old[key], after[key]
		if b != nil && a.Type == named {
			b = &cloud.Resource{Address: b.Address, Type: b.Type, Body: common(b.Body, a.Body)}
		}
		found = append(found, cloud.Compare(b, a)...)
	}
	return found
}

// named is the type of values that are told by their names alone.
const named = "tfvars"

// common are the fields of before that are there after: a name that is gone has
// moved or is unused, which is no sign of harm.
func common(before, after *tree.Node) *tree.Node {
	out := mapOf(before.Line)
	for _, f := range before.Fields {
		if after.Has(f.Key) {
			out.Fields = append(out.Fields, f)
		}
	}
	return out
}

// compareParts compares what has no name. What was written so before is the
// same, wherever it stood; of the rest, those of one address are compared in
// their order.
func compareParts(before, after []*cloud.Resource, existed bool) []cloud.Finding {
	had := map[string]int{}
	for _, b := range before {
		had[text(b)]++
	}
	var fresh []*cloud.Resource
	for _, a := range after {
		if t := text(a); had[t] > 0 {
			had[t]--
			continue
		}
		fresh = append(fresh, a)
	}
	byAddress := map[string][]*cloud.Resource{}
	for _, b := range before {
		if t := text(b); had[t] > 0 {
			had[t]--
			byAddress[keyOf(b.Type, b.Address)] = append(byAddress[keyOf(b.Type, b.Address)], b)
		}
	}
	var found []cloud.Finding
	for _, a := range fresh {
		key := keyOf(a.Type, a.Address)
		var b *cloud.Resource
		if list := byAddress[key]; len(list) > 0 {
			b, byAddress[key] = list[0], list[1:]
		} else if a.Type == settings && existed {
			b = &cloud.Resource{Address: a.Address, Type: a.Type, Body: &tree.Node{Kind: tree.Map}}
		}
		found = append(found, cloud.Compare(b, a)...)
	}
	return found
}

// settings is the type of what a call sets on something that was there.
const settings = "settings"

// text is a resource's content, by which it is told from another.
func text(r *cloud.Resource) string {
	var b strings.Builder
	b.WriteString(r.Type)
	tree.Walk(r.Body, func(path []string, n *tree.Node) bool {
		if n.Kind == tree.Scalar && len(path) > 0 {
			b.WriteString("\x00" + path[len(path)-1] + "\x01" + n.Tag + n.Text)
		}
		return true
	})
	return b.String()
}

func report(found []cloud.Finding, file string, r *detect.Report) {
	seen := map[string]bool{}
	for _, f := range found {
		if key := f.Object + "\x00" + string(rune(f.Class)) + f.Detail; seen[key] {
			continue
		} else {
			seen[key] = true
		}
		r.Add(detect.Observation{Kind: classes[f.Class], Path: file, Line: f.Line, Removed: f.Removed, Object: f.Object, Detail: f.Detail})
	}
}

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
