package fakehub

import (
	"cmp"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// zeroSHA is what GitHub writes where there is no commit.
const zeroSHA = "0000000000000000000000000000000000000000"

// maxPushCommits is how many commits a push event lists.
const maxPushCommits = 2048

// BranchName takes refs/heads/ off.
func BranchName(ref string) string { return strings.TrimPrefix(ref, "refs/heads/") }

// move points a branch at a commit ("" deletes it) and tells of it: a push, a
// check suite for each app that writes checks, and a synchronize of every open
// pull request whose head this branch is.
func (r *Repo) move(branch, sha string, pusher *Account) {
	r.moveBy(r.KindOfPush(r.Refs[branch], sha), branch, sha, pusher)
}

// moveBy is move with what the repository's activity calls it.
func (r *Repo) moveBy(kind, branch, sha string, pusher *Account) {
	before := r.Refs[branch]
	if before == sha {
		return
	}
	r.act(kind, branch, before, sha, pusher)
	if sha == "" {
		delete(r.Refs, branch)
	} else {
		r.Refs[branch] = sha
	}
	r.Pushed = r.hub.Now()
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
		if p.Status == "open" && !p.Repo.Gone {
			p.synchronize(before, sha, pusher)
		}
	}
}

func (r *Repo) emitPush(branch, before, after string, pusher *Account) {
	h := r.hub
	if !h.Listens(r, "push") {
		return
	}
	rg := objects.Range{}
	if after != "" {
		base := before
		if base == "" && branch != r.DefaultBranch {
			base = r.Refs[r.DefaultBranch]
		}
		rg = r.Store.Between(base, after)
	}
	forced := before != "" && after != "" && len(rg.Behind) > 0
	commits := wire.List{}
	for _, sha := range rg.Ahead[max(0, len(rg.Ahead)-maxPushCommits):] {
		commits = append(commits, append(r.pushedCommit(sha), "distinct", !r.elsewhere(branch, sha)))
	}
	var head any
	if after != "" {
		head = append(r.pushedCommit(after), "distinct", !r.elsewhere(branch, after))
	}
	payload := wire.Object{
		"ref", "refs/heads/" + branch, "before", cmp.Or(before, zeroSHA), "after", cmp.Or(after, zeroSHA),
		"repository", r.pushJSON(), "pusher", wire.Object{"name", pusher.Login, "email", pusher.Email},
		"sender", pusher.JSON(), "created", before == "", "deleted", after == "", "forced", forced, "base_ref", nil,
		"compare", r.HTML() + "/compare/" + cmp.Or(before, zeroSHA)[:12] + "..." + cmp.Or(after, zeroSHA)[:12],
		"commits", commits, "head_commit", head,
	}
	h.Emit(r, "push", "", payload)
}

// elsewhere reports whether a commit is on another branch: then a push of it is
// not the first.
func (r *Repo) elsewhere(branch, sha string) bool {
	for name, tip := range r.Refs {
		if name != branch && len(r.Store.Between(tip, sha).Ahead) == 0 {
			return true
		}
	}
	return false
}

// pushedCommit is a commit as a push event shows it.
func (r *Repo) pushedCommit(sha string) wire.Object {
	c := r.Store.Commit(sha)
	parent := objects.EmptyTree
	if len(c.Parents) > 0 {
		parent = r.Store.Commit(c.Parents[0]).Tree
	}
	added, removed, modified := []string{}, []string{}, []string{}
	for _, d := range r.Diff(parent, c.Tree).Deltas {
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
	return wire.Object{
		"id", sha, "tree_id", c.Tree, "message", c.Message, "timestamp", c.Committer.Date.Format(time.RFC3339),
		"url", r.HTML() + "/commit/" + sha, "author", r.pushPerson(c.Author), "committer", r.pushPerson(c.Committer),
		"added", added, "removed", removed, "modified", modified,
	}
}

func (r *Repo) pushPerson(p objects.Person) wire.Object {
	o := wire.Object{"name", p.Name, "email", p.Email, "date", p.Date}
	if a := r.hub.AccountByEmail[Fold(p.Email)]; a != nil {
		o = append(o, "username", a.Login)
	}
	return o
}

// What can have happened to a branch, as the activity of a repository names
// it.
const (
	activityPush     = "push"
	ActivityForced   = "force_push"
	activityCreation = "branch_creation"
	activityDeletion = "branch_deletion"
	activityMerge    = "pr_merge"
	activityQueue    = "merge_queue_merge"
)

// Activity is one change of a branch: the repository remembers all of them,
// also those of which no webhook arrived.
type Activity struct {
	ID            int64
	Kind          string
	Branch        string
	Before, After string
	By            *Account
	At            time.Time
}

// act writes down that a branch moved.
func (r *Repo) act(kind, branch, before, after string, by *Account) {
	r.Activities = append(r.Activities, Activity{ID: r.hub.NextID("activity", 21_000_000_001), Kind: kind, Branch: branch,
		Before: cmp.Or(before, zeroSHA), After: cmp.Or(after, zeroSHA), By: by, At: r.hub.Now()})
}

// KindOfPush says what a push is that neither a merge nor a queue makes.
func (r *Repo) KindOfPush(before, after string) string {
	switch {
	case before == "":
		return activityCreation
	case after == "":
		return activityDeletion
	case len(r.Store.Between(before, after).Behind) > 0:
		return ActivityForced
	}
	return activityPush
}
