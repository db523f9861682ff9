package fakehub

import (
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

// zeroSHA is what GitHub writes where there is no commit.
const zeroSHA = "0000000000000000000000000000000000000000"

// maxPushCommits is how many commits a push event lists.
const maxPushCommits = 2048

// branchName takes refs/heads/ off.
func branchName(ref string) string { return strings.TrimPrefix(ref, "refs/heads/") }

// move points a branch at a commit ("" deletes it) and tells of it: a push, a
// check suite for each app that writes checks, and a synchronize of every open
// pull request whose head this branch is.
func (r *Repo) move(branch, sha string, pusher *Account) {
	r.moveBy(r.kindOfPush(r.refs[branch], sha), branch, sha, pusher)
}

// moveBy is move with what the repository's activity calls it.
func (r *Repo) moveBy(kind, branch, sha string, pusher *Account) {
	before := r.refs[branch]
	if before == sha {
		return
	}
	r.act(kind, branch, before, sha, pusher)
	if sha == "" {
		delete(r.refs, branch)
	} else {
		r.refs[branch] = sha
	}
	r.pushed = r.hub.now()
	r.cached.Store(nil)
	r.emitPush(branch, before, sha, pusher)
	if q := r.queues[branch]; q != nil && !q.busy && sha != "" {
		defer q.rebuild()
	}
	if sha == "" {
		return
	}
	r.requestSuites(branch, before, sha, pusher)
	for _, p := range r.byHead[branch] {
		if p.state == "open" && !p.repo.gone {
			p.synchronize(before, sha, pusher)
		}
	}
}

func (r *Repo) emitPush(branch, before, after string, pusher *Account) {
	h := r.hub
	if !h.listens(r, "push") {
		return
	}
	rg := objects.Range{}
	if after != "" {
		base := before
		if base == "" && branch != r.defaultBranch {
			base = r.refs[r.defaultBranch]
		}
		rg = r.store.Between(base, after)
	}
	forced := before != "" && after != "" && len(rg.Behind) > 0
	commits := list{}
	for _, sha := range rg.Ahead[max(0, len(rg.Ahead)-maxPushCommits):] {
		commits = append(commits, append(r.pushedCommit(sha), "distinct", !r.elsewhere(branch, sha)))
	}
	var head any
	if after != "" {
		head = append(r.pushedCommit(after), "distinct", !r.elsewhere(branch, after))
	}
	payload := obj{
		"ref", "refs/heads/" + branch, "before", orElse(before, zeroSHA), "after", orElse(after, zeroSHA),
		"repository", r.pushJSON(), "pusher", obj{"name", pusher.Login, "email", pusher.Email},
		"sender", pusher.json(), "created", before == "", "deleted", after == "", "forced", forced, "base_ref", nil,
		"compare", r.html() + "/compare/" + orElse(before, zeroSHA)[:12] + "..." + orElse(after, zeroSHA)[:12],
		"commits", commits, "head_commit", head,
	}
	h.emit(r, "push", "", payload)
}

// elsewhere reports whether a commit is on another branch: then a push of it is
// not the first.
func (r *Repo) elsewhere(branch, sha string) bool {
	for name, tip := range r.refs {
		if name != branch && len(r.store.Between(tip, sha).Ahead) == 0 {
			return true
		}
	}
	return false
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// pushedCommit is a commit as a push event shows it.
func (r *Repo) pushedCommit(sha string) obj {
	c := r.store.Commit(sha)
	parent := objects.EmptyTree
	if len(c.Parents) > 0 {
		parent = r.store.Commit(c.Parents[0]).Tree
	}
	added, removed, modified := []string{}, []string{}, []string{}
	for _, d := range r.diff(parent, c.Tree).deltas {
		switch d.Status {
		case "added":
			added = append(added, d.Path)
		case "removed":
			removed = append(removed, d.Path)
		case "renamed":
			added, removed = append(added, d.Path), append(removed, d.Previous)
		default:
			modified = append(modified, d.Path)
		}
	}
	return obj{
		"id", sha, "tree_id", c.Tree, "message", c.Message, "timestamp", c.Committer.Date.Format(time.RFC3339),
		"url", r.html() + "/commit/" + sha, "author", r.pushPerson(c.Author), "committer", r.pushPerson(c.Committer),
		"added", added, "removed", removed, "modified", modified,
	}
}

func (r *Repo) pushPerson(p objects.Person) obj {
	o := obj{"name", p.Name, "email", p.Email, "date", p.Date}
	if a := r.hub.byEmail[fold(p.Email)]; a != nil {
		o = append(o, "username", a.Login)
	}
	return o
}
