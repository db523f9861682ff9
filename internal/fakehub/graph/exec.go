package graph

import (
	"fmt"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// node is a value of a GraphQL object type.
type node struct {
	typ   string
	value any
}

// field resolves one field of an object. It returns a scalar, a node, a list of
// nodes, a page, or nil.
type field func(x *execution, of any, a arguments) (any, error)

// arguments of a field, with variables put in.
type arguments map[string]any

func (a arguments) text(name string) string { s, _ := a[name].(string); return s }

// execution is one query being answered, under the state's lock.
type execution struct {
	graph   *Graph
	hub     *fakehub.Hub
	asked   Question
	caller  access.Caller
	doc     *ast.QueryDocument
	vars    map[string]any
	errors  wire.List
	invalid *queryError // the query asks for what is not there: no data at all
	cost    int
	nodes   int
	steps   int
}

// objectTypes are the object types and how their fields are found.
func objectTypes() map[string]map[string]field {
	return map[string]map[string]field{
		"Query": queryFields(), "RateLimit": rateFields(),
		"Repository": repositoryFields(), "Ref": refFields(),
		"PullRequest": pullFields(), "PullRequestCommit": pullCommitFields(), "PullRequestChangedFile": changedFileFields(),
		"Label": labelFields(), "Issue": issueFields(),
		"Commit": commitFields(), "GitActor": gitActorFields(), "GpgSignature": signatureFields(), "SshSignature": signatureFields(),
		"Tree": treeFields(), "TreeEntry": treeEntryFields(), "Blob": blobFields(),
		"User": accountFields(), "Mannequin": accountFields(), "Bot": botFields(), "Organization": accountFields(),
		"Deployment": deploymentFields(), "DeploymentStatus": deploymentStatusFields(),
		"PageInfo": pageInfoFields(),
	}
}

// implements says which object types a fragment on an abstract type fits.
func implements(typ, condition string) bool {
	if typ == condition {
		return true
	}
	switch condition {
	case "Actor":
		return typ == "User" || typ == "Bot" || typ == "Organization" || typ == "Mannequin"
	case "RepositoryOwner", "ProfileOwner":
		return typ == "User" || typ == "Organization"
	case "GitObject":
		return typ == "Commit" || typ == "Tree" || typ == "Blob"
	case "GitSignature":
		return typ == "GpgSignature" || typ == "SshSignature"
	case "Node":
		return typ != "Query" && typ != "RateLimit" && typ != "GitActor" && typ != "TreeEntry" && typ != "PageInfo"
	}
	return false
}

// picked is one key of the answer with all the selections that ask for it.
type picked struct {
	key    string
	fields []*ast.Field
}

// collect flattens a selection set for an object of type typ.
func (x *execution) collect(typ string, set ast.SelectionSet, out []*picked, at map[string]*picked, depth int) []*picked {
	if depth > maxQueryDepth {
		return out
	}
	for _, s := range set {
		if x.steps++; x.steps > maxSteps {
			x.refuse("Query is too complex", "maxComplexity")
			return out
		}
		switch s := s.(type) {
		case *ast.Field:
			if !x.wanted(s.Directives) {
				continue
			}
			p := at[s.Alias]
			if p == nil {
				p = &picked{key: s.Alias}
				at[s.Alias] = p
				out = append(out, p)
			}
			p.fields = append(p.fields, s)
		case *ast.InlineFragment:
			if x.wanted(s.Directives) && (s.TypeCondition == "" || implements(typ, s.TypeCondition)) {
				out = x.collect(typ, s.SelectionSet, out, at, depth+1)
			}
		case *ast.FragmentSpread:
			f := x.doc.Fragments.ForName(s.Name)
			if f == nil {
				x.refuse("Fragment "+s.Name+" was used, but not defined", "useAndDefineFragment")
				continue
			}
			if x.wanted(s.Directives) && implements(typ, f.TypeCondition) {
				out = x.collect(typ, f.SelectionSet, out, at, depth+1)
			}
		}
	}
	return out
}

// wanted evaluates @include and @skip.
func (x *execution) wanted(directives ast.DirectiveList) bool {
	for _, d := range directives {
		arg := d.Arguments.ForName("if")
		if arg == nil {
			continue
		}
		v, err := arg.Value.Value(x.vars)
		yes, _ := v.(bool)
		if err == nil && (d.Name == "include" && !yes || d.Name == "skip" && yes) {
			return false
		}
	}
	return true
}

func (x *execution) refuse(message, code string) {
	if x.invalid == nil {
		x.invalid = &queryError{message: message, code: code}
	}
}

// object answers a selection set.
func (x *execution) object(n node, set ast.SelectionSet, path wire.List, depth int) any {
	x.nodes++
	if x.nodes > maxNodes {
		x.refuse("This query requests more than 500,000 possible nodes", "maxNodes")
	}
	if x.invalid != nil {
		return nil
	}
	if depth > maxQueryDepth {
		x.refuse("Query has a depth that exceeds the limit", "maxDepth")
		return nil
	}
	fields := x.graph.types()[n.typ]
	var out wire.Object
	for _, p := range x.collect(n.typ, set, nil, map[string]*picked{}, 0) {
		f := p.fields[0]
		if f.Name == "__typename" {
			out = append(out, p.key, n.typ)
			continue
		}
		resolve, known := fields[f.Name]
		if !known {
			x.hub.Journal.Violate(fmt.Sprintf("fakehub does not resolve %s.%s in GraphQL", n.typ, f.Name))
			x.refuse(fmt.Sprintf("Field '%s' doesn't exist on type '%s'", f.Name, n.typ), "undefinedField")
			return nil
		}
		out = append(out, p.key, x.field(resolve, n, p, append(path[:len(path):len(path)], p.key), depth))
	}
	if out == nil {
		return wire.Object{}
	}
	return out
}

func (x *execution) field(resolve field, n node, p *picked, path wire.List, depth int) any {
	defer x.asked.Behind(readsOf[n.typ+"."+p.fields[0].Name], repoOf(n.value))()
	args := arguments{}
	for _, a := range p.fields[0].Arguments {
		v, err := a.Value.Value(x.vars)
		if err != nil {
			x.refuse(err.Error(), "argumentLiteralsIncompatible")
			return nil
		}
		args[a.Name] = v
	}
	v, err := resolve(x, n.value, args)
	if err != nil {
		e, known := err.(*queryError)
		if !known {
			e = &queryError{message: err.Error()}
		}
		x.errors = append(x.errors, e.json(path, p.fields[0].Position))
		return nil
	}
	return x.value(v, p, path, depth)
}

// value turns what a field was resolved to into JSON.
func (x *execution) value(v any, p *picked, path wire.List, depth int) any {
	var set ast.SelectionSet
	for _, f := range p.fields {
		set = append(set, f.SelectionSet...)
	}
	switch v := v.(type) {
	case node:
		return x.object(v, set, path, depth+1)
	case []node:
		out := make(wire.List, len(v))
		for i, n := range v {
			out[i] = x.object(n, set, append(path[:len(path):len(path)], i), depth+1)
		}
		return out
	case *page:
		return x.page(v, set, path, depth+1)
	case time.Time:
		if v.IsZero() {
			return nil
		}
	}
	return v
}
