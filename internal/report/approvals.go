package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// Action is a button of a check run.
// https://docs.github.com/en/rest/checks/runs#create-a-check-run
type Action struct {
	Label       string // at most 20 characters
	Description string // at most 40
	Identifier  string // at most 20
}

// The buttons. What they send back is their identifier: which button it is, and
// the nonce of the painting that it is on.
var (
	approveAction = Action{Label: "Approve", Description: "Release exactly what is shown here", Identifier: string(gate.Approve)}
	denyAction    = Action{Label: "Deny", Description: "Hold it until there is a new commit", Identifier: string(gate.Deny)}
	recheckAction = Action{Label: "Re-check", Description: "Read and judge it again", Identifier: gate.Recheck}
)

// Approvals is what people said to a gate, and what that comes to at one
// moment.
type Approvals struct {
	Progress   gate.Progress
	Denied     *gate.Choice
	Overridden *gate.Choice
	Overrides  []gate.OverrideRecord // all that ever were, the oldest first
	Voided     []gate.Void
	Refused    []gate.Refused
}

// actions are the buttons that make sense for a check, the weightiest first:
// GitHub shows at most three. Approve is offered where the rules take buttons at
// all; where there is no room for Re-check, GitHub's own Re-run does the same.
func actions(gates []shown, nonce string) []Action {
	var approve, deny, review, override, recheck bool
	for _, g := range gates {
		recheck = recheck || !g.Closed
		review = review || g.Approvals.unreviewed() != nil
		override = override || g.takesOverride()
		if g.takesAnswers() {
			deny = true
			approve = approve || g.state != passing && (g.Verdict.Needs == nil || g.Verdict.Needs.Takes(gate.ViaButton))
		}
	}
	out := []Action{}
	for _, b := range []struct {
		offered bool
		action  Action
	}{{approve, approveAction}, {deny, denyAction}, {review, reviewAction}, {override, overrideAction}, {recheck, recheckAction}} {
		if b.offered && len(out) < maxActions {
			b.action.Identifier = gate.ButtonID(b.action.Identifier, nonce)
			out = append(out, b.action)
		}
	}
	return out
}

const maxActions = 3

// takesAnswers reports whether people's answers can still do anything here. On
// a merge group they cannot: its pull request takes them.
func (g shown) takesAnswers() bool {
	if g.Verdict == nil || g.Queue != nil || g.state == over || g.Deployed != nil && g.Deployed.Answered != "" {
		return false
	}
	if g.Deployed != nil && slices.ContainsFunc(g.Deployed.Waits, func(w gate.Wait) bool { return len(w.Except) > 0 }) {
		return true
	}
	return g.Verdict.Held && g.Verdict.Needs != nil
}

// approvalTitle is the title of a held gate to which people have answered;
// empty where they have not.
func (g shown) approvalTitle() string {
	a := g.Approvals
	score := fmt.Sprintf(" - score %d, %s", g.Verdict.Score, visible(string(g.Verdict.Level), 20))
	switch {
	case a.Denied != nil:
		return "Denied by @" + visible(a.Denied.By.Login, 60) + reasonOf(a.Denied) + score
	case a.Overridden != nil:
		return overrideTitle(a.standing()) + score
	case g.Standing.Passes():
		return "Released: approved by " + words.List(approvers(a.Progress), "and") + score
	}
	have, want := 0, 0
	var still []string
	for _, slot := range a.Progress.Slots {
		have += len(slot.By)
		want += len(slot.By) + slot.Missing
		if slot.Missing > 0 {
			rest := slot.Need
			rest.Approvals = slot.Missing
			still = append(still, needText(rest, plainName))
		}
	}
	if have == 0 {
		return ""
	}
	return fmt.Sprintf("Held: %d of %d: approved by %s; still needs %s%s", have, want,
		visible(words.List(approvers(a.Progress), "and"), 80), visible(words.List(still, "and"), 120), score)
}

func reasonOf(c *gate.Choice) string {
	if strings.TrimSpace(c.Reason) == "" {
		return ""
	}
	return " (" + sentence(c.Reason, 100) + ")"
}

func approvers(p gate.Progress) []string {
	var out []string
	for _, slot := range p.Slots {
		for _, c := range slot.By {
			out = append(out, "@"+visible(c.By.Login, 60))
		}
	}
	return out
}

// answers tells what people said: what counts, what is still needed, what was
// refused and what is void.
func (p *page) answers(g shown) {
	a := g.Approvals
	if len(a.Progress.Slots) == 0 && a.Denied == nil && len(a.Refused) == 0 && len(a.Voided) == 0 {
		return
	}
	p.heading("What people said")
	if a.Denied != nil {
		p.line("- **Denied** by %s. It stays held until there is a new commit, or until the same person approves by the "+
			"buttons that this check has since.", said(*a.Denied))
	}
	if a.Overridden != nil {
		p.line("- **Overridden** by %s. Somebody else should look at it afterwards.", said(*a.Overridden))
	}
	codeName := func(s string) string { return code(s, 80) }
	for _, slot := range a.Progress.Slots {
		mark := "met"
		if slot.Missing > 0 {
			mark = words.Plural(slot.Missing, "approval") + " missing"
		}
		p.line("- %s: %s", needText(slot.Need, codeName), mark)
		for _, c := range slot.By {
			p.line("  - approved by %s", said(c))
		}
	}
	for _, r := range a.Refused {
		p.line("- Did not count: %s", prose(r.Text, 300))
	}
	for _, v := range a.Voided {
		p.line("- Void: %s by %s, %s", prose(string(v.Answer), 20), said(v.Choice), prose(v.Why, 100))
	}
}

// said names who chose, when and by which channel, and the reason given.
func said(c gate.Choice) string {
	text := fmt.Sprintf("%s on %s by %s", code("@"+c.By.Login, 80), c.At.UTC().Format("2006-01-02 15:04 UTC"), prose(c.Via, 20))
	if strings.TrimSpace(c.Reason) != "" {
		text += ": " + strings.TrimRight(prose(c.Reason, 300), ".") // a sentence follows
	}
	return text
}
