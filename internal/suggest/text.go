package suggest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/words"
)

const day = "2006-01-02"

// Print is the report for people. With the difference it ends with it, where
// `git apply` and `patch` find it.
func (r *Report) Print(difference bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Of %s, from %s to %s: %s.\n", visible(r.Whose), r.From.Format(day), r.Until.Format(day), r.Figures.sentence())
	if !r.Reaches.IsZero() && r.Reaches.After(r.From) {
		fmt.Fprintf(&b, "The ledger begins on %s.\n", r.Reaches.Format(day))
	}
	r.printRules(&b)
	r.printProposals(&b)
	if len(r.Left) > 0 {
		b.WriteString("\nWithout a proposal\n")
		for _, l := range r.Left {
			name := l.Rule
			if l.Agent != "" {
				name += " for " + l.Agent
			}
			fmt.Fprintf(&b, "  %s: %s\n", visible(name), visible(l.Why))
		}
	}
	if len(r.Brings) > 0 {
		b.WriteString("\nWhat the change brings\n")
		for _, s := range r.Brings {
			fmt.Fprintf(&b, "  %s\n", s)
		}
	}
	if difference && r.Diff != "" {
		b.WriteString("\n" + r.Diff)
	}
	return b.String()
}

func (f Figures) sentence() string {
	if f.Found == 0 {
		return "no change is on record"
	}
	parts := []string{words.Plural(f.Found, "change")}
	for _, p := range []struct {
		n    int
		what string
	}{
		{f.Held, "held"}, {f.WouldHold, "only watched that would have been held"}, {f.Clean, "released and merged cleanly"},
		{f.Denied, "denied"},
		{f.Overridden, "overridden"}, {f.Reverted, "taken back"}, {f.Unreleased, "merged unreleased"}, {f.Open, "open"},
	} {
		if p.n > 0 {
			parts = append(parts, strconv.Itoa(p.n)+" "+p.what)
		}
	}
	return strings.Join(parts, ", ")
}

// columns are the figures that are shown of each rule.
func (f Figures) columns() string {
	return fmt.Sprintf("%6d %6d %10d %6d %7d %10d %9d", f.Found, f.Held, f.WouldHold, f.Clean, f.Denied, f.Overridden, f.Reverted)
}

func (r *Report) printRules(b *strings.Builder) {
	if len(r.Rules) == 0 {
		return
	}
	width := len("rule")
	for _, f := range r.Rules {
		width = max(width, len(f.Rule))
	}
	width = min(width+2, 48)
	fmt.Fprintf(b, "\n%-*s  found   held would hold  clean  denied overridden  reverted\n", width, "rule")
	for _, f := range r.Rules {
		fmt.Fprintf(b, "%-*s %s\n", width, visible(f.Rule), f.Figures.columns())
		for _, parts := range []map[string]Figures{f.Agents, f.Repositories} {
			if len(parts) < 2 {
				continue
			}
			for _, name := range slices.Sorted(maps.Keys(parts)) {
				fmt.Fprintf(b, "%-*s %s\n", width, "  "+visible(name), parts[name].columns())
			}
		}
	}
}

func (r *Report) printProposals(b *strings.Builder) {
	if len(r.Proposals) == 0 {
		b.WriteString("\nNothing is proposed.\n")
		return
	}
	b.WriteString("\nProposed\n")
	for _, p := range r.Proposals {
		name := p.Rule
		if name == "" {
			name = "the file"
		}
		if p.Agent != "" {
			name += " for " + p.Agent
		}
		fmt.Fprintf(b, "  %-7s %s: `%s`\n          %s\n", p.Kind, visible(name), visible(p.Setting), visible(p.Why))
	}
}

// visible replaces what shows nothing or steers a terminal.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r != ' ' && !strconv.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}
