// Package pages shows people what they would see on GitHub of a pull request, a
// workflow run and their checks, with buttons to press. There is no sign-in:
// whoever reads a page says who they are. No script runs, and nothing comes from
// elsewhere.
package pages

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/markdown"
)

//go:embed html
var pageFiles embed.FS

// pageParts are the templates, with the style sheet and what it hashes to.
type pageParts struct {
	*template.Template
	style  template.CSS
	policy string
}

var pageTemplates = sync.OnceValues(func() (*pageParts, error) {
	style, err := pageFiles.ReadFile("html/style.css")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(style)
	parts := &pageParts{style: template.CSS(style), policy: "default-src 'none'; style-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) + "'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"}
	parts.Template, err = template.New("").Funcs(template.FuncMap{
		"markdown": markdown.HTML, "short": shortSHA, "spelled": spelled, "initial": initial,
		"when": func(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") },
	}).ParseFS(pageFiles, "html/*.html")
	return parts, err
})

func shortSHA(sha string) string { return sha[:min(7, len(sha))] }

func initial(login string) string {
	for _, r := range login {
		return strings.ToUpper(string(r))
	}
	return "?"
}

// spelled shows the characters that steer the direction of writing, or show
// nothing, by their numbers.
func spelled(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\t' || r == '\n':
			b.WriteRune(r)
		case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f,
			r == 0xfeff:
			fmt.Fprintf(&b, "‹U+%04X›", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

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
	if len(parts) < 2 || r.URL.Path == access.DevicePath {
		return true
	}
	p.hub.State.RLock()
	defer p.hub.State.RUnlock()
	return p.hub.Repo(parts[0]+"/"+parts[1]) != nil
}

// show writes a page.
func (p *Pages) show(w http.ResponseWriter, status int, name string, data map[string]any) {
	parts, err := pageTemplates()
	var page bytes.Buffer
	if err == nil {
		data["Style"] = parts.style
		err = parts.ExecuteTemplate(&page, name, data)
	}
	if err != nil {
		p.hub.Log.Error("a page of fakehub could not be made", "page", name, "error", err)
		http.Error(w, "This page could not be made: "+err.Error(), http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", parts.policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if _, err := page.WriteTo(w); err != nil {
		p.hub.Log.Debug("a page did not reach its reader", "page", name, "error", err)
	}
}

func (p *Pages) homePage(w http.ResponseWriter, _ *http.Request) {
	type line struct {
		Name    string
		Private bool
		Open    int
		Pushed  time.Time
	}
	var lines []line
	p.hub.State.RLock()
	for _, r := range p.hub.RepoByID {
		lines = append(lines, line{r.FullName(), r.Private, r.OpenPulls, r.Pushed})
	}
	p.hub.State.RUnlock()
	slices.SortFunc(lines, func(a, b line) int { return strings.Compare(a.Name, b.Name) })
	p.show(w, http.StatusOK, "home.html", map[string]any{"Title": "Repositories", "Repos": lines})
}

func (p *Pages) repoPage(w http.ResponseWriter, r *http.Request) {
	p.hub.State.RLock()
	repo := p.hub.Repo(r.PathValue("owner") + "/" + r.PathValue("repo"))
	pulls := make([]pullLine, 0, len(repo.Pulls))
	for _, p := range repo.Pulls {
		pulls = append(pulls, listed(p))
	}
	data := map[string]any{"Title": repo.FullName(), "Repo": repo.FullName(), "Private": repo.Private,
		"Default": repo.DefaultBranch, "Runs": runViews(p.actions.Of(repo))}
	p.hub.State.RUnlock()
	slices.SortFunc(pulls, func(a, b pullLine) int { return b.Number - a.Number })
	data["Pulls"] = pulls
	p.show(w, http.StatusOK, "repo.html", data)
}

func (p *Pages) pullPage(w http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.PathValue("number")) // what is no number is no pull request either
	p.hub.State.RLock()
	repo := p.hub.Repo(r.PathValue("owner") + "/" + r.PathValue("repo"))
	pull := repo.Pulls[number]
	var data map[string]any
	frame := &frameView{}
	if pull != nil {
		people := repo.People()
		frame.As = chosen(people, r.URL.Query().Get("as"))
		frame.Here = fmt.Sprintf("/%s/pull/%d", repo.FullName(), number)
		view := viewOf(pull)
		framed(view.Checks, frame)
		data = map[string]any{"Title": fmt.Sprintf("%s · Pull request #%d · %s", pull.Title, number, repo.FullName()),
			"Repo": repo.FullName(), "Pull": view, "People": people, "As": frame.As,
			"CanMerge": frame.As != "" && repo.CanMerge(p.hub.Account(frame.As))}
	}
	p.hub.State.RUnlock()
	if pull == nil {
		p.showNothing(w, r, "pull request")
		return
	}
	p.awaitAnswer(w, r, frame)
	p.show(w, http.StatusOK, "pull.html", data)
}

func (p *Pages) showNothing(w http.ResponseWriter, r *http.Request, what string) {
	p.show(w, http.StatusNotFound, "none.html",
		map[string]any{"Title": "Not found", "What": what, "Repo": r.PathValue("owner") + "/" + r.PathValue("repo")})
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

// answerTime is how long a page asks again whether the App has answered.
const answerTime = 20 * time.Second

// awaitAnswer says what was pressed last. Until the App has changed the run the
// browser asks again by itself.
func (p *Pages) awaitAnswer(w http.ResponseWriter, r *http.Request, f *frameView) {
	q := r.URL.Query()
	run, _ := strconv.ParseInt(q.Get("run"), 10, 64) // 0 is no run
	updates, err := strconv.Atoi(q.Get("updates"))
	at, _ := strconv.ParseInt(q.Get("at"), 10, 64) // 0 is long ago
	if err != nil {
		return
	}
	p.hub.State.RLock()
	c := p.hub.ChecksByID[run]
	waiting := c != nil && c.Updates == updates
	p.hub.State.RUnlock()
	f.Run, f.Pressed, f.Waiting = q.Get("run"), q.Get("pressed"), waiting
	if waiting && p.hub.Now().Sub(time.Unix(at, 0)) < answerTime {
		w.Header().Set("Refresh", "1")
	}
}

// press is a click on a button of a check run, by the person that the form
// names.
func (p *Pages) press(w http.ResponseWriter, r *http.Request) {
	runID, err := strconv.ParseInt(r.PostFormValue("run"), 10, 64)
	if err != nil {
		http.Error(w, "The form names no check run.", http.StatusBadRequest)
		return
	}
	login, action := r.PostFormValue("as"), r.PostFormValue("action")
	p.hub.State.RLock()
	repo, run, by := p.hub.Repo(r.PathValue("owner")+"/"+r.PathValue("repo")), p.hub.ChecksByID[runID], p.hub.Account(login)
	member := by != nil && slices.Contains(repo.People(), by.Login)
	updates := 0
	if run != nil {
		updates = run.Updates
	}
	p.hub.State.RUnlock()
	switch {
	case run == nil || run.Repo != repo:
		http.Error(w, "There is no such check run here.", http.StatusNotFound)
		return
	case !member:
		http.Error(w, fmt.Sprintf("%q is nobody who could be signed in to this repository.", login), http.StatusForbidden)
		return
	}
	if err := p.hub.Click(runID, action, by); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	ctx, stop := context.WithTimeout(r.Context(), time.Second)
	defer stop()
	_ = p.hub.Hooks.Settle(ctx) // the page shows whether the App has answered; this only saves a second look
	back := url.Values{"as": {by.Login}, "pressed": {action}, "run": {strconv.FormatInt(runID, 10)},
		"updates": {strconv.Itoa(updates)}, "at": {strconv.FormatInt(p.hub.Now().Unix(), 10)}}
	page := "/pull/"
	if strings.Contains(r.Pattern, "/actions/runs/") {
		page = "/actions/runs/"
	}
	http.Redirect(w, r, "/"+repo.FullName()+page+r.PathValue("number")+"?"+back.Encode(), http.StatusSeeOther)
}
