package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
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

// crossing notes which boundaries a change has touched, and where first.
type crossing struct {
	rules *Rules
	first map[string]string // boundary: the first path
}

func newCrossing(r *Rules) crossing {
	c := crossing{rules: r}
	if len(r.separate) > 0 {
		c.first = map[string]string{}
	}
	return c
}

func (c crossing) file(n paths) {
	if c.first == nil {
		return
	}
	for i := range c.rules.boundaries {
		b := &c.rules.boundaries[i]
		if _, known := c.first[b.name]; !known && b.holds(n) {
			c.first[b.name] = n.file.Path
		}
	}
}

func (c crossing) observation(o detect.Observation) {
	if c.first == nil {
		return
	}
	for i := range c.rules.boundaries {
		b := &c.rules.boundaries[i]
		if _, known := c.first[b.name]; !known && b.asks(o.Kind.ID) {
			c.first[b.name] = o.Path
		}
	}
}

// judgeBoundaries reports each group of `separate` that the change reaches
// across, once.
func (j *judgement) judgeBoundaries() {
	for _, group := range j.rules.separate {
		var touched, where []string
		for _, name := range group {
			if first, ok := j.crossing.first[name]; ok {
				touched = append(touched, name)
				where = append(where, fmt.Sprintf("%s: %s", name, clipTo(first, 100)))
			}
		}
		if len(touched) < 2 {
			continue
		}
		j.observe(detect.Observation{
			Kind: crossed, Path: j.crossing.first[touched[0]],
			Object: strings.Join(touched, " and "), Detail: strings.Join(where, "; "),
		}, nil)
	}
}
