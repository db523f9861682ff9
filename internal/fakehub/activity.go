package fakehub

import (
	"cmp"
	"time"
)

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
