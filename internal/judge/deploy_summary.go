package judge

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

// maxWorst bounds how many parts a summary names.
const maxWorst = 3

// Worst is the riskiest finding of a verdict as a clause: "drops a column". It
// is empty where nothing that counts was found.
func Worst(v *gate.Verdict) string {
	i := slices.IndexFunc(v.Findings, func(f gate.Finding) bool { return !f.Observe })
	if i < 0 {
		return ""
	}
	f := v.Findings[i]
	if f.Observation != nil {
		for _, k := range catalog.Shipped().Kinds {
			if k.ID == *f.Observation {
				return k.Title
			}
		}
	}
	return "falls under the rule " + redact.Quote(words.Clip(f.Rule))
}

// summary is one line of facts: how much goes out, whose it is, the worst of
// it. "12 changes since the deploy of Tuesday 17 November; 3 by agents; 1 drops
// a column (#412, approved by @ana); 2 of low risk". It says nothing of now.
func (g *departing) summary(v *gate.Verdict, d *Deployment) string {
	said := []string{g.howMuch(d)}
	var agents []*part
	for i := range g.parts {
		if g.parts[i].Agent {
			agents = append(agents, &g.parts[i])
		}
	}
	switch {
	case len(agents) > 0:
		said = append(said, fmt.Sprintf("%d by agents", len(agents)))
	case len(g.parts) > 0:
		said = append(said, "none by agents")
	}
	said = append(said, sayParts(agents)...)
	if g.starter.Is {
		said = append(said, "started by "+sayNames(g.starter))
	}
	if top := Worst(v); top != "" && !slices.ContainsFunc(agents, func(p *part) bool { return p.Worst != "" }) {
		said = append(said, "the worst of it: "+words.ClipTo(strings.TrimSuffix(v.Findings[firstCounting(v)].Message, "."), 160))
	}
	return strings.Join(said, "; ")
}

func firstCounting(v *gate.Verdict) int {
	return max(0, slices.IndexFunc(v.Findings, func(f gate.Finding) bool { return !f.Observe }))
}

func sayNames(a gate.Attribution) string {
	if len(a.Names) == 0 {
		return "an agent"
	}
	return redact.Quote(words.Clip(words.List(a.Names, "and")))
}

// howMuch counts what goes out, and says since when.
func (g *departing) howMuch(d *Deployment) string {
	out := &d.Outgoing
	n := words.Plural(len(g.parts), "change")
	since := ""
	switch {
	case !d.BaseAt.IsZero():
		since = "the deploy of " + sayDay(d.BaseAt, d.Run.CreatedAt)
	case out.Change.Base != "":
		since = words.Short(out.Change.Base)
	}
	if d.Going {
		since += ", whose deployment is under way"
	}
	switch {
	case len(g.parts) == 0 && d.Environment == "" && out.Change.Base == "":
		return "a run of " + redact.Quote(words.Clip(path.Base(d.Run.Workflow)))
	case out.Unrelated != "":
		return n + ", and they do not follow from what runs there"
	case out.Change.Base != "" && out.Change.Base == g.change.Head:
		return "the commit that runs there already"
	case out.Backwards && since != "":
		return fmt.Sprintf("goes back by %s from %s", n, since)
	case since != "":
		return n + " since " + since
	case d.Environment != "":
		return n + ", the first to reach " + redact.Quote(words.Clip(d.Environment))
	}
	return n
}

// sayDay leaves the year out where it is that of what is told about.
func sayDay(t, told time.Time) string {
	t = t.UTC()
	if told.IsZero() || told.UTC().Year() != t.Year() {
		return t.Format("Monday 2 January 2006")
	}
	return t.Format("Monday 2 January")
}

// sayParts names the gravest parts, each with its worst finding, and counts the
// others by level.
func sayParts(agents []*part) []string {
	sorted := slices.Clone(agents)
	slices.SortStableFunc(sorted, func(a, b *part) int {
		if c := b.Level.Rank() - a.Level.Rank(); c != 0 {
			return c
		}
		return b.Score - a.Score
	})
	var out []string
	counts := map[gate.Level]int{}
	unjudged, named := 0, 0
	for _, p := range sorted {
		switch {
		case !p.known:
			unjudged++
		case p.Worst != "" && p.Level.Rank() > gate.Low.Rank() && named < maxWorst:
			named++
			out = append(out, fmt.Sprintf("1 %s (%s)", redact.Quote(words.ClipTo(p.Worst, 120)), sayApproval(p)))
		default:
			counts[p.Level]++
		}
	}
	for i := len(rulesfile.AllLevels) - 1; i >= 0; i-- {
		if n := counts[rulesfile.AllLevels[i]]; n > 0 {
			out = append(out, fmt.Sprintf("%d of %s risk", n, rulesfile.AllLevels[i]))
		}
	}
	if unjudged > 0 {
		out = append(out, fmt.Sprintf("%d never judged", unjudged))
	}
	return out
}

func sayApproval(p *part) string {
	ref := fmt.Sprintf("#%d", p.Number)
	switch {
	case !p.Valid:
		return ref + ", not approved as it was merged"
	case len(p.ApprovedBy) > 0:
		who := make([]string, 0, 3)
		for _, by := range p.ApprovedBy[:min(len(p.ApprovedBy), 3)] {
			who = append(who, "@"+strings.TrimPrefix(redact.Quote(words.Clip(by)), "@"))
		}
		return ref + ", approved by " + words.List(who, "and")
	}
	return ref
}
