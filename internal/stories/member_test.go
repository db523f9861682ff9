//go:build services

package stories

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
)

// twins are two pull requests with one commit as their heads, into branches of one
// lane: one check stands for both, and one of them is not answered for.
type twins struct {
	*story
	free, held *fakehub.Pull // into release/1, which only observes, and into release/2
	outage     *faults.Injected
}

// newTwins has both opened and judged, the one that is held first or last.
func newTwins(t *testing.T, heldFirst bool, freely string) *twins {
	return inLanes(t, heldFirst, freely, "branches: [\"release/**\"]\n")
}

// inLanes is the same where main's rules say which branches are a lane.
func inLanes(t *testing.T, heldFirst bool, freely, rules string) *twins {
	c := &twins{story: beforeIt(t, rules)}
	c.lanes = true
	c.begin()
	for branch, rules := range map[string]string{"release/1": freely, "release/2": needs + "branches: [\"release/**\"]\n"} {
		_, err := c.Shop.Commit(branch, fakehub.NewCommit{Author: c.Ana, Message: "Rules",
			Files: fakehub.Files{".github/gatehold.yml": rules}})
		c.must(err)
	}
	_, err := c.Shop.Commit("devin/free", fakehub.NewCommit{Author: c.Agent, Message: "Drop", Files: drops(1)})
	c.must(err)
	c.must(c.Shop.SetBranch("devin/held", c.Shop.Tip("devin/free"), c.Agent))
	c.settle()
	if heldFirst {
		c.open("devin/held")
	}
	c.open("devin/free")
	if !heldFirst {
		c.open("devin/held")
	}
	return c
}

// open opens one of them, and has it judged.
func (c *twins) open(head string) {
	c.Helper()
	base, to := "release/1", &c.free
	if head == "devin/held" {
		base, to = "release/2", &c.held
	}
	pull, err := c.Shop.OpenPull(fakehub.NewPull{Author: c.Agent, Title: head, Head: head, Base: base})
	c.must(err)
	*to = pull
	c.settle()
}

// unanswered has every question about the one that is held fail from now on.
func (c *twins) unanswered() {
	c.outage = c.hub.Inject(faults.Fault{Route: "POST /graphql", Asks: fmt.Sprintf(`"number":%d,`, c.held.Number)})
}

// move pushes to a branch what is at another, or is a commit.
func (c *twins) move(branch, sha string) {
	c.Helper()
	c.must(c.Shop.SetBranch(branch, sha, c.Agent))
	c.settle()
}

// forget has so many others come with the commit, and go, that the check of it knows
// no more of the one that was there before.
func (c *twins) forget(rules string) {
	c.Helper()
	for n := range 22 {
		base := fmt.Sprintf("release/other/%d", n)
		_, err := c.Shop.Commit(base, fakehub.NewCommit{Author: c.Ana, Message: "Rules",
			Files: fakehub.Files{".github/gatehold.yml": rules}})
		c.must(err)
		other, err := c.Shop.OpenPull(fakehub.NewPull{Author: c.Agent, Title: "Other", Head: "devin/free", Base: base})
		c.must(err)
		c.settle()
		other.Close(c.Agent)
		c.settle()
	}
}

// mustHold looks at the lane's check for as long as the questions fail, and until it
// says what both come to then.
func (c *twins) mustHold(sha, title string) {
	c.Helper()
	for range 30 {
		if c.Shop.RequiredCheck(sha, releases, c.app.ID).Passes {
			c.Fatalf("it passes for both, and nobody has looked at #%d:\n%s", c.held.Number, c.text(sha, releases))
		}
		c.pass(2 * time.Second)
	}
	if c.outage.Hits() == 0 {
		c.Fatal("nothing was asked")
	}
	c.outage.Remove()
	c.pass(15 * time.Minute)
	c.shows(sha, releases, title)
}

// TestAttackOneCommitOfTwoChanges: a check that is green for one pull request passes
// the other of its lane too. That it has this commit is known by its event, whenever
// it can be judged, and whatever the check showed until then.
func TestAttackOneCommitOfTwoChanges(t *testing.T) {
	t.Parallel()
	const asks = needs + "branches: [\"release/**\"]\n"
	for name, tale := range map[string]func(t *testing.T){
		"pushed together, the held one first": func(t *testing.T) { pushedTogether(t, true) },
		"pushed together, the held one last":  func(t *testing.T) { pushedTogether(t, false) },
		"let go while the second was elsewhere": func(t *testing.T) {
			c := newTwins(t, true, asks)
			c.unanswered()
			c.must(c.held.Retarget("main", c.Agent))
			c.settle()
			c.click(c.free.HeadSHA(), releases, "Approve", c.Bo)
			c.must(c.held.Retarget("release/2", c.Agent))
			c.settle()
			c.mustHold(c.free.HeadSHA(), "Released") // it was pressed where both were shown
		},
		"the second comes to a check that is held, which is let go": func(t *testing.T) {
			c := newTwins(t, false, asks)
			c.held.Close(c.Agent)
			c.settle()
			c.forget(asks)
			c.unanswered()
			c.must(c.held.Reopen(c.Agent))
			c.settle()
			c.click(c.free.HeadSHA(), releases, "Approve", c.Bo)
			c.mustHold(c.free.HeadSHA(), "Held")
		},
		"pushed, and back": func(t *testing.T) {
			c := newTwins(t, false, observing)
			was := c.held.HeadSHA()
			c.unanswered()
			_, err := c.held.Push(page(2))
			c.must(err)
			c.settle()
			c.forget(observing)
			c.move("devin/held", was)
			c.mustHold(was, "Held")
		},
		"to another base, and back": func(t *testing.T) {
			c := newTwins(t, false, observing)
			c.unanswered()
			c.must(c.held.Retarget("main", c.Agent))
			c.settle()
			c.forget(observing)
			c.must(c.held.Retarget("release/2", c.Agent))
			c.settle()
			c.mustHold(c.held.HeadSHA(), "Held")
		},
		"the lane comes into being": func(t *testing.T) {
			c := inLanes(t, false, observing, "")
			sha := c.pushed()
			c.rules("branches: [\"release/**\"]\n")
			c.settle()
			c.mustHold(sha, "Held")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tale(t)
		})
	}
}

func pushedTogether(t *testing.T, heldFirst bool) {
	c := newTwins(t, heldFirst, observing)
	c.mustHold(c.pushed(), "Held")
}

// pushed has both branches get a new commit, which nobody has seen before, when one
// of them is not answered for any more.
func (c *twins) pushed() (sha string) {
	c.Helper()
	c.unanswered()
	sha, err := c.Shop.Commit("elsewhere", fakehub.NewCommit{Author: c.Agent, Message: "Drop", Files: drops(2)})
	c.must(err)
	c.move("devin/held", sha)
	c.move("devin/free", sha)
	return sha
}
