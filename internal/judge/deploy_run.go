package judge

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/judged"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/detect/workflow"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

// Bounds on what is read of a run's workflows.
const (
	maxCalls = 10  // how deep reusable workflows call one another, as on GitHub
	maxJobs  = 256 // of one run, as on GitHub
	maxFiles = 256 // that are read for one run, each as often as it is called
)

// runReader reads what a run can do from its workflow files.
type runReader struct {
	rules     *policy.Rules
	calls     []change.Called
	protected []string
	existing  []string
	hold      policy.WorkflowRules // of the file that the run is of
	cancels   bool

	read  map[string]described // files by how they are called: each is parsed once
	files int
	jobs  []gate.Job
	can   []bool // per job: it can do something that wants holding
	// deploys is per job too: it is a way to deploy, or what it calls may be.
	deploys []bool
	seen    []detect.Observation
}

// readRun reads the workflow of a run. environment is the one that asks, which
// waits for us whatever the list says.
func readRun(r *policy.Rules, f *RunFacts, environment string) *runReader {
	protected := f.Protected
	if environment != "" {
		protected = append(slices.Clip(protected), environment)
	}
	hold, _ := r.HoldsWorkflow(f.Run.Workflow)
	rr := &runReader{rules: r, protected: protected, existing: f.Existing, hold: hold, cancels: f.CanCancel}
	if f.Workflow == nil {
		rr.unread(f.Run.Workflow, 0, "", "its workflow file was not read")
		return rr
	}
	rr.calls = f.Workflow.Calls
	rr.file(cmp.Or(f.Workflow.Path, f.Run.Workflow), f.Workflow.Text, frame{})
	return rr
}

// described is what a file says, or why it could not be read.
type described struct {
	facts workflow.Facts
	err   error
}

func (rr *runReader) describe(name string, text change.Text) (workflow.Facts, error) {
	known, ok := rr.read[name]
	if !ok {
		known.facts, known.err = workflow.Describe(text.Body)
		if rr.read == nil {
			rr.read = map[string]described{}
		}
		rr.read[name] = known
	}
	known.facts.Jobs = slices.Clone(known.facts.Jobs) // the caller narrows them
	return known.facts, known.err
}

// frame is where a workflow file is called from.
type frame struct {
	prefix string        // "ship / " before the ids of its jobs
	caller *workflow.Job // nil for the run's own file
	waits  string        // what its caller waits for, where that is held
	uses   string        // how it is called
	depth  int
}

func (rr *runReader) unread(path string, line int, object, why string) {
	rr.seen = append(rr.seen, detect.Observation{Kind: judged.UnreadableRun, Path: path, Line: line, Object: object, Detail: why})
}

// file reads one workflow file with all that it calls.
func (rr *runReader) file(name string, text change.Text, at frame) {
	if text.State != change.Loaded {
		rr.unread(name, 0, at.prefix, cmp.Or(text.Reason, "it was not found"))
		return
	}
	if rr.files++; rr.files > maxFiles {
		rr.unread(name, 0, at.prefix, "the run calls more than 256 workflows")
		return
	}
	facts, err := rr.describe(name, text)
	if err != nil {
		rr.unread(name, 0, at.prefix, err.Error())
		return
	}
	waits := rr.waits(facts.Jobs, at.waits)
	for i := range facts.Jobs {
		job := &facts.Jobs[i]
		if job.Never {
			continue
		}
		if rr.files > maxFiles {
			return
		}
		if len(rr.jobs) >= maxJobs {
			rr.unread(name, job.Line, at.prefix+job.ID, "the run has more than 256 jobs")
			return
		}
		if at.caller != nil {
			narrow(job, at.caller)
		}
		if job.Uses != "" && rr.follow(name, job, waits[job.ID], at) {
			continue
		}
		rr.job(name, job, waits[job.ID], at)
	}
}

// narrow takes away what a called workflow cannot have: no more than its caller.
// https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations
func narrow(job, caller *workflow.Job) {
	job.Inherit = job.Inherit || caller.Inherit // what it names today, another version of it may not
	if job.Unset {
		job.IDToken, job.Writes, job.WriteAll, job.Unset = caller.IDToken, caller.Writes, caller.WriteAll, caller.Unset
		return
	}
	if caller.Unset || caller.WriteAll {
		return
	}
	job.IDToken = job.IDToken && caller.IDToken
	if job.WriteAll {
		job.WriteAll, job.Writes = false, caller.Writes
		return
	}
	job.Writes = slices.DeleteFunc(slices.Clone(job.Writes), func(s string) bool { return !slices.Contains(caller.Writes, s) })
}

// follow reads the reusable workflow that a job calls. It is false where that
// cannot be read: then the job stands for all that it might do.
func (rr *runReader) follow(name string, job *workflow.Job, waits string, at frame) bool {
	uses := job.Uses
	i := -1
	if at.uses != "" && strings.HasPrefix(uses, "./") {
		// Within a workflow of another repository, that repository's.
		if repo, ref, ok := strings.Cut(at.uses, "/.github/workflows/"); ok && !strings.HasPrefix(at.uses, "./") {
			_, version, _ := strings.Cut(ref, "@")
			full := repo + strings.TrimPrefix(uses, ".") + "@" + version
			if i = rr.called(full); i >= 0 {
				uses = full
			}
		}
	} else {
		i = rr.called(uses)
	}
	why := ""
	switch {
	case at.depth+1 >= maxCalls:
		why = "workflows call one another more than 10 deep"
	case i < 0:
		why = "it calls " + uses + ", which was not found"
	case rr.calls[i].Text.State != change.Loaded:
		why = "it calls " + uses + ", which could not be read: " + cmp.Or(rr.calls[i].Text.Reason, "it was not found")
	}
	if why != "" {
		rr.unread(name, job.Line, at.prefix+job.ID, why)
		return false
	}
	rr.file(uses, rr.calls[i].Text, frame{prefix: at.prefix + job.ID + " / ", caller: job, waits: waits, uses: uses, depth: at.depth + 1})
	return true
}

func (rr *runReader) called(uses string) int {
	return slices.IndexFunc(rr.calls, func(c change.Called) bool { return strings.EqualFold(strings.TrimSpace(c.Uses), uses) })
}

// waits says for each job which held job it cannot start before; empty for none.
func (rr *runReader) waits(jobs []workflow.Job, from string) map[string]string {
	out := map[string]string{}
	if from != "" {
		for i := range jobs {
			out[jobs[i].ID] = from
		}
		return out
	}
	certain := map[string]bool{}
	for i := range jobs {
		certain[jobs[i].ID] = rr.guarded(&jobs[i]) && !jobs[i].Never
	}
	for moved := true; moved; {
		moved = false
		for i := range jobs {
			j := &jobs[i]
			if out[j.ID] != "" || j.Always {
				continue
			}
			for _, before := range j.Needs {
				if certain[before] || out[before] != "" {
					out[j.ID], moved = before, true
					break
				}
			}
		}
	}
	return out
}

// guarded reports whether every environment that a job can name waits for us,
// and the rules hold something there.
func (rr *runReader) guarded(job *workflow.Job) bool {
	if job.Dynamic || len(job.Environments) == 0 || rr.rules.Mode() != rulesfile.Enforce {
		return false
	}
	return !slices.ContainsFunc(job.Environments, func(e string) bool { return !rr.isProtected(e) })
}

func (rr *runReader) isProtected(environment string) bool {
	return hasFold(rr.protected, environment) && rr.rules.Environment(environment).Hold != rulesfile.HoldNever
}

func hasFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(o string) bool { return lowerASCII(o) == lowerASCII(s) })
}

// lowerASCII folds as far as it is known that GitHub does: "\u017ftaging", with a
// long s, may be another environment than "staging", which nobody protects.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// job notes what one job can do and how far it is held, and what about it
// nothing holds.
func (rr *runReader) job(name string, job *workflow.Job, waits string, at frame) {
	out := gate.Job{ID: at.prefix + job.ID, Environment: strings.Join(job.Environments, ", "), Can: abilities(job), Powers: powers(job)}
	if at.caller != nil {
		out.Workflow = name
	}
	powerful := job.Powerful() || job.Uses != ""
	said := path.Base(name) + " job `" + redact.Quote(words.Clip(out.ID)) + "`"
	switch {
	case rr.guarded(job):
		out.Held, out.Why = gate.Certain, "the environment waits for gatehold"
	case waits != "":
		out.Held, out.Why = gate.Certain, fmt.Sprintf("%s starts only after `%s`, which is held", said, redact.Quote(words.Clip(waits)))
	case rr.hold.Hold == rulesfile.HoldCancel && rr.cancels && rr.rules.Mode() == rulesfile.Enforce:
		out.Held, out.Why = gate.BestEffort, rr.open(said, job)+"; the run is cancelled while it is held, which may come too late"
	default:
		out.Held, out.Why = gate.NotHeld, rr.open(said, job)
		if rr.hold.Hold == rulesfile.HoldCancel && !rr.cancels {
			out.Why += "; the rules want the run cancelled, and the App was not granted `actions: write`"
		}
	}
	rr.jobs, rr.can = append(rr.jobs, out), append(rr.can, powerful)
	rr.deploys = append(rr.deploys, deploysSomewhere(job) || job.Uses != "")
	if out.Held != gate.Certain && powerful && !rr.letGo(job) {
		rr.observe(name, at.prefix, job)
	}
}

// letGo reports whether the rules themselves say that nothing is held where
// the job goes.
func (rr *runReader) letGo(job *workflow.Job) bool {
	return !job.Dynamic && len(job.Environments) > 0 && !slices.ContainsFunc(job.Environments, func(e string) bool {
		return rr.rules.Environment(e).Hold != rulesfile.HoldNever
	})
}

// open says why nothing holds a job for certain.
func (rr *runReader) open(said string, job *workflow.Job) string {
	if rr.rules.Mode() != rulesfile.Enforce {
		return "the rules only observe"
	}
	switch {
	case job.Uses != "":
		return said + " calls a workflow that could not be read"
	case job.Dynamic:
		return said + " takes its environment from an expression, so that it could be any"
	case len(job.Environments) == 0:
		return said + " names no environment"
	}
	for _, e := range job.Environments {
		where := "`" + redact.Quote(words.Clip(e)) + "`"
		switch {
		case rr.rules.Environment(e).Hold == rulesfile.HoldNever:
			return "the rules hold nothing in " + where
		case hasFold(rr.protected, e):
		case rr.existing != nil && !hasFold(rr.existing, e):
			return said + " names the environment " + where + ", which does not exist: GitHub makes it, and nobody protects it"
		default:
			return said + " names the environment " + where + ", which does not wait for gatehold"
		}
	}
	return said + " is held nowhere"
}

// abilities says in short clauses what a job can do.
func abilities(job *workflow.Job) []string {
	var out []string
	add := func(is bool, text string) {
		if is {
			out = append(out, text)
		}
	}
	add(job.Deploys != "", "deploys ("+redact.Quote(words.Clip(job.Deploys))+")")
	add(job.IDToken, "id-token: write")
	add(job.WriteAll, "write-all")
	for _, scope := range job.Writes {
		out = append(out, redact.Quote(words.Clip(scope))+": write")
	}
	switch {
	case job.Inherit:
		out = append(out, "may read all secrets (inherit)")
	case slices.Contains(job.Secrets, "*"):
		out = append(out, "reads all secrets")
	case len(job.Secrets) > 0:
		names := make([]string, 0, 5)
		for _, s := range job.Secrets[:min(len(job.Secrets), 5)] {
			names = append(names, redact.Quote(words.Clip(s)))
		}
		text := "reads secrets: " + strings.Join(names, ", ")
		if n := len(job.Secrets) - 5; n > 0 {
			text += fmt.Sprintf(" and %d more", n)
		}
		out = append(out, text)
	}
	add(job.SelfHosted, "runs on your own machines")
	add(job.Uses != "", "calls a workflow that could not be read")
	add(job.Unset, "token as the repository's settings say")
	return out
}

// powers are the same as codes.
func powers(job *workflow.Job) []string {
	var out []string
	add := func(is bool, code, name string) {
		if is {
			out = append(out, code+redact.Text(name))
		}
	}
	add(job.Deploys != "", "deploys:", job.Deploys)
	add(job.IDToken, "id-token", "")
	add(job.WriteAll, "write-all", "")
	for _, scope := range job.Writes {
		add(true, "write:", scope)
	}
	add(job.Inherit, "inherit", "")
	for _, name := range job.Secrets {
		add(true, "secret:", name)
	}
	add(job.SelfHosted, "self-hosted", "")
	add(job.Uses != "", "unread:", job.Uses)
	add(job.Unset, "unset", "")
	return out
}

// loose reports whether something that wants holding is not held for certain,
// or nothing at all is.
func (rr *runReader) loose() bool {
	certain := false
	for i, job := range rr.jobs {
		if job.Held == gate.Certain {
			certain = true
		} else if rr.can[i] {
			return true
		}
	}
	return !certain || slices.ContainsFunc(rr.seen, func(o detect.Observation) bool { return o.Kind == judged.UnreadableRun })
}
