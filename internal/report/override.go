package report

import (
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// The buttons of a release at once.
var (
	overrideAction = Action{Label: "Break glass", Description: "Release at once, on record, for review", Identifier: string(gate.Override)}
	reviewAction   = Action{Label: "Reviewed", Description: "You looked at the release at once", Identifier: string(gate.Review)}
)

// maxOverrides bounds the releases at once that a check tells of, the newest.
const maxOverrides = 5

// unreviewed is the newest release at once that nobody else has looked at yet.
func (a Approvals) unreviewed() *gate.OverrideRecord {
	for i := len(a.Overrides) - 1; i >= 0; i-- {
		if a.Overrides[i].Review == nil {
			return &a.Overrides[i]
		}
	}
	return nil
}

// standing is the record of the override that releases the gate now.
func (a Approvals) standing() *gate.OverrideRecord {
	if a.Overridden == nil || a.Denied != nil {
		return nil
	}
	for i := range a.Overrides {
		if a.Overrides[i].Version == a.Overridden.Version {
			return &a.Overrides[i]
		}
	}
	return &gate.OverrideRecord{Choice: *a.Overridden}
}

// takesOverride reports whether the button would release the gate at once: it
// carries no reason, and a denial stands over it.
func (g shown) takesOverride() bool {
	if g.state != holding && g.state != incomplete || g.Queue != nil || g.Approvals.Denied != nil ||
		g.Deployed != nil && g.Deployed.Answered != "" {
		return false
	}
	glass := g.Verdict.BreakGlass
	return g.Verdict.Held && glass != nil && glass.Takes(gate.ViaButton) && !glass.Reason
}

// overrideTitle says who released at once, why, and whether somebody else has
// looked at it since.
func overrideTitle(o *gate.OverrideRecord) string {
	text := "Released at once by @" + visible(o.By.Login, 60) + reasonOf(&o.Choice)
	if o.Review == nil {
		return text + " - not reviewed yet"
	}
	return text + ", reviewed by @" + visible(o.Review.By.Login, 60)
}

// closedTitle is the title of a gate that is closed and was released at once.
func (g shown) closedTitle() string {
	a := g.Approvals
	if o := a.unreviewed(); o != nil {
		return overrideTitle(o)
	}
	if n := len(a.Overrides); n > 0 {
		return overrideTitle(&a.Overrides[n-1])
	}
	return "Closed: nothing is held"
}

// reminder is what a title says beside what it is about: that a release at once
// of before was not reviewed.
func (g shown) reminder() string {
	o := g.Approvals.unreviewed()
	if o == nil || g.Closed {
		return ""
	}
	if standing := g.Approvals.standing(); standing != nil && standing.Review == nil && g.state == passing {
		return "" // it is what the title is about
	}
	return fmt.Sprintf(" - released at once by @%s before, not reviewed yet", visible(o.By.Login, 60))
}

// overrides tells of every release at once, whatever became of the gate since.
func (p *page) overrides(g shown, several bool) {
	all := g.Approvals.Overrides
	if len(all) == 0 {
		return
	}
	name := ""
	if several {
		name = fmt.Sprintf(" (#%d)", g.Subject.Number)
	}
	p.heading("Released at once" + name)
	if n := len(all) - maxOverrides; n > 0 {
		p.line("- %s before these", words.Plural(n, "more release"))
	}
	for _, o := range all[max(0, len(all)-maxOverrides):] {
		if o.Review == nil {
			p.line("- **Released at once by %s. Not reviewed yet:** somebody else who may decide here has to look at it.", said(o.Choice))
			continue
		}
		p.line("- Released at once by %s. Reviewed by %s.", said(o.Choice), said(*o.Review))
	}
}

// glass says who may release at once.
func (p *page) glass(v *gate.Verdict) {
	if v.BreakGlass == nil {
		return
	}
	text := needText(*v.BreakGlass, func(s string) string { return code(s, 80) })
	_, text, _ = strings.Cut(text, " from ")
	if v.BreakGlass.Reason {
		text += ", with a reason"
	}
	p.line("- At once, without the above, on record and to be reviewed by somebody else: %s.", text)
}
