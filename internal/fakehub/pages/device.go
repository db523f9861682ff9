package pages

import (
	"net/http"
	"slices"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/markup"
)

// deviceForm is where a person enters the code that a device shows.
type deviceForm struct {
	Code    string   // that was entered before, or that the address names
	Problem string   // what was wrong with it, if anything
	Humans  []string // who can be signed in
}

// devicePage is where a person enters the code that a device shows, as the one
// that they say they are.
func (p *Pages) devicePage(w http.ResponseWriter, r *http.Request) {
	p.show(w, http.StatusOK, deviceForm{Code: r.URL.Query().Get("code"), Humans: p.humans()}.page())
}

// answerDevice takes the code.
func (p *Pages) answerDevice(w http.ResponseWriter, r *http.Request) {
	code, by, allowed := r.PostFormValue("code"), r.PostFormValue("as"), r.PostFormValue("answer") == "allow"
	if err := p.book.Enter(code, by, !allowed); err != nil {
		form := deviceForm{Code: code, Problem: "That did not work: " + err.Error() + ".", Humans: p.humans()}
		p.show(w, http.StatusUnprocessableEntity, form.page())
		return
	}
	done := "has signed in on the device."
	if !allowed {
		done = "has refused the device."
	}
	p.show(w, http.StatusOK, deviceDone(by, done))
}

// humans are the logins of all people.
func (p *Pages) humans() []string {
	var out []string
	p.hub.State.RLock()
	for _, a := range p.hub.AccountByID {
		if a.Person() {
			out = append(out, a.Login)
		}
	}
	p.hub.State.RUnlock()
	slices.Sort(out)
	return out
}

func devicePage(body ...g.Node) g.Node {
	return layout{title: "Device activation"}.around(
		h.H1(h.Class("title"), g.Text("Device activation")),
		h.Div(h.Class("box"), h.Div(h.Class("body"), g.Group(body))),
	)
}

func (f deviceForm) page() g.Node {
	return devicePage(
		g.If(f.Problem != "", h.P(h.Class("told outside"), g.Text(spelled(f.Problem)))),
		h.P(g.Text("Enter the code that your device shows. There is no sign-in here: say who you are.")),
		h.Form(h.Method("post"), markup.Action(markup.Path(access.DevicePath)),
			h.P(h.Label(h.For("code"), g.Text("Code")), g.Text(" "),
				h.Input(h.ID("code"), h.Name("code"), h.Value(f.Code), h.AutoComplete("off"), h.MaxLength("20"), h.Required())),
			h.P(h.Label(h.For("by"), g.Text("Signed in as")), g.Text(" "),
				h.Select(h.ID("by"), h.Name("as"), g.Map(f.Humans, func(login string) g.Node { return h.Option(g.Text(login)) }))),
			h.P(h.Button(h.Class("main"), h.Name("answer"), h.Value("allow"), g.Text("Authorize")), g.Text(" "),
				h.Button(h.Name("answer"), h.Value("deny"), g.Text("Cancel"))),
		),
	)
}

func deviceDone(by, done string) g.Node {
	return devicePage(h.P(h.Class("told"),
		strong("@"+by), g.Textf(" %s You can close this page and go back to your device.", done)))
}
