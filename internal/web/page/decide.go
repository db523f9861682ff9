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
	Mine   bool             // the viewer may sign that it is their own work
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
		g.If(p.Mine && p.Ticket != "", p.mine()),
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

// mine is where whoever opened it signs that it is theirs.
func (p Decide) mine() g.Node {
	return section("Is it yours?",
		h.P(g.Text("The rules take it for an agent's, because nothing proves that you made it. You can sign that you did: it is judged "+
			"anew then, as yours. The next push voids it.")),
		g.If(!p.HasKey, h.P(h.Class("soft small"), g.Text("For that, "), link("/you", g.Text("enrol a passkey")), g.Text("."))),
		g.If(p.HasKey, h.Form(h.Method("post"), markup.Action(markup.Path("/mine")),
			h.Input(h.Type("hidden"), h.Name("ticket"), h.Value(p.Ticket)),
			h.Button(g.Text("It is mine: sign with a passkey")))),
	)
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

// Fact is one of what a person is about to sign.
type Fact struct {
	Name, Text string
	Code       bool
}

// Ceremony asks a browser for a passkey, once its person has read what for.
type Ceremony struct {
	Frame
	Title   string
	Says    []Fact
	To      string // path that the answer goes to
	Back    string // path of the page that it began on; empty: none
	Ticket  string
	Options []byte // for navigator.credentials, JSON
	Create  bool   // a key is made, and nothing signed
	Script  string // path
}

// HTML draws it.
func (p Ceremony) HTML() g.Node {
	return p.draw("gatehold: "+p.Title, "/you",
		h.H1(g.Text(p.Title)),
		g.If(len(p.Says) > 0, h.P(g.Text("This is what your passkey signs. Read it before you do."))),
		Facts(p.Says),
		g.If(p.Create, h.P(g.Text("Your device makes a key for this server alone. It asks for your face, finger or PIN: whoever cannot give it "+
			"cannot sign."))),
		passkeyForm(p.To, p.Ticket, p.Options, p.Create, p.button()),
		g.If(p.Back != "", h.P(link(p.Back, g.Text("Back, without signing")))),
		markup.ScriptAt(markup.Path(p.Script)),
	)
}

func (p Ceremony) button() string {
	if p.Create {
		return "Make the passkey"
	}
	return "Sign with your passkey"
}

// Facts lists what is signed.
func Facts(facts []Fact) g.Node {
	if len(facts) == 0 {
		return nil
	}
	var rows g.Group
	for _, f := range facts {
		if f.Text == "" {
			continue
		}
		said := outside(f.Text)
		if f.Code {
			said = code(f.Text)
		}
		rows = append(rows, h.Dt(g.Text(f.Name)), h.Dd(said))
	}
	return h.Dl(h.Class("facts card"), rows)
}

// passkeyForm is sent with what a passkey answers: the script sees to it. Without the
// script nothing can be sent.
func passkeyForm(to, ticket string, options []byte, create bool, label string) g.Node {
	how := "get"
	if create {
		how = "create"
	}
	return h.Form(h.Method("post"), markup.Action(markup.Path(to)), h.Data("passkey", how), h.Data("options", string(options)),
		h.Input(h.Type("hidden"), h.Name("ticket"), h.Value(ticket)),
		h.Input(h.Type("hidden"), h.Name("response")),
		h.P(h.Button(h.Class("primary"), h.Disabled(), g.Text(label))),
		h.P(h.Class("soft"), h.Role("status")),
		h.NoScript(h.P(g.Text("A passkey needs JavaScript: allow it for this page."))),
	)
}
