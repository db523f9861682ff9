package fakehub

import (
	"errors"
	"fmt"
	"maps"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// Bounds of a query.
const (
	maxQueryTokens = 200_000
	maxQueryDepth  = 60
	maxPage        = 100
	maxNodes       = 500_000
	maxSteps       = 1_000_000 // selections looked at, fragments each time they are used
)

// graphError is an error in GitHub's shape.
type graphError struct {
	kind    string // NOT_FOUND, FORBIDDEN, ...; "" for what GitHub gives no type
	message string
	code    string // of its extensions, for a query that is not valid
}

func (e *graphError) Error() string { return e.message }

func (e *graphError) json(path list, pos *ast.Position) obj {
	o := obj{}
	if e.kind != "" {
		o = append(o, "type", e.kind)
	}
	if len(path) > 0 {
		o = append(o, "path", path)
	}
	if e.code != "" {
		o = append(o, "extensions", obj{"code", e.code})
	}
	if pos != nil {
		o = append(o, "locations", list{obj{"line", pos.Line, "column", pos.Column}})
	}
	return append(o, "message", e.message)
}

// graphInput is the body of a query.
type graphInput struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

// againstSchema asks the contract about a query, before the state is locked.
func (h *Hub) againstSchema(c *call) (refused answer, bad bool) {
	var in graphInput
	if !c.decode(&in) || in.Query == "" {
		return answer{}, false
	}
	err := h.opt.Contract.Query(in.Query)
	if err == nil {
		return answer{}, false
	}
	h.journal.violate("query: " + err.Error())
	return graphFailed(&graphError{message: err.Error(), code: "undefinedField"}), true
}

// graphql answers POST /graphql. As on GitHub, whatever is wrong with a query
// is told under status 200.
func (h *Hub) graphql(c *call) answer {
	var in graphInput
	if !c.decode(&in) {
		return badRequest("Problems parsing JSON")
	}
	if in.Query == "" {
		return badRequest("A query attribute must be specified and must be a string.")
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: in.Query}, maxQueryTokens)
	if err != nil {
		return graphFailed(&graphError{message: "Parse error: " + err.Error(), code: "parseError"})
	}
	x := &execution{hub: h, call: c, doc: doc, vars: map[string]any{}}
	op, err := x.operation(in.OperationName, in.Variables)
	if err != nil {
		return graphFailed(err)
	}
	return x.run(op)
}

func graphFailed(err error) answer {
	var e *graphError
	if !errors.As(err, &e) {
		e = &graphError{message: err.Error()}
	}
	return ok(obj{"errors", list{e.json(nil, nil)}})
}

// operation picks what is to be run and sets the variables.
func (x *execution) operation(name string, given map[string]any) (*ast.OperationDefinition, error) {
	var op *ast.OperationDefinition
	for _, o := range x.doc.Operations {
		if name == "" && len(x.doc.Operations) == 1 || o.Name == name {
			op = o
		}
	}
	if op == nil {
		return nil, &graphError{message: fmt.Sprintf("No operation named %q", name)}
	}
	if op.Operation != ast.Query {
		return nil, &graphError{message: "fakehub serves queries only", code: "undefinedType"}
	}
	maps.Copy(x.vars, given)
	for _, v := range op.VariableDefinitions {
		value, there := x.vars[v.Variable]
		if !there && v.DefaultValue != nil {
			d, err := v.DefaultValue.Value(nil)
			if err != nil {
				return nil, &graphError{message: err.Error()}
			}
			x.vars[v.Variable], value = d, d
		}
		if v.Type.NonNull && value == nil {
			return nil, &graphError{message: fmt.Sprintf("Variable $%s of type %s was provided invalid value", v.Variable, v.Type)}
		}
	}
	return op, nil
}

func (x *execution) run(op *ast.OperationDefinition) answer {
	x.cost = max(1, (x.connections(op.SelectionSet, 1, 0)+50)/100)
	if x.invalid != nil {
		return graphFailed(x.invalid)
	}
	bucket := x.hub.quota.bucket(x.call)
	if charged, _ := bucket.charge(x.hub.now(), x.cost-1, 0, x.call.route); !charged {
		return graphLimited(x.call)
	}
	data := x.object(node{typ: "Query"}, op.SelectionSet, nil, 0)
	if x.invalid != nil {
		return graphFailed(x.invalid)
	}
	o := obj{"data", data}
	if len(x.errors) > 0 {
		o = append(o, "errors", x.errors)
	}
	return x.tooHeavy(ok(o))
}

// graphLimited is how the primary limit looks in GraphQL: status 200.
func graphLimited(c *call) answer {
	e := &graphError{kind: "RATE_LIMITED", message: "API rate limit exceeded for " + c.hub.quota.bucket(c).who + "."}
	return ok(obj{"errors", list{e.json(nil, nil)}})
}

// connections counts the requests that a query stands for, by GitHub's rule:
// one for each connection, times the records of the connections above it.
func (x *execution) connections(set ast.SelectionSet, times, depth int) int {
	if depth > maxQueryDepth || times > maxNodes {
		return times
	}
	n := 0
	for _, s := range set {
		if x.steps++; x.steps > maxSteps {
			x.refuse("Query is too complex", "maxComplexity")
			return n
		}
		switch s := s.(type) {
		case *ast.Field:
			below := times
			if records := x.records(s); records > 0 {
				n += times
				below *= records
			}
			n += x.connections(s.SelectionSet, below, depth+1)
		case *ast.InlineFragment:
			n += x.connections(s.SelectionSet, times, depth+1)
		case *ast.FragmentSpread:
			if f := x.doc.Fragments.ForName(s.Name); f != nil {
				n += x.connections(f.SelectionSet, times, depth+1)
			}
		}
	}
	return n
}

func (x *execution) records(f *ast.Field) int {
	for _, name := range []string{"first", "last"} {
		if a := f.Arguments.ForName(name); a != nil {
			if v, err := a.Value.Value(x.vars); err == nil {
				return toInt(v)
			}
		}
	}
	return 0
}

func toInt(v any) int {
	switch v := v.(type) {
	case int64:
		return int(v)
	case float64:
		return int(v)
	case int:
		return v
	}
	return 0
}

// queryFields are the entrances.
func queryFields() map[string]field {
	return map[string]field{
		"repository": func(x *execution, _ any, a arguments) (any, error) {
			name := a.text("owner") + "/" + a.text("name")
			r, moved := x.hub.named(name)
			if follow, given := a["followRenames"].(bool); moved && given && !follow {
				r = nil
			}
			if r == nil || !x.call.auth.sees(r) {
				return nil, &graphError{kind: "NOT_FOUND", message: "Could not resolve to a Repository with the name '" + name + "'."}
			}
			if why := x.call.auth.barred(x.hub.orgs[r.owner.ID]); why != "" {
				return nil, &graphError{kind: "FORBIDDEN", message: why}
			}
			return node{"Repository", r}, nil
		},
		"node":      graphNode,
		"nodes":     graphNodes,
		"rateLimit": func(x *execution, _ any, _ arguments) (any, error) { return node{"RateLimit", nil}, nil },
		"viewer": func(x *execution, _ any, _ arguments) (any, error) {
			if x.call.auth.kind == byUser {
				return node{"User", x.call.auth.grant.user}, nil
			}
			return node{"User", x.call.auth.app.Bot}, nil
		},
	}
}

func rateFields() map[string]field {
	of := func(pick func(b *bucket, x *execution) any) field {
		return func(x *execution, _ any, _ arguments) (any, error) {
			b := x.hub.quota.bucket(x.call)
			b.mu.Lock()
			defer b.mu.Unlock()
			return pick(b, x), nil
		}
	}
	return map[string]field{
		"cost":      of(func(_ *bucket, x *execution) any { return x.cost }),
		"limit":     of(func(b *bucket, _ *execution) any { return max(0, b.limit) }),
		"used":      of(func(b *bucket, _ *execution) any { return b.used }),
		"remaining": of(func(b *bucket, _ *execution) any { return max(0, b.limit-b.used) }),
		"resetAt":   of(func(b *bucket, _ *execution) any { return b.reset }),
		"nodeCount": of(func(_ *bucket, x *execution) any { return x.nodes }),
	}
}

// may says whether the caller has a permission on a repository; if not, GraphQL
// answers FORBIDDEN for the field.
func (x *execution) may(r *Repo, permission string) error {
	a := x.call.auth
	if a.kind == byUser {
		if a.grant.app == nil || !r.private && a.grant.app.installationFor(r) == nil {
			return nil
		}
		if in := a.grant.app.installationFor(r); in != nil && !in.suspended && allows(in.permissions, permission, "read") {
			return nil
		}
		return &graphError{kind: "FORBIDDEN", message: "Resource not accessible by integration"}
	}
	if !a.covers(r) && !r.private {
		return nil
	}
	if allows(a.grant.permissions, permission, "read") && allows(a.grant.install.permissions, permission, "read") &&
		!a.grant.install.suspended {
		return nil
	}
	return &graphError{kind: "FORBIDDEN", message: "Resource not accessible by integration"}
}
