package workflow

import (
	"slices"
	"strings"
)

// Facts are what a workflow can do, read from its text alone.
type Facts struct {
	Events []string // that start it, in order of their names
	Jobs   []Job    // as they stand in the file
}

// Job is what one job of a workflow can do.
type Job struct {
	ID   string
	Line int
	// Environments are the names that `environment` can take: more than one
	// where a matrix gives them. Dynamic says that an expression gives it that
	// only a run resolves, so that it could be any.
	Environments []string
	Dynamic      bool
	Uses         string   // the reusable workflow that it calls
	Inherit      bool     // it hands all secrets on to it
	Needs        []string // jobs that come before it, in order of their ids
	Always       bool     // it runs even where a job before it failed or was refused
	Never        bool     // its condition is constantly false

	IDToken    bool     // it may ask for OIDC tokens
	Writes     []string // other scopes that its token may write, in order
	WriteAll   bool
	Unset      bool     // no permissions block: the repository's settings decide
	Secrets    []string // names that it reads, in order; "*" for all of them
	SelfHosted bool     // or a runner group, or a label that only a run resolves
	Deploys    string   // how a step of it deploys, as far as its text tells
}

// Describe reads a workflow file. What is no workflow, or too large, is an
// error with a sentence. Bounds are those of the detector.
func Describe(body string) (Facts, error) {
	f, err := read(body)
	if err != nil {
		return Facts{}, err
	}
	out := Facts{Events: sortedKeys(f.events)}
	for i := range f.jobs {
		out.Jobs = append(out.Jobs, f.describe(&f.jobs[i]))
	}
	return out, nil
}

func (f *file) describe(j *job) Job {
	out := Job{
		ID: j.id, Line: j.line, Uses: strings.TrimSpace(j.uses.s), Inherit: j.inherit,
		Needs:  slices.Compact(slices.Sorted(slices.Values(j.needs))),
		Always: runsAnyway(j.ifs.s), Never: never(j.ifs.s),
		Secrets: f.secretsOf(j), SelfHosted: ownRunner(j),
	}
	out.Environments, out.Dynamic = environmentsOf(j)
	p := f.effective(j)
	out.Unset = !p.set
	out.WriteAll = p.all == "write-all"
	out.IDToken = p.level("id-token") == 2
	for _, scope := range sortedKeys(p.scopes) {
		if scope != "id-token" && p.level(scope) == 2 {
			out.Writes = append(out.Writes, scope)
		}
	}
	for k := range j.steps {
		s := &j.steps[k]
		if never(s.ifs.s) || out.Deploys != "" {
			continue
		}
		if out.Deploys = s.deploy(); out.Deploys == "" && publishes(s) {
			out.Deploys = "publishes what it built"
		}
	}
	return out
}

// environmentsOf follows a matrix to the names that it gives.
func environmentsOf(j *job) (names []string, dynamic bool) {
	if !j.hasEnv || j.environ.empty() {
		return nil, j.hasEnv
	}
	given := resolve(j.environ, j.matrix)
	for _, t := range given {
		name := t.s // with its blanks: GitHub may make another environment of it
		if len(expressions(name)) > 0 || strings.Contains(name, "${{") {
			// The expression itself, which a matrix has resolved or nobody has.
			dynamic = dynamic || len(given) == 1 || !onlyMatrix(name)
			continue
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, dynamic || len(names) == 0
}

// onlyMatrix reports whether a value is one matrix expression and nothing else.
func onlyMatrix(s string) bool {
	es := expressions(s)
	if len(es) != 1 || es[0].off != 0 || len(es[0].body)+5 != len(s) {
		return false
	}
	cs := contexts(es[0].body)
	return len(cs) == 1 && cs[0].bare && strings.HasPrefix(cs[0].path, "matrix.")
}

// runsAnyway reports whether a condition lets a job run though one that it
// needs did not succeed.
// https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions
func runsAnyway(ifs string) bool {
	low := strings.ToLower(strings.Join(strings.Fields(ifs), ""))
	return strings.Contains(low, "always(") || strings.Contains(low, "failure(") || strings.Contains(low, "cancelled(")
}

// hosted are the beginnings of the labels of GitHub's own runners.
var hosted = []string{"ubuntu-", "windows-", "macos-"}

// ownRunner reports whether the job may run elsewhere than on GitHub's standard
// runners.
// https://docs.github.com/en/actions/reference/runners/github-hosted-runners
func ownRunner(j *job) bool {
	if !j.group.empty() {
		return true
	}
	return slices.ContainsFunc(j.labels, func(l text) bool {
		s := strings.ToLower(strings.TrimSpace(l.s))
		if onlyMatrix(s) && len(j.labels) > 1 {
			return false
		}
		return !slices.ContainsFunc(hosted, func(p string) bool { return strings.HasPrefix(s, p) })
	})
}

// secretsOf lists the secrets that a job can read: those that it names, and
// those of the workflow's own environment. GITHUB_TOKEN is every job's own and
// left out: permissions say what it may do.
func (f *file) secretsOf(j *job) []string {
	have := map[string]bool{}
	note := func(s string) {
		for _, e := range expressions(s) {
			for _, c := range contexts(e.body) {
				name, one := strings.CutPrefix(c.path, "secrets.")
				switch {
				case c.path == "secrets" || one && strings.HasPrefix(name, "*"):
					have["*"] = true
				case one && name != "github_token":
					have[strings.ToUpper(name)] = true
				}
			}
		}
	}
	all := func(groups ...[]pair) {
		for _, g := range groups {
			for _, p := range g {
				note(p.value.s)
			}
		}
	}
	note(f.envExpr.s)
	note(j.envExpr.s)
	all(f.env, j.env, j.with, j.secrets)
	for i := range j.images {
		note(j.images[i].password.s)
		note(j.images[i].options.s)
	}
	for i := range j.steps {
		s := &j.steps[i]
		for _, t := range []text{s.run, s.uses, s.envExpr, s.ifs} {
			note(t.s)
		}
		all(s.with, s.env)
	}
	return sortedKeys(have)
}

// Powerful reports whether a job can do something outside of itself, as far as
// the text tells: deploy, write what others rely on, become somebody in a cloud,
// read a secret, reach your own machines.
func (j *Job) Powerful() bool {
	return j.Deploys != "" || j.IDToken || j.WriteAll || j.Inherit || j.SelfHosted || j.Dynamic ||
		len(j.Secrets) > 0 || len(j.Environments) > 0 ||
		slices.ContainsFunc(j.Writes, func(scope string) bool { return writers[scope] })
}

// Strong reports whether writing to a scope changes code, releases, identity
// or the gates themselves.
func Strong(scope string) bool { return writers[scope] }
