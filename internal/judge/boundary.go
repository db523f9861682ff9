package judge

import (
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/judged"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/words"
)

// crossing notes which boundaries a change has touched, and where first.
type crossing struct {
	rules *policy.Rules
	first map[string]string // boundary: the first path
}

func newCrossing(r *policy.Rules) crossing {
	c := crossing{rules: r}
	if len(r.Separate) > 0 {
		c.first = map[string]string{}
	}
	return c
}

func (c crossing) file(n policy.Paths) {
	if c.first == nil {
		return
	}
	for i := range c.rules.Boundaries {
		b := &c.rules.Boundaries[i]
		if _, known := c.first[b.Name]; !known && b.Holds(n) {
			c.first[b.Name] = n.File.Path
		}
	}
}

func (c crossing) observation(o detect.Observation) {
	if c.first == nil {
		return
	}
	for i := range c.rules.Boundaries {
		b := &c.rules.Boundaries[i]
		if _, known := c.first[b.Name]; !known && b.Asks(o.Kind.ID) {
			c.first[b.Name] = o.Path
		}
	}
}

// judgeBoundaries reports each group of `separate` that the change reaches
// across, once.
func (j *judgement) judgeBoundaries() {
	if len(j.crossing.first) > 0 { // what is left out is no crossing by itself: it was released in parts
		for name, path := range j.beside {
			if _, known := j.crossing.first[name]; !known {
				j.crossing.first[name] = path
			}
		}
	}
	for _, group := range j.rules.Separate {
		var touched, where []string
		for _, name := range group {
			if first, ok := j.crossing.first[name]; ok {
				touched = append(touched, name)
				where = append(where, fmt.Sprintf("%s: %s", name, words.ClipTo(first, 100)))
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
