package report

import (
	"strconv"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// Missing is what a held gate still needs, in words: "1 of @acme/sre, by passkey,
// before 17:40 UTC". It is empty where nothing is missing, or nobody could give it.
func Missing(s gate.State, now time.Time) string {
	v := s.Verdict
	if s.Standing(now) != gate.IsHeld || s.Denied() != nil || v == nil || !v.Held || v.Needs == nil {
		return ""
	}
	progress := v.Needs.Progress(s.Choices, now)
	var still []string
	for _, slot := range progress.Slots {
		if slot.Missing == 0 {
			continue
		}
		from := "who can write"
		if len(slot.Need.From) > 0 {
			from = words.List(names(slot.Need.From, plainName), "or")
		}
		text := strconv.Itoa(slot.Missing) + " of " + from
		if len(slot.Need.Via) > 0 {
			text += ", by " + words.List(names(slot.Need.Via, plainName), "or")
		}
		still = append(still, text)
	}
	out := words.List(still, "and")
	if out != "" && s.Subject.Kind == gate.Deployment {
		out += ", before " + stamp(s.Deadline())
	}
	return visible(out, 400)
}
