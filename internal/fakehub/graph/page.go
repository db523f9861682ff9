package graph

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// page is a connection: some of total records.
type page struct {
	typ      string // of the connection: "LabelConnection"
	total    int
	from, to int
	get      func(i int) node
}

// paginate applies first, last, after and before as GitHub does: one of first
// and last is needed, and neither may pass 100.
func paginate(a arguments, name, typ string, total int, get func(i int) node) (any, error) {
	first, hasFirst := a["first"]
	last, hasLast := a["last"]
	hasFirst, hasLast = hasFirst && first != nil, hasLast && last != nil
	if !hasFirst && !hasLast {
		return nil, &queryError{kind: "MISSING_PAGINATION_BOUNDARIES",
			message: "You must provide a `first` or `last` value to properly paginate the `" + name + "` connection."}
	}
	for limit, v := range map[string]any{"first": first, "last": last} {
		n := toInt(v)
		if n > maxPage {
			return nil, &queryError{kind: "EXCESSIVE_PAGINATION",
				message: fmt.Sprintf("Requesting %d records on the `%s` connection exceeds the `%s` limit of %d records.", n,
					name, limit, maxPage)}
		}
		if n < 0 {
			return nil,
				&queryError{kind: "INVALID_PAGINATION",
					message: fmt.Sprintf("`%s` on the `%s` connection cannot be less than zero.", limit, name)}
		}
	}
	p := &page{typ: typ, total: total, to: total, get: get}
	if c := a.text("after"); c != "" {
		p.from = min(cursorIndex(c)+1, total)
	}
	if c := a.text("before"); c != "" {
		p.to = max(p.from, min(cursorIndex(c), total))
	}
	if hasFirst {
		p.to = min(p.to, p.from+toInt(first))
	}
	if hasLast {
		p.from = max(p.from, p.to-toInt(last))
	}
	return p, nil
}

func cursor(i int) string {
	return base64.StdEncoding.EncodeToString([]byte("cursor:v2:" + strconv.Itoa(i)))
}

func cursorIndex(c string) int {
	text, err := base64.StdEncoding.DecodeString(c)
	if err != nil {
		return -1
	}
	i, err := strconv.Atoi(strings.TrimPrefix(string(text), "cursor:v2:"))
	if err != nil || i < 0 {
		return -1
	}
	return i
}

// page answers a selection set on a connection.
func (x *execution) page(p *page, set ast.SelectionSet, path wire.List, depth int) any {
	var out wire.Object
	for _, k := range x.collect(p.typ, set, nil, map[string]*picked{}, 0) {
		at := append(path[:len(path):len(path)], k.key)
		switch name := k.fields[0].Name; name {
		case "__typename":
			out = append(out, k.key, p.typ)
		case "totalCount":
			out = append(out, k.key, p.total)
		case "pageInfo":
			out = append(out, k.key, x.value(node{"PageInfo", p}, k, at, depth))
		case "nodes":
			nodes := make([]node, 0, p.to-p.from)
			for i := p.from; i < p.to; i++ {
				nodes = append(nodes, p.get(i))
			}
			out = append(out, k.key, x.value(nodes, k, at, depth))
		case "edges":
			out = append(out, k.key, x.edges(p, k, at, depth))
		default:
			x.hub.Journal.Violate(fmt.Sprintf("fakehub does not resolve %s.%s in GraphQL", p.typ, name))
			x.refuse(fmt.Sprintf("Field '%s' doesn't exist on type '%s'", name, p.typ), "undefinedField")
		}
	}
	return out
}

func (x *execution) edges(p *page, k *picked, path wire.List, depth int) any {
	var set ast.SelectionSet
	for _, f := range k.fields {
		set = append(set, f.SelectionSet...)
	}
	edges := wire.List{}
	for i := p.from; i < p.to; i++ {
		var edge wire.Object
		for _, e := range x.collect(p.typ, set, nil, map[string]*picked{}, 0) {
			switch e.fields[0].Name {
			case "cursor":
				edge = append(edge, e.key, cursor(i))
			case "node":
				edge = append(edge, e.key, x.value(p.get(i), e, append(path[:len(path):len(path)], i-p.from, e.key), depth))
			default:
				x.refuse(fmt.Sprintf("Field '%s' doesn't exist on the edges of '%s'", e.fields[0].Name, p.typ), "undefinedField")
			}
		}
		edges = append(edges, edge)
	}
	return edges
}

func pageInfoFields() map[string]field {
	of := func(pick func(p *page) any) field {
		return func(_ *execution, v any, _ arguments) (any, error) { return pick(v.(*page)), nil }
	}
	end := func(p *page, i int) any {
		if p.from == p.to {
			return nil
		}
		return cursor(i)
	}
	return map[string]field{
		"hasNextPage":     of(func(p *page) any { return p.to < p.total }),
		"hasPreviousPage": of(func(p *page) any { return p.from > 0 }),
		"startCursor":     of(func(p *page) any { return end(p, p.from) }),
		"endCursor":       of(func(p *page) any { return end(p, p.to-1) }),
	}
}
