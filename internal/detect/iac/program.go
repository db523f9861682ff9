package iac

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/construct"
	"github.com/gatehold/gatehold/internal/detect/keyword"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// programs are the endings of programs that can declare infrastructure.
var programs = map[string]bool{".ts": true, ".mts": true, ".cts": true, ".js": true, ".mjs": true, ".cjs": true, ".tsx": true, ".py": true,
	".go": true, ".java": true, ".kt": true, ".kts": true, ".scala": true, ".cs": true, ".fs": true}

// framework is what a program declares infrastructure with.
type framework uint8

const (
	cdk framework = 1 << iota
	cdktf
	pulumi
	sst
)

// marks are words that programs of each have: their modules, or what nobody else
// writes.
var marks = []struct {
	word string
	is   framework
}{
	{"aws-cdk", cdk}, {"aws_cdk", cdk}, {"awscdk", cdk}, {"amazon.cdk", cdk}, {"removalpolicy.", cdk}, {"removalpolicy_", cdk},
	{"removal_policy", cdk}, {"iam.policystatement", cdk}, {"cdk.stack", cdk}, {"allowdefaultportfromany", cdk}, {"ec2.peer", cdk},
	{"cdktf", cdktf}, {"@cdktf/", cdktf},
	{"pulumi", pulumi}, {"new aws.", pulumi}, {"new gcp.", pulumi}, {"new azure", pulumi}, {"new k8s.", pulumi},
	{"sst.aws.", sst}, {"sst.cloudflare.", sst}, {"$config(", sst}, {"sst/constructs", sst | cdk}, {"@serverless-stack", sst | cdk},
}

var markWords = func() *keyword.Matcher {
	var list []string
	for _, m := range marks {
		list = append(list, m.word)
	}
	return keyword.New(list)
}()

// frameworks are those of which a text has a word.
func frameworks(text string) framework {
	var out framework
	markWords.Find(text, func(which int32, _ int) { out |= marks[which].is })
	return out
}

// programReader reads the calls of one program.
type programReader struct {
	*declared
	values
	uses  framework
	types map[string]string // of the variables that hold a resource
	vars  map[string]*cloud.Resource
	goes  bool // Go: constructors are functions
}

func readProgram(file, text string) (*declared, error) {
	uses := frameworks(text)
	if uses == 0 {
		return nil, nil
	}
	ext := strings.ToLower(path.Ext(file))
	program := construct.Read(text, ext)
	r := programReader{declared: newDeclared(), values: values{program, maxValues}, uses: uses, vars: map[string]*cloud.Resource{},
		goes: ext == ".go"}
	for _, c := range program.Calls {
		r.constructed(c)
	}
	for _, c := range program.Calls {
		r.said(c)
	}
	if uses&sst != 0 {
		r.app(program)
	}
	return r.declared, nil
}

// constructed takes over what a call constructs.
func (r *programReader) constructed(c *construct.Call) {
	class := c.Last()
	if r.goes {
		var ok bool
		if class, ok = strings.CutPrefix(class, "New"); !ok {
			return
		}
	}
	if !capital(class) || !c.New && !r.goes && !r.python(c) {
		return
	}
	first := r.name(c, 0)
	switch {
	case first == nil:
	case r.goes && r.uses&pulumi != 0 && r.name(c, 1) != nil:
		r.pulumi(c, class, r.name(c, 1), 2)
	case !r.goes && r.uses&(pulumi|sst) != 0 && first.Quoted || r.uses&(cdk|cdktf) == 0 && r.uses&pulumi != 0 && !r.goes:
		r.pulumi(c, class, first, 1)
	case r.uses&(cdk|cdktf) != 0 && !first.Quoted && scopeLike(first.Text):
		r.scoped(c, class)
	}
}

// python says whether a call without new may make something: Python has no new.
func (r *programReader) python(c *construct.Call) bool { return c.On == nil }

// name is an argument that may be a name or a scope: a text or an expression.
func (r *programReader) name(c *construct.Call, i int) *tree.Node {
	n := r.of(c.Arg(i))
	if n == nil || n.Kind != tree.Scalar || n.Text == "" {
		return nil
	}
	return n
}

// scopeLike says whether an expression may be the scope of a construct.
func scopeLike(text string) bool {
	return text == "this" || isPath(strings.NewReplacer("?", "", "!", "", "this.", "", "()", "").Replace(text))
}

// scoped takes over a construct of the CDK: (scope, id, props).
func (r *programReader) scoped(c *construct.Call, class string) {
	id := r.name(c, 1)
	body := r.of(c.Arg(2))
	if !body.IsMap() {
		body = mapOf(c.Line)
	}
	if c.Set != nil {
		set := r.of(c.Set)
		for _, key := range []string{"id", "construct_id"} {
			if named := take(set, key); id == nil && named != nil {
				id = named
			}
		}
		take(set, "scope")
		body = &tree.Node{Kind: tree.Map, Line: body.Line, Fields: append(append([]tree.Field{}, body.Fields...), set.Fields...)}
	}
	if id == nil || id.Kind != tree.Scalar {
		return
	}
	typ := r.cdkType(c, class)
	if r.uses&cdktf != 0 && r.uses&cdk == 0 {
		typ = cdktfType(r.moduleOf(c), class)
	} else {
		body = cdkBody(typ, class, body)
	}
	r.keep(c, &cloud.Resource{Address: id.Text, Type: typ, Body: body, Line: c.Line}, id)
}

// keep adds a resource, under the name that it is written with.
func (r *programReader) keep(c *construct.Call, res *cloud.Resource, name *tree.Node) {
	if name.Tag == construct.Unknown {
		r.loose[res.Type] = true
		res.Address = strings.Join(strings.Fields(res.Address), " ")
	}
	r.add(res, name.Text)
	if c.Var != "" {
		r.vars[c.Var] = res
	}
}

// moduleOf is the module that a call's class comes from: as it is imported, or
// else as it is written.
func (r *programReader) moduleOf(c *construct.Call) string {
	root, rest, dotted := strings.Cut(c.Name, ".")
	imported, known := r.program.Imports[root]
	switch {
	case known && imported.Member != "" && dotted:
		return imported.Module + "/" + imported.Member + between(rest)
	case known:
		return imported.Module + between(rest)
	case dotted:
		return root + between(rest)
	}
	return ""
}

// between is what stands between the root of a name and its class.
func between(rest string) string {
	if i := strings.LastIndexByte(rest, '.'); i >= 0 {
		return "/" + strings.ReplaceAll(rest[:i], ".", "/")
	}
	return ""
}
