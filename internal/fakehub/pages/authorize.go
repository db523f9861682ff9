package pages

import (
	"net/http"
	"net/url"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/markup"
)

// authorizeForm is where a person is asked whether an App may know them.
type authorizeForm struct {
	App, Owner string
	As         string // who is signed in
	To         string // where the browser goes then
	Query      string // what was asked: the form carries it along
}

// authorizePage asks the person who is signed in, unless they have said yes before.
func (p *Pages) authorizePage(w http.ResponseWriter, r *http.Request) {
	asked, err := p.book.Asked(r.URL.Query())
	if err != nil {
		p.show(w, http.StatusNotFound, notAuthorized(err))
		return
	}
	by := p.signedIn(r)
	if by == nil || asked.Choose {
		toLogin(w, r, "prompt")
		return
	}
	if p.book.Knows(asked.App, by) {
		to, err := p.book.Agree(asked, by)
		if err != nil {
			p.show(w, http.StatusForbidden, notAuthorized(err))
			return
		}
		http.Redirect(w, r, to, http.StatusFound)
		return
	}
	w.Header().Set("Content-Security-Policy", policyWith(asked.Redirect))
	p.show(w, http.StatusOK, p.form(asked, by.Login, r.URL.RawQuery).page())
}

// answerAuthorize sends the browser back with the answer.
func (p *Pages) answerAuthorize(w http.ResponseWriter, r *http.Request) {
	q, err := url.ParseQuery(r.PostFormValue("asked"))
	if err != nil {
		http.Error(w, "The form does not say what was asked.", http.StatusBadRequest)
		return
	}
	asked, err := p.book.Asked(q)
	if err != nil {
		p.show(w, http.StatusNotFound, notAuthorized(err))
		return
	}
	by := p.signedIn(r)
	if by == nil || by.Login != r.PostFormValue("as") { // another account was signed in meanwhile
		p.show(w, http.StatusForbidden, notAuthorizedBecause("somebody else is signed in now, or nobody"))
		return
	}
	if r.PostFormValue("answer") != "allow" {
		http.Redirect(w, r, asked.Declined(), http.StatusFound)
		return
	}
	to, err := p.book.Agree(asked, by)
	if err != nil {
		p.show(w, http.StatusForbidden, notAuthorized(err))
		return
	}
	http.Redirect(w, r, to, http.StatusFound)
}

func (p *Pages) form(asked access.Asked, login, query string) authorizeForm {
	p.hub.State.RLock()
	defer p.hub.State.RUnlock()
	return authorizeForm{App: asked.App.Slug, Owner: asked.App.Owner().Login, As: login, To: asked.Redirect, Query: query}
}

func (f authorizeForm) page() g.Node {
	return layout{title: "Authorize " + f.App}.around(
		h.H1(h.Class("title"), g.Text("Authorize "), outside(f.App)),
		h.Div(h.Class("box"), h.Div(h.Class("body"),
			h.P(outside(f.App), g.Text(" by "), strong(f.Owner), g.Text(" would like permission to:")),
			h.Ul(h.Li(g.Text("Verify your GitHub identity ("), outside(f.As), g.Text(")"))),
			h.Form(h.Method("post"), markup.Action(markup.Path(access.AuthorizePath)), hidden("asked", f.Query), hidden("as", f.As),
				h.P(h.Button(h.Name("answer"), h.Value("deny"), g.Text("Cancel")), g.Text(" "),
					h.Button(h.Class("main"), h.Name("answer"), h.Value("allow"), g.Text("Authorize "), outside(f.App)))),
			h.P(h.Class("soft small"), g.Text("Authorizing will redirect to "), outside(f.To)),
			h.P(h.Class("soft small"), g.Text("Signed in as "), outside("@"+f.As), g.Text(". "),
				h.A(markup.Href(markup.Path(access.LoginPath, "return_to", access.AuthorizePath+"?"+f.Query)), g.Text("Not you?"))),
		)),
	)
}

func notAuthorized(err error) g.Node { return notAuthorizedBecause(err.Error()) }

func notAuthorizedBecause(why string) g.Node {
	return layout{title: "Not authorized"}.around(
		h.H1(h.Class("title"), g.Text("This cannot be authorized")),
		h.P(h.Class("told outside"), g.Text(spelled("Be careful: "+why+"."))),
	)
}
