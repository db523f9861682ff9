// Package graph answers GraphQL queries about a hub: it reads them, counts what
// they cost, resolves their fields, and refuses those that are too heavy. The
// table objectTypes has the object types that are known.
package graph

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/lag"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// Bounds of a query.
const (
	maxQueryTokens = 200_000
	maxQueryDepth  = 60
	maxPage        = 100
	maxNodes       = 500_000
	maxSteps       = 1_000_000 // selections looked at, fragments each time they are used
)

// queryError is an error in GitHub's shape.
type queryError struct {
	kind    string // NOT_FOUND, FORBIDDEN, ...; "" for what GitHub gives no type
	message string
	code    string // of its extensions, for a query that is not valid
}

func (e *queryError) Error() string { return e.message }

func (e *queryError) json(path wire.List, pos *ast.Position) wire.Object {
	o := wire.Object{}
	if e.kind != "" {
		o = append(o, "type", e.kind)
	}
	if len(path) > 0 {
		o = append(o, "path", path)
	}
	if e.code != "" {
		o = append(o, "extensions", wire.Object{"code", e.code})
	}
	if pos != nil {
		o = append(o, "locations", wire.List{wire.Object{"line", pos.Line, "column", pos.Column}})
	}
	return append(o, "message", e.message)
}

// Input is the body of a query.
type Input struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

// Question is a query and who asks it.
type Question interface {
	Caller() access.Caller
	// Behind puts the hub into the state in which a read of a kind is answered,
	// until back is called.
	Behind(kind lag.Reads, r *fakehub.Repo) (back func())
	// Charge takes points of the caller's quota; false: there are not so many.
	Charge(points int) bool
	Quota() Quota
}

// Quota is what a caller has of points for an hour. A limit below zero is none.
type Quota struct {
	Of          string // "installation ID 7"
	Limit, Used int
	Reset       time.Time
}

// Graph answers queries about a hub.
type Graph struct {
	hub     *fakehub.Hub
	actions *actions.Actions
	types   func() map[string]map[string]field

	mu    sync.Mutex
	heavy Heavy
}

// New knows all types; the tables are made at the first query.
func New(h *fakehub.Hub, a *actions.Actions) *Graph {
	return &Graph{hub: h, actions: a, types: sync.OnceValue(objectTypes)}
}

// Answer answers POST /graphql, under the state's lock. As on GitHub, whatever
// is wrong with a query is told under status 200.
func (g *Graph) Answer(q Question, in Input) (status int, body []byte) {
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: in.Query}, maxQueryTokens)
	if err != nil {
		return Failed(&queryError{message: "Parse error: " + err.Error(), code: "parseError"})
	}
	x := &execution{graph: g, hub: g.hub, asked: q, caller: q.Caller(), doc: doc, vars: map[string]any{}}
	op, err := x.operation(in.OperationName, in.Variables)
	if err != nil {
		return Failed(err)
	}
	return x.run(op)
}

// Failed is the answer to a query that is not answered at all.
func Failed(err error) (status int, body []byte) {
	var e *queryError
	if !errors.As(err, &e) {
		e = &queryError{message: err.Error()}
	}
	return http.StatusOK, wire.Encode(wire.Object{"errors", wire.List{e.json(nil, nil)}})
}

// Against is the answer to a query that does not fit the schema.
func Against(err error) (status int, body []byte) {
	return Failed(&queryError{message: err.Error(), code: "undefinedField"})
}

// Limited is how the primary limit looks in GraphQL: status 200.
func Limited(of string) (status int, body []byte) {
	return Failed(&queryError{kind: "RATE_LIMITED", message: "API rate limit exceeded for " + of + "."})
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
		return nil, &queryError{message: fmt.Sprintf("No operation named %q", name)}
	}
	if op.Operation != ast.Query {
		return nil, &queryError{message: "fakehub serves queries only", code: "undefinedType"}
	}
	maps.Copy(x.vars, given)
	for _, v := range op.VariableDefinitions {
		value, there := x.vars[v.Variable]
		if !there && v.DefaultValue != nil {
			d, err := v.DefaultValue.Value(nil)
			if err != nil {
				return nil, &queryError{message: err.Error()}
			}
			x.vars[v.Variable], value = d, d
		}
		if v.Type.NonNull && value == nil {
			return nil, &queryError{message: fmt.Sprintf("Variable $%s of type %s was provided invalid value", v.Variable, v.Type)}
		}
	}
	return op, nil
}

func (x *execution) run(op *ast.OperationDefinition) (status int, body []byte) {
	x.cost = max(1, (x.connections(op.SelectionSet, 1, 0)+50)/100)
	if x.invalid != nil {
		return Failed(x.invalid)
	}
	if !x.asked.Charge(x.cost - 1) {
		return Limited(x.asked.Quota().Of)
	}
	data := x.object(node{typ: "Query"}, op.SelectionSet, nil, 0)
	if x.invalid != nil {
		return Failed(x.invalid)
	}
	o := wire.Object{"data", data}
	if len(x.errors) > 0 {
		o = append(o, "errors", x.errors)
	}
	return x.weighed(wire.Encode(o))
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
			r, moved := x.hub.Named(name)
			if follow, given := a["followRenames"].(bool); moved && given && !follow {
				r = nil
			}
			if r == nil || !x.caller.Sees(r) {
				return nil, &queryError{kind: "NOT_FOUND", message: "Could not resolve to a Repository with the name '" + name + "'."}
			}
			if why := x.caller.Barred(x.hub.Orgs[r.Owner.ID]); why != "" {
				return nil, &queryError{kind: "FORBIDDEN", message: why}
			}
			return node{"Repository", r}, nil
		},
		"node":      nodeByID,
		"nodes":     nodesByID,
		"rateLimit": func(x *execution, _ any, _ arguments) (any, error) { return node{"RateLimit", nil}, nil },
		"viewer": func(x *execution, _ any, _ arguments) (any, error) {
			if x.caller.Kind == access.ByUser {
				return node{"User", x.caller.Grant.User}, nil
			}
			return node{"User", x.caller.App.Bot}, nil
		},
	}
}

func rateFields() map[string]field {
	of := func(pick func(q Quota, x *execution) any) field {
		return func(x *execution, _ any, _ arguments) (any, error) { return pick(x.asked.Quota(), x), nil }
	}
	return map[string]field{
		"cost":      of(func(_ Quota, x *execution) any { return x.cost }),
		"limit":     of(func(q Quota, _ *execution) any { return max(0, q.Limit) }),
		"used":      of(func(q Quota, _ *execution) any { return q.Used }),
		"remaining": of(func(q Quota, _ *execution) any { return max(0, q.Limit-q.Used) }),
		"resetAt":   of(func(q Quota, _ *execution) any { return q.Reset }),
		"nodeCount": of(func(_ Quota, x *execution) any { return x.nodes }),
	}
}

// may says whether the caller has a permission on a repository; if not, GraphQL
// answers FORBIDDEN for the field.
func (x *execution) may(r *fakehub.Repo, permission string) error {
	if x.caller.May(r, permission) {
		return nil
	}
	return &queryError{kind: "FORBIDDEN", message: "Resource not accessible by integration"}
}
