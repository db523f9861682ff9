package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// What whoever may write contents can do by a token: move branches and merge.
// Rules in force are obeyed.

func writeRoutes() []route {
	const ref, merge = "/repos/{owner}/{repo}/git/refs/{ref}", "/repos/{owner}/{repo}/pulls/{pull_number}/merge"
	return []route{
		{method: "POST", template: "/repos/{owner}/{repo}/git/refs", who: access.ByToken, need: "contents:write", write: true,
			fn: createRef},
		{method: "PATCH", template: ref, who: access.ByToken, need: "contents:write", write: true, fn: updateRef},
		{method: "DELETE", template: ref, who: access.ByToken, need: "contents:write", write: true, fn: deleteRef},
		{method: "GET", template: "/repos/{owner}/{repo}/issues", who: access.ByToken, need: "issues:read", fn: listIssues},
		{method: "POST", template: "/repos/{owner}/{repo}/issues", who: access.ByToken, need: "issues:write", write: true, fn: createIssue},
		{method: "PUT", template: merge, who: access.ByToken, need: "contents:write", write: true, fn: mergePull},
	}
}

// listIssues lists them the newest first. Pull requests, which GitHub lists among them,
// are left out.
func listIssues(c *call) answer {
	all := c.repo.Issues()
	from, to, link := c.page(len(all))
	out := make([]wire.Object, 0, to-from)
	for _, i := range all[from:to] {
		out = append(out, i.JSON())
	}
	ans := ok(out)
	ans.link = link
	return ans
}

func createIssue(c *call) answer {
	var in struct{ Title, Body string }
	if !c.decode(&in) {
		return badRequest("Problems parsing JSON")
	}
	if in.Title == "" {
		return unprocessable("title can't be blank")
	}
	author := c.auth.Person()
	if author == nil && c.auth.App != nil {
		author = c.auth.App.Bot
	}
	return created(c.repo.OpenIssueLocked(author, in.Title, in.Body).JSON())
}

func createRef(c *call) answer {
	var in struct{ Ref, SHA string }
	if !c.decode(&in) {
		return badRequest("Problems parsing JSON")
	}
	branch, isBranch := strings.CutPrefix(in.Ref, "refs/heads/")
	switch {
	case !isBranch:
		return unprocessable("fakehub has branches only: " + in.Ref)
	case c.repo.Refs[branch] != "":
		return unprocessable("Reference already exists")
	case c.repo.Store.Commit(in.SHA) == nil:
		return unprocessable("Object does not exist")
	}
	if err := c.repo.PushLocked(branch, in.SHA, c.auth.Person()); err != nil {
		return c.unwritten(http.StatusUnprocessableEntity, err)
	}
	return created(refJSON(c.repo, branch))
}

func updateRef(c *call) answer {
	var in struct {
		SHA   string
		Force bool
	}
	if !c.decode(&in) {
		return badRequest("Problems parsing JSON")
	}
	branch, isBranch := strings.CutPrefix(c.r.PathValue("ref"), "heads/")
	switch {
	case !isBranch || c.repo.Refs[branch] == "":
		return unprocessable("Reference does not exist")
	case c.repo.Store.Commit(in.SHA) == nil:
		return unprocessable("Object does not exist")
	case !in.Force && c.repo.KindOfPush(c.repo.Refs[branch], in.SHA) == fakehub.ActivityForced:
		return unprocessable("Update is not a fast forward")
	}
	if err := c.repo.PushLocked(branch, in.SHA, c.auth.Person()); err != nil {
		return c.unwritten(http.StatusUnprocessableEntity, err)
	}
	return ok(refJSON(c.repo, branch))
}

func deleteRef(c *call) answer {
	branch, isBranch := strings.CutPrefix(c.r.PathValue("ref"), "heads/")
	if !isBranch || c.repo.Refs[branch] == "" {
		return unprocessable("Reference does not exist")
	}
	if err := c.repo.PushLocked(branch, "", c.auth.Person()); err != nil {
		return c.unwritten(http.StatusUnprocessableEntity, err)
	}
	return answer{status: http.StatusNoContent}
}

func mergePull(c *call) answer {
	var in struct {
		SHA    string `json:"sha"`
		Method string `json:"merge_method"`
		Title  string `json:"commit_title"`
	}
	p := c.pull()
	switch {
	case p == nil:
		return notFound()
	case !c.decode(&in):
		return badRequest("Problems parsing JSON")
	case in.SHA != "" && in.SHA != p.Head:
		return failed(http.StatusConflict, "Head branch was modified. Review and try the merge again.")
	}
	sha, err := p.TryMergeLocked(c.auth.Person(), in.Method)
	if err != nil {
		return c.unwritten(http.StatusMethodNotAllowed, err)
	}
	return ok(wire.Object{"sha", sha, "merged", true, "message", "Pull Request successfully merged"})
}

// unwritten is the answer to a write that is refused: by rules with status,
// else for want of the right to it.
func (c *call) unwritten(status int, err error) answer {
	var rules *fakehub.RuleViolation
	switch {
	case errors.As(err, &rules):
		return failed(status, "Repository rule violations found\n\n"+strings.Join(rules.Reasons, "\n"))
	case !c.repo.Writes(c.auth.Person()):
		return failed(http.StatusForbidden, "Resource not accessible by integration")
	}
	return failed(status, err.Error())
}
