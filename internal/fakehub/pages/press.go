package pages

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

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
