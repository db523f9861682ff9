package change

import (
	"slices"
	"time"
)

// Run is a workflow run at one moment.
// https://docs.github.com/en/rest/actions/workflow-runs#get-a-workflow-run
type Run struct {
	ID         int64
	Attempt    int
	Workflow   string // path of its file, without "@ref"
	Event      string // that started it: push, workflow_dispatch, ...
	Head       string // commit
	Branch     string // head branch, or tag; empty where GitHub does not say
	Fork       bool   // the head lies in another repository
	Status     string // queued, waiting, in_progress, completed, ...
	Conclusion string // of a completed run
	CreatedAt  time.Time
	UpdatedAt  time.Time // zero: it is not said
	Actor      Actor     // whose event it was
	Triggered  Actor     // who started this attempt
	Pending    []string  // environments that wait for somebody, as they are written
}

// Over reports whether nothing of the run can still be held.
func (r Run) Over() bool { return r.Status == "completed" }

// Job is one job of a workflow run at one moment.
// https://docs.github.com/en/rest/actions/workflow-jobs#get-a-job-for-a-workflow-run
type Job struct {
	Run        int64
	Status     string // queued, waiting, in_progress, completed, ...
	Conclusion string // of a completed job
	EndedAt    time.Time
	By         Actor // in whose name it ran, where that was asked for
}

// Over reports whether the job has ended.
func (j Job) Over() bool { return j.Status == "completed" }

// Pull is a pull request that was merged, as a part of something larger.
type Pull struct {
	Number      int
	Title       string
	Head        string // its head when it was merged
	HeadRef     string // its branch, in the repository HeadRepository
	MergeCommit string
	BaseRef     string
	Author      Actor
	MergedBy    Actor
	MergedAt    time.Time
	Commits     []string // those of the range that it brought

	HeadRepository   string // "owner/name"
	HeadRepositoryID int64  // 0: it is gone

	// Pushers are who pushed to it, where no verdict on this very head tells;
	// Pushes whether they are all.
	Pushers []Actor
	Pushes  PushRecord
}

// MergedByHand reports whether it was merged by a commit that somebody made and
// pushed: GitHub counts it as merged all the same, whatever else that commit
// brings. What was rebased or squashed has other commits than the head. merge is
// its merge commit, nil where that is not in the range.
func (p *Pull) MergedByHand(merge *Commit) bool {
	return merge != nil && !merge.SignedByGitHub && merge.SHA != p.Head && slices.Contains(p.Commits, p.Head)
}

// Outgoing is what a deployment brings to an environment: the range from the
// commit that runs there to the one that is to run.
type Outgoing struct {
	// Change is the whole range as one change: Base is what runs there, Head
	// what is to run. With no Base it is the whole of Head. A range that cannot
	// be followed has Gaps.
	Change Change
	Pulls  []Pull // that brought commits of the range, the newest merge first
	// Direct are commits of the range that no pull request brought.
	Direct []Commit
	// Backwards says that Head is an ancestor of Base: the environment goes back.
	Backwards bool
	// Unrelated says in a sentence why Head does not follow from Base (forced
	// push, another history); empty where it does, or goes back.
	Unrelated string

	Org, Repo RulesFile // at the tip of the default branch
	Default   string    // name of the default branch
	Tip       string    // of the default branch
	Rules     RulesPlace
}

// Record is one deployment that GitHub lists.
// https://docs.github.com/en/rest/deployments/deployments
type Record struct {
	ID          int64
	SHA         string
	Environment string
	State       string // of its newest status: success, failure, inactive, ...
	At          time.Time
	StatusAt    time.Time
	Creator     Actor
	Actions     bool // made by a workflow run of GitHub Actions
}

// Workflow is a workflow file at a commit, with those that its jobs call.
type Workflow struct {
	Path  string
	Text  Text
	Calls []Called // reusable workflows, followed to their definitions
}

// Workflows are the workflow files at the tip of a repository's default branch,
// with the rules in force there.
type Workflows struct {
	Tip       string // empty: the repository has no commits
	Files     []Workflow
	More      int       // files beyond the bound
	Org, Repo RulesFile // in force at Tip
	Cancels   bool      // the App was granted to cancel runs
}

// Called is a reusable workflow: "owner/name/.github/workflows/x.yml@ref" or
// "./.github/workflows/x.yml", with its text where it could be read.
type Called struct {
	Uses string
	Text Text
}
