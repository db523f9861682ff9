package pages

import (
	"net/http"
	"net/url"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/markup"
)

// sessionCookie holds a session of access.Book. Cookies are not kept apart by ports:
// the name must not be one of the product's.
const sessionCookie = "fakehub_session"

// loginForm is where somebody says who they are.
type loginForm struct {
	Back    string   // where they go then
	Problem string   // what was wrong before, if anything
	As      string   // who is signed in
	Humans  []string // who can be
}

func (p *Pages) loginPage(w http.ResponseWriter, r *http.Request) {
	form := loginForm{Back: sameSite(r.URL.Query().Get("return_to")), Humans: p.humans()}
	if by := p.signedIn(r); by != nil {
		form.As = by.Login
	}
	p.onwards(w, form.Back)
	p.show(w, http.StatusOK, form.page())
}

// onwards lets the form of a sign-in lead to where an App wants the browser back: who
// is known to it already is sent there at once.
func (p *Pages) onwards(w http.ResponseWriter, back string) {
	u, err := url.Parse(back)
	if err != nil || u.Path != access.AuthorizePath {
		return
	}
	if asked, err := p.book.Asked(u.Query()); err == nil {
		w.Header().Set("Content-Security-Policy", policyWith(asked.Redirect))
	}
}

// answerLogin begins a session in this browser.
func (p *Pages) answerLogin(w http.ResponseWriter, r *http.Request) {
	back := sameSite(r.PostFormValue("return_to"))
	session, err := p.book.Session(r.PostFormValue("as"))
	if err != nil {
		p.onwards(w, back)
		p.show(w, http.StatusUnprocessableEntity, loginForm{Back: back, Problem: "That did not work: " + err.Error() + ".",
			Humans: p.humans()}.page())
		return
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: session, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// signedIn is who sits before the browser, nil: nobody.
func (p *Pages) signedIn(r *http.Request) *fakehub.Account {
	session, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	return p.book.SignedIn(session.Value)
}

// sameSite is an address of this site, the first page in the place of any other.
func sameSite(back string) string {
	u, err := url.Parse(back)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(back, "/") ||
		strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\t\r\n") {
		return "/"
	}
	return back
}

// toLogin sends a browser to the sign-in, and from there back to where it is without
// the name of a query that was heeded by that.
func toLogin(w http.ResponseWriter, r *http.Request, but string) {
	q := r.URL.Query()
	q.Del(but)
	back := r.URL.Path
	if len(q) > 0 {
		back += "?" + q.Encode()
	}
	http.Redirect(w, r, access.LoginPath+"?"+url.Values{"return_to": {back}}.Encode(), http.StatusFound)
}

func (f loginForm) page() g.Node {
	return layout{title: "Sign in"}.around(
		h.H1(h.Class("title"), g.Text("Sign in")),
		h.Div(h.Class("box"), h.Div(h.Class("body"),
			g.If(f.Problem != "", h.P(h.Class("told outside"), g.Text(spelled(f.Problem)))),
			h.P(g.Text("There are no passwords here: say who you are.")),
			h.Form(h.Method("post"), markup.Action(markup.Path(access.LoginPath)), hidden("return_to", f.Back),
				h.P(h.Label(h.For("as"), g.Text("Account")), g.Text(" "),
					h.Select(h.ID("as"), h.Name("as"), g.Map(f.Humans, func(login string) g.Node {
						return h.Option(g.If(login == f.As, h.Selected()), g.Text(login))
					}))),
				h.P(h.Button(h.Class("main"), g.Text("Sign in"))),
			),
		)),
	)
}
