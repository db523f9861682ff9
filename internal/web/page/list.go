package page

import (
	"maps"
	"slices"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/markup"
)

// Filter narrows a list by what a reader asks for; empty: all.
type Filter struct {
	Repository string // "owner/name"
	Standing   string
}

// Of reports whether a repository is asked for.
func (f Filter) Of(repo gate.Repo) bool {
	return f.Repository == "" || strings.EqualFold(f.Repository, repo.FullName())
}

// As reports whether what stands so is asked for.
func (f Filter) As(standing string) bool { return f.Standing == "" || f.Standing == standing }

// narrows reports whether something may be left out.
func (f Filter) narrows() bool { return f != Filter{} }

// form asks for another repository.
func (f Filter) form() g.Node {
	return h.Form(h.Class("filter small"), h.Method("get"),
		h.Label(g.Text("Repository "),
			h.Input(h.Name("repository"), h.Value(f.Repository), h.Placeholder("owner/name"), h.MaxLength("200"))),
		g.If(f.Standing != "", h.Input(h.Type("hidden"), h.Name("standing"), h.Value(f.Standing))),
		g.Text(" "), h.Button(g.Text("Show")),
		g.If(f.narrows(), g.Group{g.Text(" "), h.A(markup.Href(markup.Here()), g.Text("Show all"))}),
	)
}

// tally says how many a list shows, how many stand in each way, and when.
func (f Filter) tally(n int, standings g.Node, now time.Time, rest ...g.Node) g.Node {
	all := " in all"
	if f.narrows() {
		all = " shown"
	}
	return h.P(h.Class("soft"), g.Textf("%d%s", n, all), standings, g.Textf(". As of %s. ", when(now)), g.Group(rest))
}

// empty is in the place of a list that has nothing.
func (f Filter) empty(why string) g.Node {
	if f.narrows() {
		why = "None of these."
	}
	return h.P(g.Text(why))
}

// standings link to those of a list that stand in one way. draw gives the colour and
// the words of one.
func standings[S ~string](counts map[S]int, f Filter, draw func(S) (class, words string)) g.Node {
	var out g.Group
	for _, standing := range slices.Sorted(maps.Keys(counts)) {
		class, words := draw(standing)
		out = append(out, g.Text(" · "), h.A(
			g.If(class != "", h.Class(class)),
			markup.Href(markup.Here("repository", f.Repository, "standing", string(standing))),
			g.Textf("%d %s", counts[standing], words),
		))
	}
	return out
}
