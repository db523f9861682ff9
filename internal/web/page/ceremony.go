package page

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/markup"
)

// Fact is one of what a person is about to sign.
type Fact struct {
	Name, Text string
	Code       bool
}

// Ceremony asks a browser for a passkey, once its person has read what for.
type Ceremony struct {
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
	return layout("gatehold: "+p.Title,
		h.H1(g.Text(p.Title)),
		g.If(len(p.Says) > 0, h.P(g.Text("This is what your passkey signs. Read it before you do."))),
		Facts(p.Says),
		g.If(p.Create, h.P(g.Text("Your device makes a key for this server alone. It asks for your face, finger or PIN: whoever cannot give it "+
			"cannot sign."))),
		passkeyForm(p.To, p.Ticket, p.Options, p.Create, p.button()),
		g.If(p.Back != "", h.P(link(p.Back, g.Text("Back, without signing")))),
		markup.Script(markup.Path(p.Script)),
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
