package report

import (
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// Need puts a need into words: "1 approval from @acme/sre by passkey".
func Need(n *gate.Need) string {
	if n == nil {
		return "nothing"
	}
	switch {
	case len(n.All) > 0:
		return sayGroup(n.All, " and ")
	case len(n.Any) > 0:
		return sayGroup(n.Any, " or ")
	}
	var b strings.Builder
	b.WriteString(words.Plural(n.Approvals, "approval"))
	if len(n.From) > 0 {
		b.WriteString(" from " + words.List(n.From, "or"))
	}
	if len(n.Via) > 0 {
		b.WriteString(" by " + words.List(n.Via, "or"))
	}
	if n.Reason {
		b.WriteString(" with a reason")
	}
	if n.Expires != "" {
		b.WriteString(", valid for " + ShortDuration(n.Expires))
	}
	return b.String()
}

func sayGroup(group []gate.Need, word string) string {
	said := make([]string, len(group))
	for i := range group {
		said[i] = Need(&group[i])
		if len(group[i].All)+len(group[i].Any) > 0 {
			said[i] = "(" + said[i] + ")"
		}
	}
	return strings.Join(said, word)
}

// ShortDuration writes 24h0m0s as 24h.
func ShortDuration(s string) string {
	if minutes, ok := strings.CutSuffix(s, "m0s"); ok {
		s = minutes + "m"
	}
	if hours, ok := strings.CutSuffix(s, "h0m"); ok {
		s = hours + "h"
	}
	return s
}
