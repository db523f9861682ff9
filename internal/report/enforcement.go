package report

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
)

// unenforced is the end of a title: what is held can be merged all the same.
func (g shown) unenforced(in Input) string {
	if in.Name == gate.NoLane.Check() {
		return nowhere
	}
	if g.state >= passing || g.lax() || g.Enforcement == nil || g.Enforcement.Enforced || g.Enforcement.Unknown != "" {
		return ""
	}
	return " - not enforced"
}

// lax holds for a gate that holds nothing by its rules' own wish.
func (g shown) lax() bool { return g.Verdict != nil && g.Verdict.Mode == "observe" }

// enforcement says, before all else, on which branches GitHub does not wait for
// this check, and on which nobody knows.
func (p *page) enforcement(gates []shown, in Input) {
	if in.Name == gate.NoLane.Check() {
		return // it is required nowhere, which is said otherwise
	}
	var told []string
	for _, g := range gates[:min(len(gates), maxGates)] {
		e := g.Enforcement
		if e == nil || e.Enforced && e.Unknown == "" || g.lax() || slices.Contains(told, e.Branch) {
			continue
		}
		told = append(told, e.Branch)
		if e.Unknown != "" {
			p.line("**Enforced or not: unknown.** Whether the branch %s requires this check is not known: %s\n",
				code(e.Branch, 120), prose(e.Unknown, 400))
			continue
		}
		missing := prose(strings.Join(e.Missing, " "), 600)
		if missing == "" {
			missing = "It does not require this check."
		}
		p.line("**Not enforced** on the branch %s: what this check holds can be merged. %s\n", code(e.Branch, 120), missing)
	}
}
