package workflow

import (
	"strings"
)

// jobGone reports a job that no longer runs.
func jobGone(after *file, b *job) []hit {
	if !b.isCheck() {
		return nil
	}
	_, have := checksOf(after)
	missing := false
	for i := range b.steps {
		if c := b.steps[i].check(); c != "" && !have[c] {
			missing = true
		}
	}
	if !missing && hasChecks(b) {
		return nil // its checks run in another job now
	}
	h := hit{kind: kindCheckRemoved, line: b.line, removed: true, object: b.id, detail: "the job is gone"}
	if b.security() {
		h.kind = kindSecurityCheckRemoved
	}
	return []hit{h}
}

func hasChecks(j *job) bool {
	for i := range j.steps {
		if j.steps[i].check() != "" {
			return true
		}
	}
	return false
}

// compareChecks reports what makes a job that is still there check less.
func compareChecks(after *file, t twin) []hit {
	b, a := t.before, t.after
	var out []hit
	if a.carryOn && !b.carryOn {
		out = append(out, hit{kind: nonBlocking(hasChecks(a), a.isCheck()), line: a.carryLine, object: a.id,
			detail: "continue-on-error: true"})
	}
	if never(a.ifs.s) && !never(b.ifs.s) {
		out = append(out, hit{kind: nonBlocking(hasChecks(a), a.isCheck()), line: a.ifs.line, object: a.id,
			detail: "its condition is never true"})
	}
	out = append(out, ignoredChecks(b, a)...)
	out = append(out, compareSteps(t)...)
	return append(out, checksGone(after, t)...)
}

// compareSteps pairs steps by what they are, in order, and reports those whose
// failure no longer counts.
func compareSteps(t twin) []hit {
	olds := map[string][]*step{}
	for i := range t.before.steps {
		s := &t.before.steps[i]
		for _, k := range s.keys() {
			olds[k] = append(olds[k], s)
		}
	}
	used := map[*step]bool{}
	var out []hit
	for i := range t.after.steps {
		s := &t.after.steps[i]
		var old *step
		for _, k := range s.keys() {
			for _, o := range olds[k] {
				if old == nil && !used[o] {
					old = o
				}
			}
		}
		if old != nil {
			used[old] = true
			out = append(out, weakerStep(t.after, old, s)...)
		}
	}
	return out
}

// keys are what a step may be recognised by, the best first.
func (s *step) keys() []string {
	out := []string{"=" + s.signature()}
	if s.id != "" {
		out = append(out, "id "+s.id)
	}
	if s.name != "" {
		out = append(out, "name "+s.name)
	}
	if first, _, _ := strings.Cut(strings.TrimSpace(s.run.s), "\n"); first != "" {
		out = append(out, "run "+strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(first), "|| true")))
	}
	return out
}

func weakerStep(j *job, old, s *step) []hit {
	var out []hit
	check := nonBlocking(old.check() != "" || s.check() != "", old.looksLikeCheck() || s.looksLikeCheck())
	name := s.name
	if name == "" {
		name, _, _ = strings.Cut(s.signature(), "\n")
	}
	if s.carryOn && !old.carryOn {
		out = append(out, hit{kind: check, line: s.carryLine, object: name, detail: "continue-on-error: true"})
	}
	if never(s.ifs.s) && !never(old.ifs.s) {
		out = append(out, hit{kind: check, line: s.ifs.line, object: name, detail: "its condition is never true"})
	}
	if line, at := swallowed(old.run.s, s.run); line != "" && check == kindCheckNamedNonBlocking {
		out = append(out, hit{kind: check, line: at, object: name, detail: line})
	}
	return out
}

// nonBlocking is the kind of what no longer fails: a check by what it runs, by
// its name alone, or something else.
func nonBlocking(runs, named bool) *kind {
	switch {
	case runs:
		return kindNonBlocking
	case named:
		return kindCheckNamedNonBlocking
	}
	return kindDisabled
}

// swallowed finds a command that was there and whose failure is now ignored.
func swallowed(old string, now text) (string, int) {
	had := map[string]bool{}
	for l := range strings.Lines(old) {
		had[strings.TrimSpace(l)] = true
	}
	off := 0
	for l := range strings.Lines(now.s) {
		at := off
		off += len(l)
		l = strings.TrimSpace(l)
		if had[l] {
			continue
		}
		if l == "set +e" || l == "exit 0" && old != "" {
			return l, now.lineAt(at)
		}
		for _, tail := range ignoring {
			i := strings.LastIndex(l, tail)
			if i > 0 && had[strings.TrimSpace(l[:i])] {
				return "failure ignored by " + tail, now.lineAt(at)
			}
		}
	}
	return "", 0
}

// checksGone reports checks that a job ran and that nothing in the file runs
// any more. A tool that is called with other arguments still runs.
func checksGone(after *file, t twin) []hit {
	_, have := checksOf(after)
	tools := map[string]bool{}
	for c := range have {
		tools[tool(c)] = true
	}
	var out []hit
	for i := range t.before.steps {
		s := &t.before.steps[i]
		c := s.check()
		if c == "" || tools[tool(c)] || never(s.ifs.s) || never(t.before.ifs.s) {
			continue
		}
		tools[tool(c)] = true
		h := hit{kind: kindCheckRemoved, line: s.line, removed: true, object: t.before.id, detail: c + " no longer runs"}
		if s.uses.s != "" || anyWord(c, securityWords) {
			h.kind = kindSecurityCheckRemoved
		}
		out = append(out, h)
	}
	return out
}

// tool is what a check is, without how it is called: "npm test", "npm run
// test:unit" and "yarn test" are one.
func tool(c string) string {
	w := words(c)
	for _, x := range w {
		switch x {
		case "test", "tests", "jest", "vitest", "pytest", "rspec", "phpunit", "spec", "e2e", "check", "verify", "tox", "nox",
			"nextest", "ctest":
			return "test"
		case "lint", "eslint", "rubocop", "flake8", "pylint", "ruff", "clippy", "vet", "staticcheck":
			return "lint"
		}
		if strings.HasSuffix(x, "lint") {
			return "lint"
		}
	}
	if strings.Contains(c, "/") && !strings.HasPrefix(c, "./") {
		return ownerRepo(c)
	}
	return c
}
