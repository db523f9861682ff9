package page

import (
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/markup"
	"github.com/gatehold/gatehold/internal/usecase/answers"
)

// Decide is where a person who is signed in answers on a gate.
type Decide struct {
	Login  string
	Stream string
	State  gate.State
	Ticket string
	Cannot string // why an answer of theirs would not count: a sentence
	Review bool   // somebody else's release at once waits for a look
	HasKey bool
	Said   *answers.Outcome // what became of the answer that they just gave

	Now time.Time
}

// HTML draws it; nothing where nothing is to be answered.
func (p Decide) HTML() g.Node {
	if p.Login == "" {
		return nil
	}
	return h.Section(h.ID("decide"), h.Aria("label", "Your answer"),
		p.outcome(),
		g.Iff(p.waits(), p.form),
	)
}

// outcome says what became of the last answer.
func (p Decide) outcome() g.Node {
	if p.Said == nil {
		return nil
	}
	class := map[string]string{"counted": "passed", "refused": "denied"}[p.Said.State]
	return h.Div(h.Role("status"), state(class, p.Said.State, h.P(h.Class("outside"), text(p.Said.Text))))
}

// waits reports whether somebody's answer would change something.
func (p Decide) waits() bool {
	v := p.State.Current()
	return !p.State.Left() && v != nil && (p.Review || v.Held || len(p.State.Waits(p.Now)) > 0)
}

func (p Decide) form() g.Node {
	if p.Cannot != "" || p.Ticket == "" {
		return section("Your answer", note("%s", p.Cannot))
	}
	v := p.State.Current()
	return section("Your answer",
		h.Form(h.Class("decide"), h.Method("post"), markup.Action(markup.Path("/answer")),
			h.Input(h.Type("hidden"), h.Name("ticket"), h.Value(p.Ticket)),
			h.Label(h.Class("wide"), g.Text("Reason"), h.Input(h.Name("reason"), h.MaxLength("500"), g.If(asksReason(v), h.Required()))),
			h.Div(h.Class("choices"), p.choices(v)),
		),
		g.If(!p.HasKey, h.P(h.Class("soft small"), g.Text("To answer by passkey, "), link("/you", g.Text("enrol one")), g.Text("."))),
	)
}

// choices are the answers that the rules take from here, the weightiest last.
func (p Decide) choices(v *gate.Verdict) g.Node {
	takes := func(n *gate.Need, via string) bool { return n != nil && n.Takes(via) }
	var out g.Group
	add := func(answer gate.Answer, via, class, words string) {
		out = append(out, h.Button(h.Class(class), h.Name("answer"), h.Value(string(answer)+"/"+via), g.Text(words)))
	}
	if p.Review {
		add(gate.Review, gate.ViaPage, "primary", "I have reviewed the release at once")
	}
	if v.Held || len(p.State.Waits(p.Now)) > 0 {
		if p.HasKey && (takes(v.Needs, gate.ViaPasskey) || v.Needs == nil) {
			add(gate.Approve, gate.ViaPasskey, "primary", "Approve by passkey")
		}
		if takes(v.Needs, gate.ViaPage) || v.Needs == nil && len(p.State.Waits(p.Now)) > 0 {
			add(gate.Approve, gate.ViaPage, "primary", "Approve")
		}
		add(gate.Deny, gate.ViaPage, "danger", "Deny")
	}
	if p.HasKey && takes(v.BreakGlass, gate.ViaPasskey) {
		add(gate.Override, gate.ViaPasskey, "danger", "Release at once by passkey")
	} else if takes(v.BreakGlass, gate.ViaPage) {
		add(gate.Override, gate.ViaPage, "danger", "Release at once")
	}
	return out
}

func asksReason(v *gate.Verdict) bool { return v != nil && v.Needs != nil && v.Needs.Reason }
