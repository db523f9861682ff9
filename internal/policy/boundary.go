package policy

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/rulesfile"
)

// activeBoundary is a boundary as all files together describe it.
type activeBoundary struct {
	Name  string
	parts []rulesfile.Boundary
	sets  []int // of the parts' paths, in the index
}

func (b *activeBoundary) Holds(n Paths) bool {
	return slices.ContainsFunc(b.sets, n.in)
}

func (b *activeBoundary) Asks(kind string) bool {
	return slices.ContainsFunc(b.parts, func(p rulesfile.Boundary) bool { return p.Detect.Match(kind) })
}

// Environments are those that belong to the boundary, in lower case.
func (b *activeBoundary) Environments() []string {
	var out []string
	for _, p := range b.parts {
		for _, e := range p.Environments {
			out = append(out, strings.ToLower(e))
		}
	}
	return out
}

func (r *Rules) boundaryAsks(kind string) bool {
	return slices.ContainsFunc(r.Boundaries, func(b activeBoundary) bool { return b.Asks(kind) })
}
