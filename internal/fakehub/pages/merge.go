package pages

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// mergeButton merges the pull request or, where the base has a merge queue,
// puts it there: by GitHub's rule only what has passed its required checks.
func (p *Pages) mergeButton(w http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.PathValue("number")) // what is no number is no pull request either
	p.hub.State.RLock()
	repo, by := p.hub.Repo(r.PathValue("owner")+"/"+r.PathValue("repo")), p.hub.Account(r.PostFormValue("as"))
	pull := repo.Pulls[number]
	allowed := by != nil && slices.Contains(repo.People(), by.Login) && repo.CanMerge(by)
	queue := false
	if pull != nil {
		_, queue = repo.QueueRule(pull.Base)
	}
	p.hub.State.RUnlock()
	var err error
	switch {
	case pull == nil:
		http.Error(w, "There is no such pull request.", http.StatusNotFound)
		return
	case !allowed:
		http.Error(w, fmt.Sprintf("%q may not write to this repository.", r.PostFormValue("as")), http.StatusForbidden)
		return
	case queue:
		err = pull.Enqueue(by)
	default:
		_, err = pull.TryMerge(by, "merge")
	}
	if err != nil {
		http.Error(w, "It was not merged: "+err.Error(), http.StatusConflict)
		return
	}
	http.Redirect(w, r, fmt.Sprintf("/%s/pull/%d?%s", repo.FullName(), number, url.Values{"as": {by.Login}}.Encode()), http.StatusSeeOther)
}
