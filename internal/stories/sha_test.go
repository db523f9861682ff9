//go:build services

package stories

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/testworld"
)

// A check run belongs to a commit and not to a pull request: one check says the
// worst of all open pull requests that have the commit as their head.

// lenient lets everything through that no pack holds.
const lenient = `version: 1
needs:
  medium:   none
  high:     none
  critical: none
`

// releases is the check of the lane of the branches release/1 and release/2.
const releases = "gatehold: release/**"

// twoBases has the branches release/1, whose rules are those of main, and
// release/2, whose rules hold nothing; they are one lane.
func twoBases(t *testing.T) *clicks {
	c := newClicks(t)
	named := strings.Replace(needs, "version: 1\n", "version: 1\nbranches: [\"release/**\"]\n", 1)
	for _, branch := range []string{"main", "release/1"} {
		if _, err := c.Shop.Commit(branch, fakehub.NewCommit{Message: "Rules", Author: c.Ana,
			Files: fakehub.Files{".github/gatehold.yml": named}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Shop.Commit("release/2", fakehub.NewCommit{Message: "Rules", Author: c.Ana,
		Files: fakehub.Files{".github/gatehold.yml": lenient}}); err != nil {
		t.Fatal(err)
	}
	c.settle()
	return c
}

// retarget changes the base, and looks at the check of its lane from then on.
func (c *clicks) retarget(base, check string) {
	c.t.Helper()
	if err := c.pull.Retarget(base, c.Ana); err != nil {
		c.t.Fatal(err)
	}
	c.lane = check
}

// decided wants one run of ours on the head that passes, or does not, and stays
// so while nothing happens.
func (c *clicks) decided(passes bool) {
	c.t.Helper()
	c.until(20*time.Second, "the check does not come to what it should", func() bool { return c.passes() == passes })
	c.settle()
	if runs := len(c.Checks(c.pull.HeadSHA(), c.check())); runs != 1 || c.passes() != passes {
		c.t.Fatalf("%d runs, passes: %v, want one and %v", runs, c.passes(), passes)
	}
}

// second opens another pull request with the same head.
func (c *clicks) second(base string) *fakehub.Pull {
	c.t.Helper()
	pull, err := c.Shop.OpenPull(fakehub.NewPull{Author: c.Agent, Title: "The same", Head: c.pull.HeadBranch(), Base: base})
	if err != nil {
		c.t.Fatal(err)
	}
	if pull.HeadSHA() != c.pull.HeadSHA() {
		c.t.Fatal("the two have different heads")
	}
	return pull
}

// fork opens the same change from a fork of somebody's: payloads of its checks
// name no pull request.
func (c *clicks) fork(owner *fakehub.Account) *fakehub.Pull {
	c.t.Helper()
	pull, err := c.Shop.OpenPull(fakehub.NewPull{
		Author: c.Agent, Title: "From a fork", From: c.Shop.Fork(owner), Head: "devin/fork", Files: testworld.Dropped,
		Assignees: []*fakehub.Account{c.Ana},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return pull
}

func TestOneHeadTwoBasesTheHeldOneDecides(t *testing.T) {
	t.Parallel()
	c := twoBases(t)
	c.retarget("release/1", releases)
	free := c.second("release/2")
	c.says("Held", "#2")
	c.decided(false)
	c.pull.Close(c.Ana) // the one that is held
	c.decided(true)
	if err := c.pull.Reopen(c.Ana); err != nil {
		t.Fatal(err)
	}
	c.decided(false)
	c.press("Approve", c.Bo)
	c.decided(true)
	free.Close(c.Ana)
	c.decided(true)
}

func TestOneHeadASecondPullRequestHoldsWhatHadPassed(t *testing.T) {
	t.Parallel()
	c := twoBases(t)
	c.retarget("release/2", releases)
	c.decided(true)
	c.second("release/1")
	c.decided(false)
}

func TestOneHeadAnApprovalIsForTheBaseThatWasSeen(t *testing.T) {
	t.Parallel()
	c := twoBases(t)
	c.press("Approve", c.Bo)
	c.says("Released: approved by @bo", "")
	c.retarget("release/2", releases)
	c.decided(true)
	c.retarget("main", gate.CheckName)
	c.says("Held", "voided by a new base")
	c.decided(false)
}

func TestOneHeadClosedAndReopened(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.pull.Close(c.Ana)
	c.settle()
	if c.passes() {
		t.Error("what is closed passes")
	}
	c.later(time.Second)
	if err := c.pull.Reopen(c.Ana); err != nil {
		t.Fatal(err)
	}
	c.says("Held: needs 1 approval", "")
	c.press("Approve", c.Bo)
	c.says("Released: approved by @bo", "")
	c.decided(true)
}

// The head moves while the pull request is closed.
func TestOneHeadReopenedWithAnotherHead(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.press("Approve", c.Bo)
	c.says("Released: approved by @bo", "")
	c.later(time.Second) // GitHub tells times in seconds
	c.pull.Close(c.Ana)
	c.later(time.Second)
	if _, err := c.Shop.Commit(c.pull.HeadBranch(),
		fakehub.NewCommit{Message: "More", Author: c.Agent,
			Files: fakehub.Files{"db/migrations/0002_more.sql": "DROP TABLE customers;\n"}}); err != nil {
		t.Fatal(err)
	}
	c.later(time.Second)
	if err := c.pull.Reopen(c.Ana); err != nil {
		t.Fatal(err)
	}
	c.says("Held", "voided by push of")
	c.decided(false)
}

func TestOneHeadDraftAndReady(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.pull.SetDraft(true, c.Ana)
	c.decided(false)
	c.press("Approve", c.Bo)
	c.says("Released: approved by @bo", "")
	c.pull.SetDraft(false, c.Ana)
	c.decided(true)
}

func TestOneHeadOfAFork(t *testing.T) {
	t.Parallel()
	c := twoBases(t)
	c.pull = c.fork(c.hub.CreateUser("outsider"))
	c.says("Held: needs 1 approval", "")
	c.press("Approve", c.Bo)
	c.says("Released: approved by @bo", "")
	if _, err := c.pull.Push(fakehub.Files{"db/migrations/0002_more.sql": "DROP TABLE customers;\n"}); err != nil {
		t.Fatal(err)
	}
	c.says("Held", "voided by push of")
	c.retarget("release/2", releases)
	c.decided(true)
}

func TestOneHeadItsBaseIsDeleted(t *testing.T) {
	t.Parallel()
	c := twoBases(t)
	held, err := c.Shop.OpenPull(fakehub.NewPull{Author: c.Agent, Title: "Into a branch that goes", Head: c.pull.HeadBranch(),
		Base: "release/2"})
	if err != nil {
		t.Fatal(err)
	}
	c.press("Approve", c.Bo)
	c.decided(true)
	c.Shop.DeleteBranch("release/2", c.Ana)
	c.settle()
	if err := held.Retarget("main", c.Ana); err != nil {
		t.Fatal(err)
	}
	c.says("Held: needs", "") // the second into main was approved by nobody
	c.decided(false)
	c.press("Approve", c.Bo)
	c.decided(true)
}

// The group of a queue whose base has not moved may be the very commit of a pull
// request: somebody opens one from the group's branch.
func TestOneHeadInAMergeGroupAndAPullRequest(t *testing.T) {
	t.Parallel()
	c := newQueue(t)
	ci, err := c.hub.CreateApp(fakehub.NewApp{Slug: "ci", WebhookSecret: testworld.Secret})
	if err != nil {
		t.Fatal(err)
	}
	ci.Install(c.Acme)
	if err := c.Shop.Require("ci", ci.ID); err != nil { // keeps the group in the queue
		t.Fatal(err)
	}
	if _, err := c.Shop.PostCheck(ci, c.pull.HeadSHA(), "ci", "success"); err != nil {
		t.Fatal(err)
	}
	c.press("Approve", c.Bo)
	c.says("Released: approved by @bo", "")
	entry := c.enqueue(c.pull)
	c.group(entry.HeadSHA, "Passed: #1 is released")
	if err := c.Shop.SetBranch("devin/the-group", entry.HeadSHA, c.Ana); err != nil {
		t.Fatal(err)
	}
	pull, err := c.Shop.OpenPull(fakehub.NewPull{Author: c.Agent, Title: "The group itself", Head: "devin/the-group"})
	if err != nil {
		t.Fatal(err)
	}
	c.until(20*time.Second, "the pull request does not hold the commit",
		func() bool { return !pull.RequiredCheck("gatehold", c.app.ID).Passes })
	c.until(20*time.Second, "the queue keeps a group whose commit is held", func() bool { return len(c.Shop.Queue("main")) == 0 })
	c.settle()
	if c.pull.State() != "open" || c.groupRun(entry.HeadSHA).Conclusion != "action_required" || !c.passes() {
		t.Errorf("#1 is %s, passes: %v, and the group's check says %q", c.pull.State(), c.passes(), c.groupRun(entry.HeadSHA).Title)
	}
}
