package page

import (
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// ago is how long before or after now something is, with the exact time for whoever
// points at it, and on paper.
func ago(t, now time.Time) g.Node {
	if t.IsZero() {
		return g.Text("at a time that is not known")
	}
	return h.Time(h.DateTime(t.UTC().Format(time.RFC3339)), h.Title(when(t)), g.Text(relative(t, now)))
}

func relative(t, now time.Time) string {
	d := now.Sub(t)
	if d < 0 {
		return "in " + span(-d)
	}
	if d < 10*time.Second {
		return "just now"
	}
	return span(d) + " ago"
}

// span is a length of time, as exactly as it matters.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Second:
		return "less than a second"
	case d < time.Minute:
		return words.Plural(int(d/time.Second), "second")
	case d < time.Hour:
		return words.Plural(int(d/time.Minute), "minute")
	case d < day:
		return words.Plural(int(d/time.Hour), "hour")
	case d < 60*day:
		return words.Plural(int(d/day), "day")
	case d < 730*day:
		return words.Plural(int(d/(30*day)), "month")
	}
	return words.Plural(int(d/(365*day)), "year")
}

// said is who said something, and how.
func said(c gate.Choice, now time.Time) g.Node {
	return g.Group{person(c.By.Login), how(c.At, now, c.Via, c.Reason)}
}

// how is when and by which channel something was said, and the reason given.
func how(at, now time.Time, via, reason string) g.Node {
	return g.Group{
		g.Text(" "), ago(at, now), g.Text(" by "), text(via),
		g.If(reason != "", g.Group{g.Text(": "), h.Q(h.Class("outside"), text(reason))}),
	}
}
