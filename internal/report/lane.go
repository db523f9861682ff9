package report

import (
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// nowhere is the end of the title of a check that nothing requires.
const nowhere = " - no lane, counts nowhere"

// lane says of the check of branches that are no lane what it is worth.
func (p *page) lane(in Input, base string) {
	if in.Name != gate.NoLane.Check() {
		return
	}
	p.line("**Counts nowhere.** %s is neither the default branch nor a protected one, so nothing requires this check, and what it says "+
		"is worth nothing for any other branch. The rules of the default branch were applied. To have the branch held, name it under "+
		"`branches` in the rules of the default branch and run `gatehold require`.\n", baseText(base))
}

func baseText(base string) string {
	if base == "" {
		return "The base branch"
	}
	return "The branch " + code(base, 120)
}

// takenBack is a check that was green and may be so no more: no gate of its lane
// has the commit as its head, and what it said was said for another branch than
// it could be read for.
func takenBack(in Input, check Check) Check {
	check.Title = "Held: nothing that is open in this lane has this commit"
	var was []string
	for _, base := range in.Left[:min(len(in.Left), 10)] {
		was = append(was, code(base, 120))
	}
	said := "What this check said of the commit was said for another branch, and is worth nothing here."
	if len(was) > 0 {
		said = "What this check said of the commit was said for " + words.List(was, "and") + ", and is worth nothing for any other branch."
	}
	check.Summary = "**" + check.Title + ".** " + strings.TrimSpace(said) +
		" A pull request with this commit is judged when it is opened.\n"
	return check
}
