package report

import (
	"fmt"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// maxBrought bounds the pull requests that are named where one brings others along.
const maxBrought = 30

// countsBecause says why a pull request counts in full where another brings it along.
var countsBecause = map[gate.FullWhy]string{
	gate.CountsUnjudged: "what it became was not judged by its gate, or was not merged by GitHub",
	gate.CountsHeld:     "it was merged while it was held",
	gate.CountsDenied:   "somebody denied it",
	gate.CountsOverride: "it was released at once, without its need met",
	gate.CountsMoreAsked: "the rules in force here ask for more than it was released by, and an approval there is worth " +
		"nothing here",
	gate.CountsMixed:    "something else has touched some of the files that it brought",
	gate.CountsUnlisted: "which files it brought is not on record",
	gate.CountsUnfinal:  "how it went in is being looked at",
}

// Brings says in sentences what of a pull request was released before, in others
// that it brings along, and what of it is new. None where it brings none.
func Brings(b *gate.Brings) []string {
	if b == nil || len(b.Pulls) == 0 {
		return nil
	}
	var released, counts []string
	for _, p := range b.Pulls {
		name := fmt.Sprintf("#%d", p.Number)
		switch why, known := countsBecause[p.Counts]; {
		case p.Counts == "" && len(released) < maxBrought:
			released = append(released, name)
		case p.Counts == "" || len(counts) == maxBrought:
		case known:
			counts = append(counts, fmt.Sprintf("%s counts in full: %s.", name, why))
		default:
			counts = append(counts, name+" counts in full.")
		}
	}
	left := len(b.Pulls) - len(released) - len(counts)
	first := fmt.Sprintf("It brings %s that went in before, and all of it is counted: %s.",
		words.Plural(len(b.Pulls), "pull request"), words.Plural(b.New, "file"))
	switch {
	case len(released) > 0:
		first = fmt.Sprintf("It brings what was released here before, in %s: %s that nothing else has touched, and that are no part "+
			"of the score. New in it: %s.", words.List(released, "and"), words.Plural(len(b.Left), "file"), words.Plural(b.New, "file"))
	case len(b.Left) > 0:
		first = fmt.Sprintf("It brings some of what was released here before: %s that nothing else has touched, and that are no part "+
			"of the score. New in it: %s.", words.Plural(len(b.Left), "file"), words.Plural(b.New, "file"))
	}
	out := append([]string{first}, counts...)
	if left > 0 {
		out = append(out, fmt.Sprintf("And %s that are not named here.", words.Plural(left, "pull request")))
	}
	return out
}

// brings is the part of a check about what a pull request brings along.
func (p *page) brings(v *gate.Verdict) {
	said := Brings(v.Brings)
	if len(said) == 0 {
		return
	}
	p.heading("What it brings along")
	for _, s := range said {
		p.line("- %s", s)
	}
}
