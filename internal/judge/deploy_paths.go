package judge

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/judged"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/detect/workflow"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/words"
)

// DeployPaths says of every way in which a repository's workflow files can
// deploy how far it is held: for certain, at best effort, or not at all, with a
// sentence. protected are the environments that wait for our rule, existing all
// that there are (nil where that is not known), and cancels says that runs may
// be cancelled. Each job names its file. A file that could not be read is a path
// that nothing holds.
func DeployPaths(r *policy.Rules, files []change.Workflow, protected, existing []string, cancels bool) []gate.Job {
	sorted := slices.Clone(files)
	slices.SortStableFunc(sorted, func(a, b change.Workflow) int { return strings.Compare(a.Path, b.Path) })
	var out []gate.Job
	for _, f := range sorted {
		hold, named := r.HoldsWorkflow(f.Path)
		rr := &runReader{rules: r, calls: f.Calls, protected: protected, existing: existing, hold: hold, cancels: cancels}
		rr.file(f.Path, f.Text, frame{})
		for i, job := range rr.jobs {
			if !rr.deploys[i] && !(named && rr.can[i]) {
				continue
			}
			job.Workflow = f.Path
			out = append(out, job)
		}
		for _, o := range rr.seen {
			if o.Kind == judged.UnreadableRun && o.Line == 0 {
				out = append(out, gate.Job{ID: o.Object, Workflow: f.Path, Held: gate.NotHeld,
					Why: "`" + redact.Quote(words.Clip(o.Path)) + "` could not be read: " + cmp.Or(o.Detail, "nobody knows why")})
			}
		}
	}
	return out
}

// deploysSomewhere reports whether a job is a way to deploy, as far as its text
// tells.
func deploysSomewhere(job *workflow.Job) bool {
	return job.Deploys != "" || len(job.Environments) > 0 || job.Dynamic
}

// CalledWorkflows are the reusable workflows that the jobs of a workflow file
// call, as they are written there. A file that cannot be read calls none: that
// it could not be read is found when the run is judged.
func CalledWorkflows(text string) []string {
	facts, err := workflow.Describe(text)
	if err != nil {
		return nil
	}
	var out []string
	for _, job := range facts.Jobs {
		if job.Uses != "" {
			out = append(out, job.Uses)
		}
	}
	return out
}
