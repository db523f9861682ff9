package deploys

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

var (
	runRoute     = api.Route{Name: "GET /repos/{owner}/{repo}/actions/runs/{run_id}", Need: "actions: read", Max: 4 << 20}
	jobRoute     = api.Route{Name: "GET /repos/{owner}/{repo}/actions/jobs/{job_id}", Need: "actions: read", Max: 4 << 20}
	pendingRoute = api.Route{Name: "GET /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments", Need: "actions: read", Max: 4 << 20}
	cancelRoute  = api.Route{Name: "POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel", Need: "actions: write", Max: 1 << 20}
	reviewsRoute = api.Route{Name: "GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals", Need: "actions: read", Max: 4 << 20}
	rerunRoute   = api.Route{Name: "POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun", Need: "actions: write", Max: 1 << 20}
)

// Run reads a workflow run, and for a deployment's sake what of it waits for
// somebody, in two requests side by side. A run that GitHub does not find, in a
// repository that the App sees, is completed with the conclusion "gone".
// https://docs.github.com/en/rest/actions/workflow-runs#get-a-workflow-run
// https://docs.github.com/en/rest/actions/workflow-runs#get-pending-deployments-for-a-workflow-run
func (ds *Deploys) Run(ctx context.Context, s gate.Subject) (change.Run, error) {
	c, err := ds.runClient(ctx, s.Repo, s.Run)
	if err != nil {
		return change.Run{}, err
	}
	pendingCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		wg         sync.WaitGroup
		pending    []string
		pendingErr error
	)
	if s.Kind == gate.Deployment {
		wg.Go(func() { pending, pendingErr = pendingOf(pendingCtx, c, s.Repo, s.Run) })
	}
	run, err := readRun(ctx, c, s.Repo, s.Run)
	if err != nil {
		cancel() // nobody waits for the other any more
	}
	wg.Wait()
	switch {
	case api.StatusOf(err) == http.StatusNotFound:
		return change.Run{ID: s.Run, Status: "completed", Conclusion: "gone"}, c.InSight(ctx, s.Repo)
	case err != nil:
		return change.Run{}, err
	case pendingErr != nil:
		return change.Run{}, pendingErr
	}
	run.Pending = pending
	return run, nil
}

// Job reads one job of a workflow run, and one that has ended once only. One that
// GitHub does not find, in a repository that the App sees, is completed with the
// conclusion "gone".
// https://docs.github.com/en/rest/actions/workflow-jobs#get-a-job-for-a-workflow-run
func (ds *Deploys) Job(ctx context.Context, repo gate.Repo, run, job int64) (change.Job, error) {
	ds.mu.Lock()
	had, ok := ds.ended.Get(job)
	ds.mu.Unlock()
	if ok && had.Run == run {
		return had, nil
	}
	c, err := ds.runClient(ctx, repo, run)
	if err != nil {
		return change.Job{}, err
	}
	a, err := readJob(ctx, c, repo, job)
	switch {
	case api.StatusOf(err) == http.StatusNotFound:
		return change.Job{Run: run, Status: "completed", Conclusion: "gone"}, c.InSight(ctx, repo)
	case err != nil:
		return change.Job{}, err
	case a.ID != job || a.Run != run || a.Status == "":
		return change.Job{}, api.Malformed("the job lacks its run or status, or is another run's")
	}
	told := change.Job{Run: a.Run, Status: a.Status, Conclusion: a.Conclusion, EndedAt: a.Completed.Time}
	if told.Over() {
		ds.mu.Lock()
		ds.ended.Put(job, told, 1)
		ds.mu.Unlock()
	}
	return told, nil
}

type jobAnswer struct {
	ID         int64     `json:"id"`
	Run        int64     `json:"run_id"`
	Attempt    int       `json:"run_attempt"`
	CheckRun   string    `json:"check_run_url"`
	Status     string    `json:"status"`
	Conclusion string    `json:"conclusion"`
	Completed  wire.Time `json:"completed_at"`
}

func readJob(ctx context.Context, c *api.Client, repo gate.Repo, job int64) (a jobAnswer, err error) {
	err = c.Get(ctx, api.Request{
		Route: jobRoute, URL: fmt.Sprintf("%s/actions/jobs/%d", api.RepoPath(repo), job),
		Doing: fmt.Sprintf("read the job %d of %s", job, repo.FullName()),
	}, api.Into(&a))
	return a, err
}

func (ds *Deploys) runClient(ctx context.Context, repo gate.Repo, run int64) (*api.Client, error) {
	if run <= 0 {
		return nil, api.Invalid("The subject names no workflow run.")
	}
	return ds.gh.Of(ctx, repo)
}

func runPath(repo gate.Repo, run int64, rest string) string {
	return fmt.Sprintf("%s/actions/runs/%d%s", api.RepoPath(repo), run, rest)
}

func readRun(ctx context.Context, c *api.Client, repo gate.Repo, id int64) (change.Run, error) {
	var a struct {
		wire.Run
		CreatedAt time.Time `json:"created_at"`
		UpdatedAt wire.Time `json:"updated_at"`
	}
	err := c.Get(ctx, api.Request{
		Route: runRoute, URL: runPath(repo, id, "?exclude_pull_requests=true"),
		Doing: fmt.Sprintf("read the workflow run %d of %s", id, repo.FullName()),
	}, api.Into(&a))
	switch {
	case err != nil:
		return change.Run{}, err
	case a.Repository.ID != repo.ID:
		return change.Run{}, api.AnotherRepository(repo)
	case a.ID != id || a.Attempt <= 0 || !wire.IsSHA(a.SHA) || a.Status == "":
		return change.Run{}, api.Malformed("the workflow run lacks its attempt, commit or status")
	}
	return change.Run{
		ID: a.ID, Attempt: a.Attempt, Workflow: a.Workflow(), Event: a.Event, Head: a.SHA, Branch: a.Branch,
		Fork:   a.HeadRepository.ID != a.Repository.ID,
		Status: a.Status, Conclusion: a.Conclusion, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt.Time,
		Actor: a.Actor.ChangeActor(), Triggered: a.Triggering.ChangeActor(),
	}, nil
}

// pendingOf are the environments that jobs of the run wait for.
func pendingOf(ctx context.Context, c *api.Client, repo gate.Repo, run int64) ([]string, error) {
	var list []struct {
		Environment struct {
			Name string `json:"name"`
		} `json:"environment"`
	}
	err := c.Get(ctx, api.Request{
		Route: pendingRoute, URL: runPath(repo, run, "/pending_deployments"),
		Doing: fmt.Sprintf("read what the workflow run %d of %s waits for", run, repo.FullName()),
	}, api.Into(&list))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, p := range list {
		if wire.IsEnvironment(p.Environment.Name) {
			out = append(out, p.Environment.Name)
		}
	}
	return out, nil
}

// CancelRun asks GitHub to end a workflow run. What its jobs have done by then
// stays done. A run that is over already is no error.
// https://docs.github.com/en/rest/actions/workflow-runs#cancel-a-workflow-run
func (ds *Deploys) CancelRun(ctx context.Context, repo gate.Repo, run int64) error {
	err := ds.control(ctx, repo, run, cancelRoute, "/cancel", "cancel")
	if api.Taken(err) || api.StatusOf(err) == http.StatusConflict {
		return nil
	}
	return err
}

// Rerun starts all jobs of a workflow run again, as a new attempt. One that has
// not ended yet is refused by GitHub for now (github_refused).
// https://docs.github.com/en/rest/actions/workflow-runs#re-run-a-workflow
func (ds *Deploys) Rerun(ctx context.Context, repo gate.Repo, run int64) error {
	return ds.control(ctx, repo, run, rerunRoute, "/rerun", "start again")
}

// Heard counts how often GitHub took this very answer of ours about a deployment,
// in all attempts of its run.
// https://docs.github.com/en/rest/actions/workflow-runs#get-the-review-history-for-a-workflow-run
func (ds *Deploys) Heard(ctx context.Context, s gate.Subject, reply gate.Reply, comment string) (int, error) {
	login, err := ds.us.Login(ctx)
	if err != nil {
		return 0, err
	}
	c, err := ds.runClient(ctx, s.Repo, s.Run)
	if err != nil {
		return 0, err
	}
	var list []struct {
		State        string       `json:"state"`
		Comment      string       `json:"comment"`
		User         wire.Account `json:"user"`
		Environments []struct {
			Name string `json:"name"`
		} `json:"environments"`
	}
	err = c.Get(ctx, api.Request{
		Route: reviewsRoute, URL: runPath(s.Repo, s.Run, "/approvals"),
		Doing: fmt.Sprintf("read what was answered about the workflow run %d of %s", s.Run, s.Repo.FullName()),
	}, api.Into(&list))
	if api.StatusOf(err) == http.StatusNotFound { // the run is gone
		return 0, c.InSight(ctx, s.Repo)
	}
	n := 0
	for _, r := range list {
		ours := r.State == string(reply) && r.User.Login == login && r.Comment == cutRunes(strings.TrimSpace(comment), maxComment)
		for _, e := range r.Environments {
			if ours && strings.EqualFold(e.Name, s.Environment) {
				n++
			}
		}
	}
	return n, err
}

// MayCancel reports whether the installation of a repository was granted
// `actions: write`: by the last token, or, where that was not given it, by what
// the account has accepted since.
func (ds *Deploys) MayCancel(ctx context.Context, repo gate.Repo) bool {
	c, err := ds.gh.Of(ctx, repo)
	return err == nil && c.Granted(ctx, "actions", "write")
}

// control needs a permission that the App does not ask for by itself: where it
// was not granted the error no_permission is final. GitHub answers 403 for
// other reasons too, which may pass.
func (ds *Deploys) control(ctx context.Context, repo gate.Repo, run int64, r api.Route, what, verb string) error {
	c, err := ds.runClient(ctx, repo, run)
	if err != nil {
		return err
	}
	err = c.Send(ctx, api.Request{
		Route: r, Method: http.MethodPost, URL: runPath(repo, run, what),
		Doing: fmt.Sprintf("%s the workflow run %d of %s", verb, run, repo.FullName()),
	}, func(io.Reader) error { return nil })
	if api.StatusOf(err) != http.StatusForbidden {
		return err
	}
	e := gate.AsError(err)
	if e.Code != "no_permission" {
		return err
	}
	out := *e
	if said, ok := api.SaidBy(err); ok && !strings.Contains(said, "not accessible by integration") {
		out.Code = "github_refused"
		out.Text = fmt.Sprintf("gatehold could not %s the workflow run %d of %s: GitHub says %q.", verb, run, repo.FullName(),
			wire.Clip(said, 200))
		return &out
	}
	out.Final = true
	return &out
}
