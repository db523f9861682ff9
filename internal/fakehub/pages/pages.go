// Package pages shows people what they would see on GitHub of a pull request, a
// workflow run and their checks, with buttons to press. There are no passwords:
// whoever reads a page says who they are, and where an App asks to know them, signs
// in as somebody first. No script runs, and nothing comes from elsewhere.
package pages

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	g "maragu.dev/gomponents"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
)

// maxForm is how much of a form is read.
const maxForm = 64 << 10

// Pages shows a hub to people.
type Pages struct {
	hub     *fakehub.Hub
	actions *actions.Actions
	book    *access.Book
}

// New shows a hub; people sign in through devices by the book.
func New(h *fakehub.Hub, a *actions.Actions, b *access.Book) *Pages {
	return &Pages{hub: h, actions: a, book: b}
}

// Serve serves people where there is something to see; everything else is
// for other.
func (p *Pages) Serve(other http.HandlerFunc) http.HandlerFunc {
	cross := http.NewCrossOriginProtection()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.homePage)
	mux.HandleFunc("GET "+access.DevicePath, p.devicePage)
	mux.HandleFunc("POST "+access.DevicePath, p.answerDevice)
	mux.HandleFunc("GET "+access.LoginPath, p.loginPage)
	mux.HandleFunc("POST "+access.LoginPath, p.answerLogin)
	mux.HandleFunc("GET "+access.AuthorizePath, p.authorizePage)
	mux.HandleFunc("POST "+access.AuthorizePath, p.answerAuthorize)
	mux.HandleFunc("GET /{owner}/{repo}", p.repoPage)
	mux.HandleFunc("GET /{owner}/{repo}/pull/{number}", p.pullPage)
	mux.HandleFunc("POST /{owner}/{repo}/pull/{number}/press", p.press)
	mux.HandleFunc("GET /{owner}/{repo}/actions/runs/{number}", p.runPage)
	mux.HandleFunc("GET /{owner}/{repo}/actions/runs/{number}/job/{job}", p.runPage)
	mux.HandleFunc("POST /{owner}/{repo}/actions/runs/{number}/press", p.press)
	mux.HandleFunc("POST /{owner}/{repo}/pull/{number}/merge", p.mergeButton)
	safe := cross.Handler(mux)
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.RequestURI, "/api/") || !p.hasPage(mux, r) {
			other(w, r)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		safe.ServeHTTP(w, r)
	}
}

// hasPage says whether an address is of a page, and not of an API call that
// this hub does not know.
func (p *Pages) hasPage(mux *http.ServeMux, r *http.Request) bool {
	if _, pattern := mux.Handler(r); pattern == "" {
		return false
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) < 2 || r.URL.Path == access.DevicePath || r.URL.Path == access.AuthorizePath {
		return true
	}
	p.hub.State.RLock()
	defer p.hub.State.RUnlock()
	return p.hub.Repo(parts[0]+"/"+parts[1]) != nil
}

// show writes a page. It is made whole before its reader is told that it could be.
func (p *Pages) show(w http.ResponseWriter, status int, drawn g.Node) {
	var page bytes.Buffer
	if err := drawn.Render(&page); err != nil {
		p.hub.Log.Error("a page of fakehub could not be made", "error", err)
		http.Error(w, "This page could not be made: "+err.Error(), http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	if header.Get("Content-Security-Policy") == "" {
		header.Set("Content-Security-Policy", policy())
	}
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if _, err := page.WriteTo(w); err != nil {
		p.hub.Log.Debug("a page did not reach its reader", "error", err)
	}
}

func (p *Pages) showNothing(w http.ResponseWriter, r *http.Request, what string) {
	p.show(w, http.StatusNotFound, nothing(r.PathValue("owner")+"/"+r.PathValue("repo"), what))
}

// chosen is the person that the reader is, the first where none is said.
func chosen(people []string, login string) string {
	if i := slices.IndexFunc(people, func(p string) bool { return fakehub.Fold(p) == fakehub.Fold(login) }); i >= 0 {
		return people[i]
	}
	if len(people) == 0 {
		return ""
	}
	return people[0]
}
