package policy

import (
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/judged"
)

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
			Kind: judged.Crossed, Path: j.crossing.first[touched[0]],
			Object: strings.Join(touched, " and "), Detail: strings.Join(where, "; "),
		}, nil)
	}
}
