package workflow

import (
	"fmt"
	"strings"
)

// writers are the scopes whose write access changes code, releases, identity
// or the gates themselves; the others write comments, labels and the like.
var writers = map[string]bool{"actions": true, "attestations": true, "contents": true, "deployments": true,
	"id-token": true, "packages": true, "pages": true}

// auditPermissions reports blocks that give too much wherever they stand.
func auditPermissions(f *file) []hit {
	if f.action {
		return nil
	}
	var out []hit
	if p := f.perms; p.set {
		out = append(out, broad(p, "workflow")...)
		for _, scope := range sortedKeys(p.scopes) {
			if p.level(scope) == 2 {
				out = append(out, hit{kind: kindWorkflowWrite, key: scope, line: p.lineOf(scope), object: scope,
					detail: "for every job of the workflow"})
			}
		}
	}
	for i := range f.jobs {
		j := &f.jobs[i]
		if !j.perms.set {
			continue
		}
		out = append(out, broad(j.perms, j.id)...)
		for _, scope := range sortedKeys(j.perms.scopes) {
			if j.perms.level(scope) != 2 {
				continue
			}
			kind := kindJobWrite
			if writers[scope] {
				kind = kindJobWriteCode
			}
			out = append(out, hit{kind: kind, key: j.id + scope, line: j.perms.lineOf(scope), object: j.id, detail: scope + ": write"})
		}
	}
	return out
}

func broad(p perms, where string) []hit {
	switch p.all {
	case "write-all":
		return []hit{{kind: kindWriteAll, key: where, line: p.line, object: where}}
	case "read-all":
		return []hit{{kind: kindReadAll, key: where, line: p.line, object: where}}
	}
	if n := p.written(); n >= nearlyAll {
		return []hit{{kind: kindWriteAll, key: where, line: p.line, object: where, detail: fmt.Sprintf("%d scopes one by one", n)}}
	}
	return nil
}

// nearlyAll is how many scopes with write access are as good as all of them. No
// job has use for half as many.
const nearlyAll = 7

// written counts the scopes that a block gives write access to.
func (p perms) written() int {
	n := 0
	for scope := range p.scopes {
		if p.level(scope) == 2 {
			n++
		}
	}
	return n
}

// together are scopes that one job seldom needs two of: each lets its holder
// change another part of what guards or ships the code.
var together = map[string]bool{"actions": true, "administration": true, "checks": true, "contents": true, "deployments": true,
	"environments": true, "packages": true, "secrets": true, "security-events": true, "statuses": true, "workflows": true}

// comparePermissions reports what a job's token may do that it could not
// before. Without a block a token has what the repository's settings say,
// which no text tells: taking a block away is reported as that.
func comparePermissions(before, after *file, t twin) []hit {
	was, is := before.effective(t.before), after.effective(t.after)
	if was.set && !is.set {
		if was.level("contents") == 2 {
			return nil // the default is hardly wider than what could write code already
		}
		return []hit{{kind: kindPermissionsRemoved, line: was.line, removed: true, object: t.after.id}}
	}
	if !is.set {
		return nil
	}
	var out []hit
	for _, scope := range sortedKeys(grants(was, is)) {
		from, to := was.level(scope), is.level(scope)
		if !was.set && scope != "id-token" {
			continue // the default may have been as wide
		}
		if to > from && to == 2 {
			out = append(out, hit{kind: widenedKind(scope), line: is.lineOf(scope), object: t.after.id,
				detail: fmt.Sprintf("%s: %s to write", scope, [...]string{"none", "read"}[from])})
		}
	}
	gained := 0
	for scope := range together {
		if was.set && was.level(scope) < 2 && is.level(scope) == 2 && is.all == "" {
			gained++
		}
	}
	if gained > 1 {
		out = append(out, hit{kind: kindWidenedFar, line: is.line, object: t.after.id, detail: fmt.Sprintf("%d scopes to write", gained)})
	}
	if is.all == "write-all" && was.set && was.all != "write-all" {
		out = append(out, hit{kind: kindWidened, line: is.line, object: t.after.id, detail: "to write-all"})
	}
	return out
}

func widenedKind(scope string) *kind {
	if scope == "id-token" {
		return kindIDToken
	}
	return kindWidened
}

func grants(sides ...perms) map[string]bool {
	out := map[string]bool{}
	for _, p := range sides {
		for s := range p.scopes {
			out[s] = true
		}
	}
	return out
}

// newJobPermissions reports write scopes of a new job that no job had before.
func newJobPermissions(before, after *file, j *job) []hit {
	is := after.effective(j)
	var out []hit
	for _, scope := range sortedKeys(grants(is)) {
		if is.level(scope) != 2 || !writers[scope] {
			continue
		}
		had := before.perms.level(scope) == 2
		for i := range before.jobs {
			had = had || before.effective(&before.jobs[i]).level(scope) == 2
		}
		if !had {
			out = append(out, hit{kind: widenedKind(scope), line: is.lineOf(scope), object: j.id,
				detail: strings.TrimSpace(scope + ": write in a new job")})
		}
	}
	return out
}
