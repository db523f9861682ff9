package cloud

import (
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// What holds changes back on GitHub can be declared as a resource: who has to review
// before a branch or an environment takes anything, and which checks have to pass.
// Each setting that goes is a little; two of one resource, or all who review, are
// what taking the resource away would be.

// holdsChanges reports whether a resource is a protection of branches or of an
// environment.
func holdsChanges(r *Resource) bool {
	t := normalType(r.Type)
	for _, known := range []string{"github_branch_protection", "github_repository_ruleset", "github_organization_ruleset",
		"github_repository_environment"} {
		if strings.HasPrefix(t, known) && !strings.HasSuffix(t, "_secret") && !strings.HasSuffix(t, "_variable") {
			return true
		}
	}
	return false
}

// The settings of such a resource that the comparison of names does not know.
var (
	// holding are weaker when they are turned off or taken away.
	holding = set(`dismiss_stale_reviews dismiss_stale_reviews_on_push prevent_self_review protected_branches
require_last_push_approval required_review_thread_resolution require_conversation_resolution strict
strict_required_status_checks_policy`)
	// opening are weaker when they are turned on.
	opening = set(`can_admins_bypass allows_deletions`)
	// asking are lists and blocks of which whatever goes is asked no more.
	asking = set(`contexts checks required_check reviewers teams users required_pull_request_reviews required_status_checks
pull_request restrict_pushes deployment_branch_policy`)
)

// protections reports what else is weaker about a protection, and what all of it
// comes to.
func protections(before, after *Resource, found []Finding) []Finding {
	if !holdsChanges(after) {
		return nil
	}
	p := &protection{object: after.Address}
	p.compare("", before.Body, after.Body)
	type place struct {
		line    int
		removed bool
	}
	total, told := len(p.found), map[place]bool{} // both readers may have seen one of them
	for _, f := range p.found {
		told[place{f.Line, f.Removed}] = true
	}
	for _, f := range found {
		if at := (place{f.Line, f.Removed}); f.Class == AuthWeakened && !told[at] {
			told[at] = true
			total++
		}
	}
	switch {
	case p.nobody:
		p.add(ProtectionWeakened, before.Body.Get("reviewers").At(), true, "nobody is asked any more")
	case total > 1:
		p.add(ProtectionWeakened, after.Line, false, fmt.Sprintf("%d settings are weaker together", total))
	}
	return p.found
}

type protection struct {
	object string
	found  []Finding
	nobody bool // who had to review are all gone
}

func (p *protection) add(c Class, line int, removed bool, detail string) {
	p.found = append(p.found, Finding{Class: c, Object: p.object, Detail: detail, Line: line, Removed: removed})
}

// compare looks at one block, which may be gone.
func (p *protection) compare(key string, b, a *tree.Node) {
	was, is := byKey(b), byKey(a)
	for _, f := range b.Entries() {
		name := strings.ToLower(f.Key)
		now := is[name]
		switch {
		case holding[name] && f.Value.True() && !now.True():
			p.add(AuthWeakened, lineOf(now, f.Value), now == nil, name+" is turned off")
		case asking[name] && now == nil && len(f.Value.Each()) > 0:
			p.add(AuthWeakened, f.Value.At(), true, name+" is gone")
			p.nobody = p.nobody || name == "reviewers"
		case asking[name] && listOfScalars(f.Value):
			p.fewer(name, f.Value, now)
		case f.Value.IsMap() && now.IsMap():
			p.compare(name, f.Value, now)
		case f.Value.IsList() && now.IsList():
			p.blocks(name, f.Value.Each(), now.Each())
		}
	}
	for _, f := range a.Entries() {
		if name := strings.ToLower(f.Key); opening[name] && f.Value.True() && !was[name].True() {
			p.add(AuthWeakened, f.Value.At(), false, name+" is turned on")
		}
	}
}

func byKey(n *tree.Node) map[string]*tree.Node {
	out := map[string]*tree.Node{}
	for _, f := range n.Entries() {
		out[strings.ToLower(f.Key)] = f.Value
	}
	return out
}

// blocks compares those of one name in their order, and finds whether there are fewer.
func (p *protection) blocks(name string, b, a []*tree.Node) {
	if asking[name] && len(a) < len(b) {
		p.add(AuthWeakened, b[len(a)].At(), true, "fewer of "+name+" are there")
	}
	for i := range min(len(a), len(b)) {
		p.compare(name, b[i], a[i])
	}
}

// fewer reports each of a list that is there no more.
func (p *protection) fewer(name string, b, a *tree.Node) {
	now := map[string]bool{}
	for _, s := range a.Strings() {
		now[s] = true
	}
	for _, item := range b.Each() {
		if s := item.Str(); s != "" && !now[s] {
			p.add(AuthWeakened, item.At(), true, clip(s)+" is not among "+name+" any more")
		}
	}
}

func lineOf(now, was *tree.Node) int {
	if now != nil {
		return now.At()
	}
	return was.At()
}
