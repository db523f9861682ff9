package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

var (
	runRoute     = route{name: "GET /repos/{owner}/{repo}/actions/runs/{run_id}", need: "actions: read", max: 4 << 20}
	jobRoute     = route{name: "GET /repos/{owner}/{repo}/actions/jobs/{job_id}", need: "actions: read", max: 4 << 20}
	pendingRoute = route{name: "GET /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments", need: "actions: read", max: 4 << 20}
	cancelRoute  = route{name: "POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel", need: "actions: write", max: 1 << 20}
	reviewsRoute = route{name: "GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals", need: "actions: read", max: 4 << 20}
	rerunRoute   = route{name: "POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun", need: "actions: write", max: 1 << 20}
)

// Run reads a workflow run, and for a deployment's sake what of it waits for
// somebody, in two requests side by side. A run that GitHub does not find, in a
// repository that the App sees, is completed with the conclusion "gone".
// https://docs.github.com/en/rest/actions/workflow-runs#get-a-workflow-run
// https://docs.github.com/en/rest/actions/workflow-runs#get-pending-deployments-for-a-workflow-run
func (h *Hub) Run(ctx context.Context, s gate.Subject) (change.Run, error) {
	c, err := h.runClient(ctx, s.Repo, s.Run)
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
		wg.Go(func() { pending, pendingErr = c.pending(pendingCtx, s.Repo, s.Run) })
	}
	run, err := c.run(ctx, s.Repo, s.Run)
	if err != nil {
		cancel() // nobody waits for the other any more
	}
	wg.Wait()
	switch {
	case statusOf(err) == http.StatusNotFound:
		return change.Run{ID: s.Run, Status: "completed", Conclusion: "gone"}, c.inSight(ctx, s.Repo)
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
func (h *Hub) Job(ctx context.Context, repo gate.Repo, run, job int64) (change.Job, error) {
	h.mu.Lock()
	had, ok := h.ended.get(job)
	h.mu.Unlock()
	if ok && had.Run == run {
		return had, nil
	}
	c, err := h.runClient(ctx, repo, run)
	if err != nil {
		return change.Job{}, err
	}
	var a struct {
		ID         int64     `json:"id"`
		Run        int64     `json:"run_id"`
		Status     string    `json:"status"`
		Conclusion string    `json:"conclusion"`
		Completed  wire.Time `json:"completed_at"`
	}
	err = c.get(ctx, request{
		route: jobRoute, url: fmt.Sprintf("%s/actions/jobs/%d", repoPath(repo), job),
		doing: fmt.Sprintf("read the job %d of %s", job, repo.FullName()),
	}, into(&a))
	switch {
	case statusOf(err) == http.StatusNotFound:
		return change.Job{Run: run, Status: "completed", Conclusion: "gone"}, c.inSight(ctx, repo)
	case err != nil:
		return change.Job{}, err
	case a.ID != job || a.Run != run || a.Status == "":
		return change.Job{}, malformed("the job lacks its run or status, or is another run's")
	}
	told := change.Job{Run: a.Run, Status: a.Status, Conclusion: a.Conclusion, EndedAt: a.Completed.Time}
	if told.Over() {
		h.mu.Lock()
		h.ended.put(job, told, 1)
		h.mu.Unlock()
	}
	return told, nil
}

func (h *Hub) runClient(ctx context.Context, repo gate.Repo, run int64) (*client, error) {
	if run <= 0 {
		return nil, invalid("The subject names no workflow run.")
	}
	return h.clientOf(ctx, repo)
}

func runPath(repo gate.Repo, run int64, rest string) string {
	return fmt.Sprintf("%s/actions/runs/%d%s", repoPath(repo), run, rest)
}

func (c *client) run(ctx context.Context, repo gate.Repo, id int64) (change.Run, error) {
	var a struct {
		wire.Run
		CreatedAt time.Time `json:"created_at"`
		UpdatedAt wire.Time `json:"updated_at"`
	}
	err := c.get(ctx, request{
		route: runRoute, url: runPath(repo, id, "?exclude_pull_requests=true"),
		doing: fmt.Sprintf("read the workflow run %d of %s", id, repo.FullName()),
	}, into(&a))
	switch {
	case err != nil:
		return change.Run{}, err
	case a.Repository.ID != repo.ID:
		return change.Run{}, anotherRepository(repo)
	case a.ID != id || a.Attempt <= 0 || !wire.IsSHA(a.SHA) || a.Status == "":
		return change.Run{}, malformed("the workflow run lacks its attempt, commit or status")
	}
	return change.Run{
		ID: a.ID, Attempt: a.Attempt, Workflow: a.Workflow(), Event: a.Event, Head: a.SHA, Branch: a.Branch,
		Fork:   a.HeadRepository.ID != a.Repository.ID,
		Status: a.Status, Conclusion: a.Conclusion, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt.Time,
		Actor: a.Actor.ChangeActor(), Triggered: a.Triggering.ChangeActor(),
	}, nil
}

// pending are the environments that jobs of the run wait for.
func (c *client) pending(ctx context.Context, repo gate.Repo, run int64) ([]string, error) {
	var list []struct {
		Environment struct {
			Name string `json:"name"`
		} `json:"environment"`
	}
	err := c.get(ctx, request{
		route: pendingRoute, url: runPath(repo, run, "/pending_deployments"),
		doing: fmt.Sprintf("read what the workflow run %d of %s waits for", run, repo.FullName()),
	}, into(&list))
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
func (h *Hub) CancelRun(ctx context.Context, repo gate.Repo, run int64) error {
	err := h.control(ctx, repo, run, cancelRoute, "/cancel", "cancel")
	var accepted *github.AcceptedError // how go-github reports 202, which is success here
	if errors.As(err, &accepted) || statusOf(err) == http.StatusConflict {
		return nil
	}
	return err
}

// Rerun starts all jobs of a workflow run again, as a new attempt. One that has
// not ended yet is refused by GitHub for now (github_refused).
// https://docs.github.com/en/rest/actions/workflow-runs#re-run-a-workflow
func (h *Hub) Rerun(ctx context.Context, repo gate.Repo, run int64) error {
	return h.control(ctx, repo, run, rerunRoute, "/rerun", "start again")
}

// Heard counts how often GitHub took this very answer of ours about a deployment,
// in all attempts of its run.
// https://docs.github.com/en/rest/actions/workflow-runs#get-the-review-history-for-a-workflow-run
func (h *Hub) Heard(ctx context.Context, s gate.Subject, reply gate.Reply, comment string) (int, error) {
	login, err := h.Login(ctx)
	if err != nil {
		return 0, err
	}
	c, err := h.runClient(ctx, s.Repo, s.Run)
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
	err = c.get(ctx, request{
		route: reviewsRoute, url: runPath(s.Repo, s.Run, "/approvals"),
		doing: fmt.Sprintf("read what was answered about the workflow run %d of %s", s.Run, s.Repo.FullName()),
	}, into(&list))
	if statusOf(err) == http.StatusNotFound { // the run is gone
		return 0, c.inSight(ctx, s.Repo)
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
func (h *Hub) MayCancel(ctx context.Context, repo gate.Repo) bool {
	c, err := h.clientOf(ctx, repo)
	if err != nil {
		return false
	}
	const permission, level = "actions", "write"
	if !c.slots.may(permission, level) {
		c, _ = h.regrant(ctx, c)
	}
	return c.slots.may(permission, level)
}

// control needs a permission that the App does not ask for by itself: where it
// was not granted the error no_permission is final. GitHub answers 403 for
// other reasons too, which may pass.
func (h *Hub) control(ctx context.Context, repo gate.Repo, run int64, r route, what, verb string) error {
	c, err := h.runClient(ctx, repo, run)
	if err != nil {
		return err
	}
	err = c.do(ctx, c.rest, request{
		route: r, method: http.MethodPost, url: runPath(repo, run, what),
		doing: fmt.Sprintf("%s the workflow run %d of %s", verb, run, repo.FullName()),
	}, func(io.Reader) error { return nil })
	if statusOf(err) != http.StatusForbidden {
		return err
	}
	e := gate.AsError(err)
	if e.Code != "no_permission" {
		return err
	}
	out := *e
	var answer *github.ErrorResponse
	if errors.As(err, &answer) && !strings.Contains(answer.Message, "not accessible by integration") {
		out.Code = "github_refused"
		out.Text = fmt.Sprintf("gatehold could not %s the workflow run %d of %s: GitHub says %q.", verb, run, repo.FullName(),
			wire.Clip(answer.Message, 200))
		return &out
	}
	out.Final = true
	return &out
}
