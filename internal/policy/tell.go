package policy

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/words"
)

// mergeTell joins who is told by both files: a repository can have more people told,
// and nobody left out. It decides nothing, and is no part of the digest.
func (c *compiler) mergeTell() {
	for _, f := range c.files {
		for _, t := range f.Tell {
			same := func(o gate.Telling) bool { return asText(o) == asText(t) }
			if !slices.ContainsFunc(c.rules.tell, same) {
				c.rules.tell = append(c.rules.tell, t)
				c.set("tell", tellText(t), f.Name)
			}
		}
	}
}

// Tell is who is told of what waits and what comes of it; nothing where no file says.
func (r *Rules) Tell() []gate.Telling { return slices.Clone(r.tell) }

// tellText is one entry in words.
func tellText(t gate.Telling) string {
	text := words.List(t.To, "and") + " when " + words.List(t.When, "or")
	if t.After != "" {
		text += " for longer than " + report.ShortDuration(t.After)
	}
	if t.Lines {
		text += ", with the lines"
	}
	if t.Level != "" {
		text += ", from " + string(t.Level) + " on"
	}
	return text
}

// tell says who is told more, and who less.
func (d *differ) tell(from, to *Rules) {
	texts := func(r *Rules) (out []string) {
		for _, t := range r.tell {
			out = append(out, tellText(t))
		}
		return out
	}
	if more := missingOf(texts(to), texts(from)); len(more) > 0 {
		d.say("Tells %s.", strings.Join(more, "; "))
	}
	if less := missingOf(texts(from), texts(to)); len(less) > 0 {
		d.say("No longer tells %s.", strings.Join(less, "; "))
	}
}
