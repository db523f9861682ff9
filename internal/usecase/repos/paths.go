package repos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/repo"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/usecase/outgoing"
)

// Workflows tells what the workflow files of a repository can do.
type Workflows interface {
	// Workflows reads those at the tip of the default branch, with its rules.
	Workflows(ctx context.Context, repo gate.Repo) (change.Workflows, error)
	// WorkflowAt reads one, and those that next finds it calls.
	WorkflowAt(ctx context.Context, repo gate.Repo, sha, path string, next func(text string) []string) (change.Workflow, error)
}

// Bounds of what is told of a repository's ways to deploy.
const (
	maxPaths   = 200
	maxFollows = 20 // files whose calls into other repositories are followed
	// pathsEvery is how often they are looked at where nothing was seen that
	// changes them: a reusable workflow of another repository can.
	pathsEvery = time.Hour
)

// DeployPaths says of every way in which the workflows of a repository's default
// branch can deploy how surely it is held, those that are not first. enforced is
// what is known of its environments. It is never nil where there is no error.
func DeployPaths(ctx context.Context, from Workflows, repo gate.Repo, enforced []gate.Enforcement) ([]gate.Job, error) {
	w, err := from.Workflows(ctx, repo)
	if err != nil {
		return nil, err
	}
	for _, file := range []change.RulesFile{w.Org, w.Repo} {
		if file.State == change.RulesUnknown && w.Tip != "" {
			return nil, &gate.Error{Code: "rules_unreadable", Text: "The rules file could not be read: " + file.Reason}
		}
	}
	if err := follow(ctx, from, repo, &w); err != nil {
		return nil, err
	}
	var protected, existing []string
	for _, e := range enforced {
		if e.Environment == "" {
			continue
		}
		existing = append(existing, e.Environment)
		if e.Enforced {
			protected = append(protected, e.Environment)
		}
	}
	if len(existing) >= outgoing.MaxEnvironments {
		existing = nil
	}
	paths := judge.DeployPaths(policy.Load(w.Org, w.Repo), w.Files, protected, existing, w.Cancels)
	slices.SortStableFunc(paths, func(a, b gate.Job) int { return sureness(a) - sureness(b) })
	if over := len(paths) - maxPaths; over > 0 {
		paths = append(paths[:maxPaths:maxPaths],
			gate.Job{Held: gate.NotHeld, Why: fmt.Sprintf("%d more ways to deploy are not listed", over)})
	}
	if w.More > 0 {
		paths = append(paths, gate.Job{Workflow: workflowFolder, Held: gate.NotHeld,
			Why: fmt.Sprintf("%d more workflow files were not read", w.More)})
	}
	return append([]gate.Job{}, paths...), nil
}

const workflowFolder = ".github/workflows/"

func sureness(j gate.Job) int {
	return slices.Index([]gate.Hold{gate.NotHeld, gate.BestEffort, gate.Certain}, j.Held)
}

// follow gives each file those that it calls: the repository's own are there
// already, those of others are asked for.
func follow(ctx context.Context, from Workflows, repo gate.Repo, w *change.Workflows) error {
	var own []change.Called
	for _, f := range w.Files {
		own = append(own, change.Called{Uses: "./" + f.Path, Text: f.Text})
	}
	files, asked := make([]change.Workflow, len(w.Files)), 0
	for i, f := range w.Files {
		files[i] = f
		files[i].Calls = own
		if asked == maxFollows || !slices.ContainsFunc(judge.CalledWorkflows(f.Text.Body),
			func(uses string) bool { return !strings.HasPrefix(uses, "./") }) {
			continue
		}
		asked++
		whole, err := from.WorkflowAt(ctx, repo, w.Tip, f.Path, judge.CalledWorkflows)
		if err != nil {
			return err
		}
		files[i].Calls = append(slices.Clone(whole.Calls), own...)
	}
	w.Files = files // what came may be kept by who gave it
	return nil
}

// asksForPaths reports whether what was seen can have changed how a repository
// deploys, or how surely that is held.
func asksForPaths(n gate.Noted) bool {
	switch n.Action {
	case gate.BranchSeen, gate.Renamed, gate.Moved, gate.Archived:
		return false
	}
	return true
}

// pathsNow is how a repository can deploy, where that is not what is on record;
// else nil. That it cannot be read for a lasting reason is said as a way that
// nothing holds; for a passing one, what was known stays.
func (u *Repos) pathsNow(ctx context.Context, s repo.State) []gate.Job {
	repo := s.Subject.Repo
	paths, err := DeployPaths(ctx, u.Workflows, repo, s.Enforcement)
	if err != nil {
		known := gate.AsError(err)
		if known.Code != "no_permission" {
			u.Book.Slog.Warn("how a repository deploys could not be read", "repository", repo.FullName(), "code", known.Code, "error", err)
			return nil
		}
		paths = []gate.Job{{Workflow: workflowFolder, Held: gate.NotHeld, Why: known.Text}}
	}
	u.compared.looked(repo.ID, u.Book.Now())
	if s.Paths != nil && samePaths(paths, s.Paths) {
		return nil
	}
	return paths
}

// samePaths compares what is to be written with what was read back.
func samePaths(a, b []gate.Job) bool {
	one, err := json.Marshal(a)
	other, berr := json.Marshal(b)
	return err == nil && berr == nil && string(one) == string(other)
}

// watchPaths looks at how a repository deploys, now and then, as the comparison
// with GitHub does.
func (u *Repos) watchPaths(ctx context.Context, repo gate.Repo) error {
	if u.Book.Now().Sub(u.compared.lookedAt(repo.ID)) < pathsEvery {
		return nil
	}
	subject := gate.Subject{Kind: gate.Repository, Repo: repo}
	f, err := u.Book.Repositories.Load(ctx, subject.Stream())
	if err != nil || f.State.Wanted > f.State.Covered { // a survey is due, which looks as well
		return err
	}
	f.State.Subject = subject
	paths := u.pathsNow(ctx, f.State)
	if paths == nil {
		return nil
	}
	_, err = u.Book.Repositories.Append(ctx, f, engine.Draft{Event: gate.Surveyed{Covers: f.State.Covered, Paths: paths}})
	if errors.Is(err, ledger.ErrMoved) { // it is looked at the next time
		u.compared.looked(repo.ID, time.Time{})
		return nil
	}
	return err
}
