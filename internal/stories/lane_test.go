//go:build services

package stories

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
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
	c.settle()
	if !c.passes() {
		t.Fatal("the bait does not pass where nothing requires it")
	}
	c.lane = gate.CheckName
	return c
}

// heldInMain looks all the time until main's check says that the commit is held.
func (c *clicks) heldInMain(why string) {
	c.t.Helper()
	c.until(40*time.Second, "main's check does not hold the commit", func() bool {
		if c.passes() {
			c.t.Fatal(why)
		}
		return strings.HasPrefix(c.run().Title, "Held: needs")
	})
}

func TestAttackAGreenCommitOfAnotherBranchIsPushedToMain(t *testing.T) {
	t.Parallel()
	c := baited(t)
	sha := c.pull.HeadSHA()
	if err := c.shop.SetBranch("main", sha, c.agent); err != nil {
		t.Fatal(err)
	}
	c.settle()
	if state := c.shop.RequiredCheck(sha, gate.CheckName, c.app.ID); state.Passes || state.Found {
		t.Errorf("main's check says something of a commit that nobody judged for main: %+v", state)
	}
}

func TestAttackAGreenCommitIsOpenedIntoMain(t *testing.T) {
	t.Parallel()
	c := baited(t)
	pull, err := c.shop.OpenPull(fakehub.NewPull{Author: c.agent, Title: "The same", Head: c.pull.HeadBranch(), Base: "main"})
	if err != nil {
		t.Fatal(err)
	}
	c.pull = pull
	c.heldInMain("the second pull request passes by what was said of the first")
}

func TestAttackAGreenCommitIsRetargetedToMain(t *testing.T) {
	t.Parallel()
	c := baited(t)
	c.retarget("main", gate.CheckName)
	c.heldInMain("it passes in main by what was said of it in a branch of no lane")
	if err := c.pull.Retarget("stage", c.agent); err != nil {
		t.Fatal(err)
	}
	c.settle()
	if c.passes() {
		t.Error("it passes in main once it has gone back")
	}
}

func TestAttackRulesOfABranchOfTheAgentsOwn(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	for _, own := range []string{"agents-own", "Main", "release/1"} { // none is a lane, however it is called
		if _, err := c.shop.Commit(own, fakehub.NewCommit{Message: "Rules", Author: c.agent, Files: fakehub.Files{
			".github/gatehold.yml": lenient + "branches: [" + own + "]\n", "CODEOWNERS": "* @devin-ai-integration\n"}}); err != nil {
			t.Fatal(err)
		}
		if err := c.pull.Retarget(own, c.agent); err != nil {
			t.Fatal(err)
		}
		c.settle()
		c.lane = gate.NoLane.Check()
		if title := c.run().Title; c.passes() || !strings.HasPrefix(title, "Held: needs 1 approval") ||
			!strings.HasSuffix(title, "counts nowhere") {
			t.Errorf("into %s: passes %v, %q", own, c.passes(), title)
		}
		if c.lane = ""; c.passes() {
			t.Errorf("into %s: main's check is green", own)
		}
	}
}

// TestAnotherDefaultBranch: what passed for the one before counts for nothing.
func TestAnotherDefaultBranch(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.press("Approve", c.bo)
	c.decided(true)
	if err := c.shop.SetBranch("trunk", c.shop.Tip("main"), c.ana); err != nil {
		t.Fatal(err)
	}
	c.later(time.Second) // GitHub tells times in seconds
	c.shop.SetDefaultBranch("trunk")
	c.later(time.Second)
	c.pull.Label("later", c.ana)
	c.until(20*time.Second, "what passed for main passes for trunk", func() bool { return !c.passes() })
	c.settle()
	if c.passes() {
		t.Error("it passes again")
	}
	c.lane = gate.NoLane.Check()
	c.says("counts nowhere", "`main`")
}

// TestASecondPullRequestThatLeavesAtOnce: it takes the check back as long as nobody has
// judged it, and what it leaves before that says again what the first one earned.
func TestASecondPullRequestThatLeavesAtOnce(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"to another base", "closed", "with another head"} {
		c := newClicks(t)
		first, err := c.shop.OpenPull(fakehub.NewPull{Author: c.agent, Title: "Words", Head: "devin/words",
			Files: fakehub.Files{"docs/a.md": "# A\n"}})
		if err != nil {
			t.Fatal(err)
		}
		sha := first.HeadSHA()
		c.settle()
		if !first.RequiredCheck(gate.CheckName, c.app.ID).Passes {
			t.Fatal("the first does not pass")
		}
		if _, err := c.shop.CommitOn(c.shop.Tip("main"), "stage", fakehub.NewCommit{Message: "Base", Author: c.agent}); err != nil {
			t.Fatal(err)
		}
		if err := c.shop.SetBranch("devin/again", sha, c.agent); err != nil {
			t.Fatal(err)
		}
		c.settle()
		held := c.hub.Hold("pull_request", "")
		second, err := c.shop.OpenPull(fakehub.NewPull{Author: c.agent, Title: "The same", Head: "devin/again", Base: "main"})
		if err != nil {
			t.Fatal(err)
		}
		switch how {
		case "to another base":
			err = second.Retarget("stage", c.agent)
		case "closed":
			second.Close(c.agent)
		default:
			_, err = c.shop.Commit("devin/again", fakehub.NewCommit{Author: c.agent, Files: fakehub.Files{"docs/b.md": "# B\n"}})
		}
		if err != nil {
			t.Fatal(err)
		}
		c.later(time.Second)
		held.Release(0)
		c.settle()
		held.End()
		c.pass(time.Minute)
		if state := c.shop.RequiredCheck(sha, gate.CheckName, c.app.ID); !state.Passes {
			t.Errorf("%s: the first is held for what is no more: %+v", how, state)
		}
	}
}

// TestARerunOfWhatNoGateShows: a check that was taken back because the lane became
// another branch's has no gate to be judged again, and is asked for all the same.
func TestARerunOfWhatNoGateShows(t *testing.T) {
	t.Parallel()
	s := tell(t, standard)
	p := s.opened(s.ana, "main", fakehub.Files{"docs/a.md": "# A\n"})
	s.settle()
	if !s.green(p) {
		t.Fatal("a person's words are held")
	}
	p.Close(s.ana)
	s.settle()
	s.must(s.shop.SetBranch("trunk", s.shop.Tip("main"), s.ana))
	s.later() // GitHub tells times in seconds
	s.shop.SetDefaultBranch("trunk")
	s.later()
	s.opened(s.ana, "trunk", fakehub.Files{"docs/b.md": "# B\n"}) // an event names the branch
	s.settle()
	const orphan = "nothing that is open in this lane has this commit"
	check := s.check(p.HeadSHA(), gate.CheckName)
	if !strings.Contains(check.Title, orphan) {
		t.Fatalf("it is not taken back: %s", check.Title)
	}
	for _, by := range []*fakehub.Account{s.bo, s.agent} {
		s.must(s.hub.Rerequest(check.ID, by))
		s.settle()
	}
	if again := s.check(p.HeadSHA(), gate.CheckName); again.ID != check.ID || again.Conclusion != check.Conclusion {
		t.Errorf("it became %d %s: %s", again.ID, again.Conclusion, again.Title)
	}
}
