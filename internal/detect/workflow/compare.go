package workflow

import (
	"slices"
	"strings"
)

// twin is a job before and after; either may be missing.
type twin struct{ before, after *job }

// match pairs the jobs of two texts: by id, then what is left by how many of
// their steps are the same, so that renaming a job hides nothing.
func match(before, after *file) []twin {
	var out []twin
	taken := map[string]bool{}
	byID := map[string]*job{}
	for i := range after.jobs {
		byID[strings.ToLower(after.jobs[i].id)] = &after.jobs[i]
	}
	var orphans []*job
	for i := range before.jobs {
		b := &before.jobs[i]
		if a := byID[strings.ToLower(b.id)]; a != nil {
			out, taken[a.id] = append(out, twin{b, a}), true
		} else {
			orphans = append(orphans, b)
		}
	}
	for _, b := range orphans {
		var best *job
		score := 0.5
		for i := range after.jobs {
			a := &after.jobs[i]
			if taken[a.id] {
				continue
			}
			if s := overlap(b, a); s >= score {
				best, score = a, s+1e-9
			}
		}
		if best != nil {
			taken[best.id] = true
		}
		out = append(out, twin{b, best})
	}
	for i := range after.jobs {
		if a := &after.jobs[i]; !taken[a.id] {
			out = append(out, twin{nil, a})
		}
	}
	return out
}

func overlap(a, b *job) float64 {
	as, bs := signatures(a), signatures(b)
	if len(as) == 0 || len(bs) == 0 {
		return 0
	}
	have := map[string]int{}
	for _, s := range as {
		have[s]++
	}
	same := 0
	for _, s := range bs {
		if have[s] > 0 {
			have[s]--
			same++
		}
	}
	return float64(same) / float64(max(len(as), len(bs)))
}

func signatures(j *job) []string {
	var out []string
	if j.uses.s != "" {
		out = append(out, parseRef(j.uses.s).name)
	}
	for i := range j.steps {
		out = append(out, j.steps[i].signature())
	}
	return out
}

// signature says what a step is, whatever version it uses.
func (s *step) signature() string {
	if s.uses.s != "" {
		if r := parseRef(s.uses.s); r.kind != none {
			return r.name
		}
		return s.uses.s
	}
	return strings.TrimSpace(s.run.s)
}

// compare reports what became weaker between two texts.
func compare(before, after *file) []hit {
	var out []hit
	out = append(out, compareTriggers(before, after)...)
	for _, t := range match(before, after) {
		switch {
		case t.after == nil:
			out = append(out, jobGone(after, t.before)...)
		case t.before == nil:
			out = append(out, newJob(before, after, t.after)...)
		default:
			out = append(out, comparePermissions(before, after, t)...)
			out = append(out, compareEnvironment(t)...)
			out = append(out, compareChecks(after, t)...)
			out = append(out, compareSecrets(before, after, t.before, t.after)...)
			out = append(out, compareDeploys(before, t.after)...)
			out = append(out, compareOrder(before, t)...)
		}
	}
	return append(out, loosenedPins(before, after)...)
}

// loosenedPins reports actions of which fewer uses are held at a commit.
func loosenedPins(before, after *file) []hit {
	count := func(f *file) (map[string]int, map[string]text) {
		held, loose := map[string]int{}, map[string]text{}
		each := func(u text) {
			if r := parseRef(u.s); r.kind == remote && pinned(r.at) {
				held[r.name]++
			} else if r.kind == remote {
				loose[r.name] = u
			}
		}
		for i := range f.jobs {
			each(f.jobs[i].uses)
			for k := range f.jobs[i].steps {
				each(f.jobs[i].steps[k].uses)
			}
		}
		return held, loose
	}
	was, _ := count(before)
	is, loose := count(after)
	var out []hit
	for _, name := range sortedKeys(was) {
		if u, ok := loose[name]; ok && is[name] < was[name] {
			out = append(out, hit{kind: kindPinLoosened, line: u.line, object: strings.TrimSpace(u.s), detail: "was held at a commit"})
		}
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// compareEnvironment reports a deployment that no longer waits for the same
// environment's protection rules.
func compareEnvironment(t twin) []hit {
	b, a := t.before, t.after
	switch {
	case !b.hasEnv || b.environ.empty():
		return nil
	case !a.hasEnv || a.environ.empty():
		return []hit{{kind: kindEnvironmentRemoved, line: b.environ.line, removed: true, object: a.id, detail: "was " + b.environ.s}}
	case !strings.EqualFold(strings.TrimSpace(a.environ.s), strings.TrimSpace(b.environ.s)):
		return []hit{{kind: kindEnvironmentChanged, line: a.environ.line, object: a.id, detail: b.environ.s + " to " + a.environ.s}}
	}
	return nil
}

// compareSecrets reports secrets that a workflow did not name before.
func compareSecrets(before, after *file, b, a *job) []hit {
	had := map[string]bool{}
	for i := range before.jobs {
		names, _ := secretNames(before, &before.jobs[i])
		for _, n := range names {
			had[n] = true
		}
	}
	names, lines := secretNames(after, a)
	var out []hit
	for _, n := range names {
		if had[n] {
			continue
		}
		h := hit{kind: kindNewSecret, line: lines[n], object: strings.ToUpper(n), detail: "in " + a.id}
		if a.hasEnv {
			h.kind = kindNewSecretInEnvironment
		}
		out = append(out, h)
	}
	return out
}

// created reports what only a comparison with nothing can tell: the secrets of
// a new workflow and what it deploys.
func created(after *file) []hit {
	empty := &file{}
	var out []hit
	for i := range after.jobs {
		out = append(out, compareSecrets(empty, after, nil, &after.jobs[i])...)
		out = append(out, compareDeploys(empty, &after.jobs[i])...)
	}
	return out
}

func newJob(before, after *file, j *job) []hit {
	out := compareSecrets(before, after, nil, j)
	out = append(out, compareDeploys(before, j)...)
	return append(out, newJobPermissions(before, after, j)...)
}

// compareTriggers reports events that newly start a deployment, and checks
// that no longer run on pull requests.
func compareTriggers(before, after *file) []hit {
	var out []hit
	if deploysAt := firstDeploy(after); deploysAt != "" && firstDeploy(before) != "" {
		for _, name := range sortedKeys(after.events) {
			e := after.events[name]
			old, had := before.events[name]
			switch {
			case !had && (name == "workflow_call" || name == "merge_group" || replaces(before, after, name)):
			case !had:
				out = append(out, hit{kind: kindDeployTrigger, line: e.line, object: name, detail: "now starts " + deploysAt})
			case old.filtered && !e.filtered:
				out = append(out, hit{kind: kindDeployTrigger, line: e.line, object: name,
					detail: "is no longer filtered by branch or tag; starts " + deploysAt})
			case name == "push" && wider(old, e):
				out = append(out, hit{kind: kindDeployTrigger, line: e.line, object: name,
					detail: "from more branches; starts " + deploysAt})
			}
		}
	}
	if before.on("pull_request", "merge_group") &&
		!after.on("pull_request", "pull_request_target", "merge_group", "workflow_call", "push") {
		if tools, _ := checksOf(before); len(tools) > 0 {
			out = append(out, hit{kind: kindCheckUntriggered, line: before.events["pull_request"].line, removed: true,
				object: "pull_request", detail: "was what ran " + strings.Join(tools[:min(3, len(tools))], ", ")})
		}
	}
	return out
}

// replaces tells whether an event came in the place of one that at least as
// many people could cause.
func replaces(before, after *file, name string) bool {
	for old := range before.events {
		if _, still := after.events[old]; !still && openness(old) >= openness(name) && openness(name) > 1 {
			return true
		}
	}
	return false
}

// openness ranks events by who can cause them: 3 anybody, 2 anybody but with
// a fork's rights, 1 those with write access.
func openness(event string) int {
	switch {
	case event == "pull_request":
		return 2
	case slices.Contains(privilegedEvents[:], event):
		return 3
	}
	return 1
}

func wider(before, after event) bool {
	if len(before.branches) == 0 {
		return false
	}
	for _, b := range after.branches {
		if strings.ContainsAny(b, "*+?") && !slices.Contains(before.branches, b) && !strings.Contains(b, "release") {
			return true
		}
	}
	return false
}
