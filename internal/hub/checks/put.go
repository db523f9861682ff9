package checks

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
	"github.com/gatehold/gatehold/internal/report"
)

var (
	listChecks  = api.Route{Name: "GET /repos/{owner}/{repo}/commits/{ref}/check-runs", Need: "checks: read"}
	createCheck = api.Route{Name: "POST /repos/{owner}/{repo}/check-runs", Need: "checks: write"}
	updateCheck = api.Route{Name: "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", Need: "checks: write"}
)

// FindCheck returns the id of the newest check run of this App with that name
// on that commit, 0 where there is none. Newest means created last: that is
// the run that a required check goes by, so the list is asked for whole
// (filter=all) and not by completion time, as filter=latest sorts it.
// https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference
func (cs *Checks) FindCheck(ctx context.Context, repo gate.Repo, sha, name string) (int64, error) {
	if err := api.CheckRepo(repo); err != nil {
		return 0, err
	}
	if !wire.IsSHA(sha) {
		return 0, api.Invalid("A check run belongs to a commit's full SHA.")
	}
	c, err := cs.gh.Of(ctx, repo)
	if err != nil {
		return 0, err
	}
	var list struct {
		Runs []struct {
			ID   int64  `json:"id"`
			Name string `json:"name"`
			SHA  string `json:"head_sha"`
			App  struct {
				ID int64 `json:"id"`
			} `json:"app"`
		} `json:"check_runs"`
	}
	query := url.Values{"check_name": {name}, "app_id": {strconv.FormatInt(cs.gh.AppID(), 10)}, "filter": {"all"}, "per_page": {"100"}}
	err = c.Get(ctx, api.Request{
		Route: listChecks,
		URL:   api.RepoPath(repo) + "/commits/" + sha + "/check-runs?" + query.Encode(),
		Doing: "look for its check run on " + repo.FullName() + "@" + sha,
	}, api.Into(&list))
	if err != nil {
		return 0, err
	}
	var newest int64
	for _, run := range list.Runs {
		if run.App.ID == cs.gh.AppID() && run.Name == name && strings.EqualFold(run.SHA, sha) {
			newest = max(newest, run.ID)
		}
	}
	return newest, nil
}

// PutCheck makes a check run say what c says: a new one where id is 0, else
// the one with that id. Where that one is gone or is not this App's, a new one
// is created; the id that holds from now on is returned, also beside an error
// that came after the run was written.
//
// GitHub only ever adds annotations to a run. Those that are on it already are
// not sent again; those that no longer apply stay, and the summary is what
// counts. More than 50 go in further requests.
func (cs *Checks) PutCheck(ctx context.Context, repo gate.Repo, id int64, c report.Check) (int64, error) {
	if err := api.CheckRepo(repo); err != nil {
		return id, err
	}
	if err := checkCheck(c); err != nil {
		return id, err
	}
	client, err := cs.gh.Of(ctx, repo)
	if err != nil {
		return id, err
	}
	p := &putting{checks: cs, client: client, repo: repo, check: c}
	if id == 0 && cs.inDoubt(repo, c) {
		if id, err = cs.FindCheck(ctx, repo, c.HeadSHA, c.Name); err != nil {
			return 0, err
		}
		cs.doubt(repo, c, false)
	}
	if id != 0 {
		err := p.update(ctx, id)
		if status := api.StatusOf(err); status != http.StatusNotFound &&
			(status != http.StatusForbidden || gate.AsError(err).Code != "no_permission") {
			return id, err
		}
		cs.gh.Log().Warn("the check run cannot be updated, a new one is created",
			"repository", repo.FullName(), "check_run", id, "error", err)
	}
	return p.create(ctx)
}

// checkCheck refuses what would let a required check pass by mistake.
func checkCheck(c report.Check) error {
	switch c.Conclusion {
	case report.Success, report.ActionRequired, report.Failure, report.Cancelled, report.InProgress:
	default:
		return api.Invalid(fmt.Sprintf("A check run is never published with the conclusion %q.", string(c.Conclusion)))
	}
	if c.Name == "" || c.Title == "" || c.Summary == "" || !wire.IsSHA(c.HeadSHA) {
		return api.Invalid("A check run needs a name, a title, a summary and a commit's full SHA.")
	}
	return checkActions(c.Actions)
}

// putting is one check on its way to GitHub.
type putting struct {
	checks *Checks
	client *api.Client
	repo   gate.Repo
	check  report.Check
}

func (p *putting) create(ctx context.Context) (int64, error) {
	first, rest := split(bounded(p.check.Annotations))
	body := p.body(first)
	body["head_sha"] = p.check.HeadSHA
	var run struct {
		ID int64 `json:"id"`
	}
	p.checks.doubt(p.repo, p.check, true)
	err := p.client.Send(ctx, api.Request{
		Route: createCheck, Method: http.MethodPost, URL: api.RepoPath(p.repo) + "/check-runs", Body: body,
		Doing: "publish the check of " + p.repo.FullName() + "@" + p.check.HeadSHA,
	}, api.Into(&run))
	if status := api.StatusOf(err); err == nil || status >= 400 && status < 500 {
		p.checks.doubt(p.repo, p.check, err == nil && run.ID == 0)
	}
	if err != nil {
		return 0, err
	}
	if run.ID == 0 {
		return 0, api.Malformed("the new check run has no id")
	}
	p.checks.mark(run.ID, first)
	return run.ID, p.patches(ctx, run.ID, rest)
}

func (p *putting) update(ctx context.Context, id int64) error {
	fresh, err := p.fresh(ctx, id)
	if err != nil {
		return err
	}
	first, rest := split(fresh)
	if err := p.patch(ctx, id, first); err != nil {
		return err
	}
	return p.patches(ctx, id, rest)
}

func (p *putting) patches(ctx context.Context, id int64, rest []report.Annotation) error {
	for len(rest) > 0 {
		var batch []report.Annotation
		batch, rest = split(rest)
		if err := p.patch(ctx, id, batch); err != nil {
			return err
		}
	}
	return nil
}

func (p *putting) patch(ctx context.Context, id int64, notes []report.Annotation) error {
	err := p.client.Send(ctx, api.Request{
		Route: updateCheck, Method: http.MethodPatch,
		URL:   api.RepoPath(p.repo) + "/check-runs/" + strconv.FormatInt(id, 10),
		Body:  p.body(notes),
		Doing: "update the check of " + p.repo.FullName() + "@" + p.check.HeadSHA,
	}, func(io.Reader) error { return nil })
	if err != nil {
		return err
	}
	p.checks.mark(id, notes)
	return nil
}

// body is written by hand because go-github leaves out what is empty, and an
// empty value is what clears a field.
// https://docs.github.com/en/rest/checks/runs#update-a-check-run
func (p *putting) body(notes []report.Annotation) map[string]any {
	output := map[string]any{
		"title":   cut(p.check.Title, maxTitle),
		"summary": cut(p.check.Summary, report.MaxSummary),
		"text":    cut(p.check.Text, report.MaxSummary),
	}
	if len(notes) > 0 {
		list := make([]map[string]any, 0, len(notes))
		for _, n := range notes {
			list = append(list, noteBody(n))
		}
		output["annotations"] = list
	}
	body := map[string]any{
		"name":        p.check.Name,
		"external_id": p.check.ExternalID,
		"status":      "completed",
		"conclusion":  string(p.check.Conclusion),
		"output":      output,
		"actions":     actionBodies(p.check.Actions),
	}
	if p.check.Conclusion == report.InProgress {
		body["status"] = "in_progress"
		delete(body, "conclusion")
	}
	if p.check.DetailsURL != "" {
		body["details_url"] = p.check.DetailsURL
	}
	return body
}
