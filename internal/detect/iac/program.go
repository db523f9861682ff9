package iac

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/cloudformation"
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
	uses framework
	vars map[string]*cloud.Resource
	goes bool // Go: constructors are functions
}

func readProgram(file, text string) (*declared, error) {
	uses := frameworks(text)
	service := strings.HasPrefix(strings.ToLower(path.Base(file)), "serverless.")
	if uses == 0 && !service {
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
	r.members()
	if uses&sst != 0 {
		r.app(program)
	}
	if service {
		r.service(program)
	}
	return r.declared, nil
}

// service takes over the templates that a service of the Serverless Framework
// carries as a program.
func (r *programReader) service(program *construct.Program) {
	for _, o := range program.Objects {
		if !o.Has("Resources") {
			continue
		}
		for id, res := range cloudformation.Declared(r.value(o, 0, true)) {
			r.add(res, id)
		}
	}
}

// constructed takes over what a call constructs.
func (r *programReader) constructed(c *construct.Call) {
	class := r.classOf(c)
	first := r.name(c, 0)
	if class == "" || first == nil {
		return
	}
	scoped := r.uses&(cdk|cdktf) != 0
	switch second := r.name(c, 1); {
	case r.goes && r.uses&pulumi != 0 && second != nil:
		r.pulumi(c, class, second, 2)
	case r.goes && !scoped:
	case !r.goes && (r.uses&(pulumi|sst) != 0 && first.Quoted || !scoped && r.uses&pulumi != 0):
		r.pulumi(c, class, first, 1)
	case scoped && !first.Quoted && scopeLike(first.Text):
		r.scoped(c, class)
	}
}

// classOf is the class of which a call makes one, "" where it makes none.
func (r *programReader) classOf(c *construct.Call) string {
	class := c.Last()
	switch {
	case r.goes:
		var is bool
		if class, is = strings.CutPrefix(class, "New"); !is {
			return ""
		}
	case !capital(class):
		of := strings.TrimSuffix(c.Name, "."+class)
		if of = of[strings.LastIndexByte(of, '.')+1:]; r.uses&cdk != 0 && factory(of, folded(c)) {
			return of
		}
		return ""
	case !c.New && c.On != nil: // Python has no new
		return ""
	}
	if !capital(class) {
		return ""
	}
	return class
}

// factory says whether a class makes one of itself by a method of its own:
// BackupPlan.dailyMonthly1YearRetention. Those from... name what is there.
func factory(class, method string) bool {
	return capital(class) && keepsByName(class) && strings.HasPrefix(method, "daily")
}

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
		r.loose[res.Type]++
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
