package page

import (
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/gate"
)

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
