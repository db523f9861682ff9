package policy

import (
	"slices"
	"strings"
)

// activeBoundary is a boundary as all files together describe it.
type activeBoundary struct {
	name  string
	parts []Boundary
	sets  []int // of the parts' paths, in the index
}

func (b *activeBoundary) holds(n paths) bool {
	return slices.ContainsFunc(b.sets, n.in)
}

func (b *activeBoundary) asks(kind string) bool {
	return slices.ContainsFunc(b.parts, func(p Boundary) bool { return p.Detect.match(kind) })
}

// environments are those that belong to the boundary, in lower case.
func (b *activeBoundary) environments() []string {
	var out []string
	for _, p := range b.parts {
		for _, e := range p.Environments {
			out = append(out, strings.ToLower(e))
		}
	}
	return out
}

func (r *Rules) boundaryAsks(kind string) bool {
	return slices.ContainsFunc(r.boundaries, func(b activeBoundary) bool { return b.asks(kind) })
}
