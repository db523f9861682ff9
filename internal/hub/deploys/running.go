package deploys

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
)

// Codes of why a job is not one that runs.
const (
	jobOver    = "job_over"
	jobDiffers = "job_differs" // from what its token says
	jobForeign = "job_of_a_fork"
)

// Running is nil where a job of GitHub Actions is in progress, in the newest attempt
// of its run, and the run is what the job's token says: in two requests side by side.
//
// Its error is Final where the job is over, or is another than the token says; where
// GitHub does not yet show what the token is proof of, it may be tried again. The
// environment stands in the token alone: GitHub tells it of no job. Nor is the commit
// compared of a run of a pull request, whose token names a merge that is in no branch.
// Where the token names no check run, as those of older servers, the run alone is
// looked at.
func (ds *Deploys) Running(ctx context.Context, repo gate.Repo, job gate.WorkflowJob) error {
	if job.Repo != repo.ID {
		return differs("is of another repository")
	}
	c, err := ds.runClient(ctx, repo, job.Run)
	if err != nil {
		return err
	}
	jobCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		wg     sync.WaitGroup
		found  jobAnswer
		jobErr error
	)
	if job.CheckRun != 0 {
		wg.Go(func() { found, jobErr = readJob(jobCtx, c, repo, job.CheckRun) })
	}
	run, err := readRun(ctx, c, repo, job.Run)
	if err == nil {
		err = sameRun(run, job)
	}
	if err != nil {
		cancel() // nobody waits for the other any more
	}
	wg.Wait()
	switch {
	case api.StatusOf(err) == http.StatusNotFound:
		if err := c.InSight(ctx, repo); err != nil {
			return err
		}
		return over("The run of this job is gone.")
	case err != nil:
		return err
	case job.CheckRun == 0:
		return goesOn(run.Status)
	case api.StatusOf(jobErr) == http.StatusNotFound:
		return notYet("no job of this number")
	case jobErr != nil:
		return jobErr
	}
	return found.is(job)
}

// sameRun compares a run with what a token says of it.
func sameRun(run change.Run, job gate.WorkflowJob) error {
	_, file, _ := strings.Cut(job.Workflow, "/") // OWNER/NAME/PATH@REF, by whatever name the repository went
	_, file, _ = strings.Cut(file, "/")
	ofPull := strings.HasPrefix(job.Event, "pull_request")
	switch {
	case run.Attempt > job.Attempt:
		return over("A newer attempt of this job's run was started.")
	case run.Attempt < job.Attempt:
		return notYet("no such attempt of the run")
	case run.Over():
		return over("The run of this job is over.")
	case run.Event != job.Event:
		return differs("was started by another event")
	case run.Workflow == "" || !strings.HasPrefix(file, run.Workflow+"@"):
		return differs("is of another workflow file")
	case job.SHA != "" && run.Head != job.SHA && !ofPull:
		return differs("is of another commit")
	case run.Fork:
		return &gate.Error{Code: jobForeign, Final: true,
			Text: "The run of this job is of a commit of a fork: what anybody may write is given nothing."}
	}
	return nil
}

// is compares a job with what its token says of it. GitHub's jobs and their check runs
// have the same numbers; were they to differ, none would be found.
func (a jobAnswer) is(job gate.WorkflowJob) error {
	switch {
	case a.ID != job.CheckRun || a.Status == "" || a.CheckRun != "" && !strings.HasSuffix(a.CheckRun, fmt.Sprintf("/%d", job.CheckRun)):
		return api.Malformed("the job lacks its status, or is another one")
	case a.Run != job.Run || a.Attempt != job.Attempt:
		return differs("is of another run or attempt")
	}
	return goesOn(a.Status)
}

func goesOn(status string) error {
	switch status {
	case "in_progress":
		return nil
	case "completed":
		return over("This job is over.")
	}
	return notYet("a job that is not in progress")
}

func over(text string) error { return &gate.Error{Code: jobOver, Text: text, Final: true} }

func differs(how string) error {
	return &gate.Error{Code: jobDiffers, Final: true, Text: "GitHub's answer contradicts the token: the run " + how + "."}
}

func notYet(what string) error {
	return &gate.Error{Code: gate.StaleAnswer,
		Text: "GitHub shows " + what + ", though the token says otherwise: it may be behind. Try again."}
}
