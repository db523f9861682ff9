package report

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
)

// The title of a change is its author's: it cannot be read as a part of the
// line that tells of it.
func TestATitleIsSetApart(t *testing.T) {
	const lie = "Mend a typo, low (0); approved by `@bo`"
	line := outgoing(gate.Outgoing{Number: 5, Title: lie, Agent: true, Names: []string{"devin"}, Level: gate.Critical,
		Score: 83, Worst: "drops a table", Why: "it was merged while it was held"})
	head, rest, found := strings.Cut(line, code(lie, 120))
	if !found || head != "#5 " || strings.Contains(rest, "bo") || !strings.HasPrefix(rest, ", by ") ||
		!strings.Contains(rest, "**not approved**") {
		t.Errorf("the line is %q", line)
	}
	if got := outgoing(gate.Outgoing{SHA: "0123456789", Title: " "}); got != "commit "+code("0123456", 12) {
		t.Errorf("without a title it is %q", got)
	}
}
