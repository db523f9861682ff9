package report

import (
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// Need puts a need into words, with all that it asks for: "1 approval from @acme/sre
// by passkey with a reason, valid for 24h".
func Need(n *gate.Need) string {
	if n == nil {
		return "nothing"
	}
	return needWords{}.of(*n, 0)
}

// needText says what releases a gate, each name as a place shows it, and no more of
// a long list, or of a deep one, than people read.
func needText(n gate.Need, name func(string) string) string { return needWords{name: name}.of(n, 0) }

// maxNeed bounds how deep a need is told where it is told in short: rules nest as
// they like.
const maxNeed = 4

// needWords is how a need is told.
type needWords struct {
	name func(string) string // nil: the need is told whole, with its names as they are
}

func (w needWords) of(n gate.Need, depth int) string {
	switch {
	case w.name != nil && depth > maxNeed:
		return "further approvals"
	case len(n.All) > 0:
		return w.parts(n.All, "and", depth)
	case len(n.Any) > 0:
		return w.parts(n.Any, "or", depth)
	}
	text := words.Plural(n.Approvals, "approval")
	if len(n.From) > 0 {
		text += " from " + words.List(w.names(n.From), "or")
	}
	if len(n.Via) > 0 {
		text += " by " + words.List(w.names(n.Via), "or")
	}
	if w.name == nil && n.Reason {
		text += " with a reason"
	}
	if w.name == nil && n.Expires != "" {
		text += ", valid for " + ShortDuration(n.Expires)
	}
	return text
}

func (w needWords) parts(parts []gate.Need, word string, depth int) string {
	if w.name != nil {
		parts = parts[:min(len(parts), maxNames)]
	}
	texts := make([]string, 0, len(parts))
	for _, part := range parts {
		text := w.of(part, depth+1)
		if len(part.All)+len(part.Any) > 0 {
			text = "(" + text + ")"
		}
		texts = append(texts, text)
	}
	if w.name == nil { // cases of rules files hold it so
		return strings.Join(texts, " "+word+" ")
	}
	return words.List(texts, word)
}

func (w needWords) names(in []string) []string {
	if w.name == nil {
		return in
	}
	return names(in, w.name)
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
