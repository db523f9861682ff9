//go:build services

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
)

// A green check is worth nothing in a lane in which the commit was not judged:
// whatever the detour, main's never is green on a commit that brings harm.

// baited is a harmful commit on a branch that nobody judges, and a harmless pull
// request on top of it, into that branch.
func baited(t *testing.T) *clicks {
	c := newClicks(t)
	if _, err := c.shop.CommitOn(c.shop.Tip("main"), "stage", fakehub.NewCommit{Message: "Base", Author: c.agent,
		Files: fakehub.Files{"db/migrations/0009_drop.sql": "DROP TABLE customers;\n"}}); err != nil {
		t.Fatal(err)
	}
	pull, err := c.shop.OpenPull(fakehub.NewPull{Author: c.agent, Title: "Words", Head: "devin/words", Base: "stage",
		Files: fakehub.Files{"docs/a.md": "# A\n"}})
	if err != nil {
		t.Fatal(err)
	}
	c.pull, c.lane = pull, gate.NoLane.Check()
	c.says("counts nowhere", "is neither the default branch nor a protected one")
	settled(t, c.world)
	if !c.passes() {
		t.Fatal("the bait does not pass where nothing requires it")
	}
	c.lane = gate.CheckName
	return c
}

// heldInMain looks all the time until main's check says that the commit is held.
func (c *clicks) heldInMain(why string) {
	c.t.Helper()
	until(c.t, 40*time.Second, "main's check does not hold the commit", func() bool {
		if c.passes() {
			c.t.Fatal(why)
		}
		return strings.HasPrefix(c.run().Title, "Held: needs")
	})
}

// The client that speaks with GitHub counts the quota by the machine's own time.
func TestAttackAGreenCommitIsOpenedIntoMainWhileTheQuotaIsUsedUp(t *testing.T) {
	t.Parallel()
	c := baited(t)
	end := time.Now().Add(4 * time.Second)
	c.hub.Inject(faults.Fault{Route: "", Kind: faults.PrimaryLimit, RetryAfter: 4 * time.Second, Until: end})
	pull, err := c.shop.OpenPull(fakehub.NewPull{Author: c.agent, Title: "The same", Head: c.pull.HeadBranch(), Base: "main"})
	if err != nil {
		t.Fatal(err)
	}
	c.pull = pull
	c.heldInMain("it passes while GitHub answers nothing")
}

// In a lane of two branches the event alone takes green away: nothing is read
// before, and GitHub's answers are slow here.
func TestAttackAGreenCommitMovesWithinItsLane(t *testing.T) {
	t.Parallel()
	slow := func(c *clicks) {
		c.hub.Inject(faults.Fault{Route: "POST /graphql", Kind: faults.Slow, Delay: 8 * time.Second, Times: 2})
	}
	for name, move := range map[string]func(c *clicks) error{
		"another base": func(c *clicks) error {
			slow(c)
			return c.pull.Retarget("release/1", c.agent)
		},
		"a second pull request": func(c *clicks) error {
			slow(c)
			_, err := c.shop.OpenPull(fakehub.NewPull{Author: c.agent, Title: "The same", Head: c.pull.HeadBranch(), Base: "release/1"})
			return err
		},
		"it left, and another comes": func(c *clicks) error {
			c.pull.Close(c.agent)
			settled(c.t, c.world)
			if c.passes() {
				c.t.Error("what nobody has open any more is green for the other branch")
			}
			slow(c)
			_, err := c.shop.OpenPull(fakehub.NewPull{Author: c.agent, Title: "The same", Head: c.pull.HeadBranch(), Base: "release/1"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := twoBases(t)
			c.retarget("release/2", releases)
			c.decided(true)
			if err := move(c); err != nil {
				t.Fatal(err)
			}
			until(t, 4*time.Second, "it passes until GitHub has answered", func() bool { return !c.passes() })
			until(t, 40*time.Second, "it is not judged", func() bool { return strings.HasPrefix(c.run().Title, "Held: needs") })
		})
	}
}

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
	named := strings.Replace(rules, "version: 1\n", "version: 1\nbranches: [\"release/**\"]\n", 1)
	for _, branch := range []string{"main", "release/1"} {
		if _, err := c.shop.Commit(branch, fakehub.NewCommit{Message: "Rules", Author: c.ana,
			Files: fakehub.Files{".github/gatehold.yml": named}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.shop.Commit("release/2", fakehub.NewCommit{Message: "Rules", Author: c.ana,
		Files: fakehub.Files{".github/gatehold.yml": lenient}}); err != nil {
		t.Fatal(err)
	}
	settled(t, c.world)
	return c
}

// retarget changes the base, and looks at the check of its lane from then on.
func (c *clicks) retarget(base, check string) {
	c.t.Helper()
	if err := c.pull.Retarget(base, c.ana); err != nil {
		c.t.Fatal(err)
	}
	c.lane = check
}

// decided wants one run of ours on the head that passes, or does not, and stays
// so while nothing happens.
func (c *clicks) decided(passes bool) {
	c.t.Helper()
	until(c.t, 20*time.Second, "the check does not come to what it should", func() bool { return c.passes() == passes })
	settled(c.t, c.world)
	runs := 0
	for _, r := range c.shop.CheckRuns(c.pull.HeadSHA()) {
		if r.AppID == c.app.ID && r.Name == c.check() {
			runs++
		}
	}
	if runs != 1 || c.passes() != passes {
		c.t.Fatalf("%d runs, passes: %v, want one and %v", runs, c.passes(), passes)
	}
}
