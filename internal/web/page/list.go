package page

import (
	"maps"
	"slices"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/markup"
)

// Filter narrows a list by what a reader asks for; empty: all.
type Filter struct {
	Repository string // "owner/name"
	Standing   string

	// Of lists of gates.
	Set         string // as an address has it; empty: those that are open
	Environment string
	Agent       string
	Level       string
	Text        string
	Older       string // a Go duration
	After       string // where the page before ended
}

// Of reports whether a repository is asked for.
func (f Filter) Of(repo gate.Repo) bool {
	return f.Repository == "" || strings.EqualFold(f.Repository, repo.FullName())
}

// As reports whether what stands so is asked for.
func (f Filter) As(standing string) bool { return f.Standing == "" || f.Standing == standing }

// Query is what the board is asked.
func (f Filter) Query() board.Query {
	older, err := time.ParseDuration(f.Older)
	if err != nil {
		older = 0
	}
	return board.Query{Set: setOf(f.Set), Repository: f.Repository, Environment: f.Environment, Agent: f.Agent, Level: gate.Level(f.Level),
		Standing: gate.Standing(f.Standing), Text: f.Text, Older: older, After: f.After}
}

// narrows reports whether something may be left out.
func (f Filter) narrows() bool {
	f.After, f.Set = "", ""
	return f != Filter{}
}

// pairs are the query of a page's address, what is empty left out.
func (f Filter) pairs() []string {
	var out []string
	for _, p := range [][2]string{{"set", f.Set}, {"repository", f.Repository}, {"standing", f.Standing}, {"environment", f.Environment},
		{"agent", f.Agent}, {"level", f.Level}, {"q", f.Text}, {"older", f.Older}, {"after", f.After}} {
		if p[1] != "" {
			out = append(out, p[0], p[1])
		}
	}
	return out
}

// Here is the address of this list on this page.
func (f Filter) Here() markup.Address { return markup.Here(f.pairs()...) }

// setOf is what an address means; those that are open where it says nothing known.
func setOf(word string) board.Set {
	switch word {
	case "all":
		return board.AllGates
	case string(board.DecidedGates), string(board.ToReview):
		return board.Set(word)
	}
	return board.OpenGates
}

// sets leads to the other lists of gates.
func (f Filter) sets() g.Node {
	return h.Nav(h.Class("sets"), h.Aria("label", "Which gates"), g.Map(sets, func(s gateSet) g.Node {
		to := f
		to.Set, to.Standing, to.After = s.set, "", ""
		return h.A(markup.Href(to.Here()), g.If(s.set == f.Set, h.Aria("current", "page")), g.Text(s.title))
	}))
}

// form asks for less. gates says that it is of a list of gates.
func (f Filter) form(gates bool) g.Node {
	field := func(name, words, value, hint string) g.Node {
		return h.Label(g.Text(words), h.Input(h.Name(name), h.Value(value), h.Placeholder(hint), h.MaxLength("200")))
	}
	return h.Form(h.Class("filter small"), h.Method("get"),
		g.If(gates, h.Label(g.Text("Search"), h.Input(h.Type("search"), h.Name("q"), h.Value(f.Text),
			h.Placeholder("table, rule, commit, person"), h.MaxLength("200"), h.ID("search")))),
		field("repository", "Repository", f.Repository, "owner/name"),
		g.Iff(gates, func() g.Node {
			return g.Group{
				field("environment", "Environment", f.Environment, "production"),
				field("agent", "Agent", f.Agent, "devin"),
				choice("level", "Level", f.Level, levels),
				choice("older", "Unchanged for", f.Older, ages),
				g.If(f.Set != "", h.Input(h.Type("hidden"), h.Name("set"), h.Value(f.Set))),
			}
		}),
		g.If(f.Standing != "", h.Input(h.Type("hidden"), h.Name("standing"), h.Value(f.Standing))),
		h.Button(g.Text("Show")),
		g.If(f.narrows(), h.A(markup.Href(Filter{Set: f.Set}.Here()), g.Text("Show all"))),
	)
}

type option struct{ value, words string }

var (
	levels = []option{{"", "any"}, {"low", "low"}, {"medium", "medium"}, {"high", "high"}, {"critical", "critical"}}
	ages   = []option{{"", "any time"}, {"1h", "an hour"}, {"24h", "a day"}, {"168h", "a week"}}
)

func choice(name, words, value string, options []option) g.Node {
	return h.Label(g.Text(words), h.Select(h.Name(name), g.Map(options, func(o option) g.Node {
		return h.Option(h.Value(o.value), g.If(o.value == value, h.Selected()), g.Text(o.words))
	})))
}

// more leads on in a list.
func (f Filter) more(next string) g.Node {
	if next == "" && f.After == "" {
		return nil
	}
	first, on := f, f
	first.After, on.After = "", next
	return h.P(h.Class("more"),
		g.If(f.After != "", h.A(markup.Href(first.Here()), g.Text("To the beginning"))),
		g.If(f.After != "" && next != "", g.Text(" · ")),
		g.If(next != "", h.A(h.Rel("next"), markup.Href(on.Here()), g.Text("Older ones"))),
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
		to := f
		to.Standing, to.After = string(standing), ""
		out = append(out, g.Text(" · "), h.A(
			g.If(class != "", h.Class(class)), markup.Href(to.Here()), g.Textf("%d %s", counts[standing], words),
		))
	}
	return out
}
