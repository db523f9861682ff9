//go:build services

package stories

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/site"
	"github.com/gatehold/gatehold/internal/gate"
)

// A green check is worth nothing in a lane in which the commit was not judged:
// whatever the detour, main's never is green on a commit that brings harm.

// baited is a harmful commit on a branch that nobody judges, and a harmless pull
// request on top of it, into that branch.
func baited(t *testing.T) *clicks {
	c := newClicks(t)
	if _, err := c.Shop.CommitOn(c.Shop.Tip("main"), "stage", fakehub.NewCommit{Message: "Base", Author: c.Agent,
		Files: fakehub.Files{"db/migrations/0009_drop.sql": "DROP TABLE customers;\n"}}); err != nil {
		t.Fatal(err)
	}
	pull, err := c.Shop.OpenPull(fakehub.NewPull{Author: c.Agent, Title: "Words", Head: "devin/words", Base: "stage",
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

// In a lane of two branches the event alone takes green away: nothing is read
// before, and GitHub answers no question as long as it is looked at.
func TestAttackAGreenCommitMovesWithinItsLane(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]func(c *clicks, unanswered func()) error{
		"another base": func(c *clicks, unanswered func()) error {
			unanswered()
			return c.pull.Retarget("release/1", c.Agent)
		},
		"a second pull request": func(c *clicks, unanswered func()) error {
			unanswered()
			_, err := c.Open(fakehub.NewPull{Title: "The same", Head: c.pull.HeadBranch(), Base: "release/1"})
			return err
		},
		"it left, and another comes": func(c *clicks, unanswered func()) error {
			c.pull.Close(c.Agent)
			c.settle()
			if c.passes() {
				c.t.Error("what nobody has open any more is green for the other branch")
			}
			unanswered()
			_, err := c.Open(fakehub.NewPull{Title: "The same", Head: c.pull.HeadBranch(), Base: "release/1"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := twoBases(t)
			c.retarget("release/2", releases)
			c.decided(true)
			var q unanswered
			defer q.end() // nobody waits for it when the test is over
			c.must(move(c, func() { q.begin(c.hub) }))
			c.await(func() bool { return !c.passes() })
			if q.givenUp.Load() {
				t.Error("it passes until a question has failed")
			}
			q.end()
			c.until(40*time.Second, "it is not judged", func() bool { return strings.HasPrefix(c.run().Title, "Held: needs") })
		})
	}
}

// unanswered are questions to GitHub's GraphQL, from begin until end.
type unanswered struct {
	over    chan struct{}
	givenUp atomic.Bool // somebody did not wait any longer
}

func (q *unanswered) begin(hub *site.Hub) {
	q.over = make(chan struct{})
	hub.Inject(faults.Fault{Route: "POST /graphql", Kind: faults.Slow, Match: func(r *http.Request, _ []byte) bool {
		select {
		case <-q.over:
		case <-r.Context().Done():
			q.givenUp.Store(true)
		}
		return false
	}})
}

func (q *unanswered) end() {
	select {
	case <-q.over:
	default:
		close(q.over)
	}
}

func TestAttackAGreenCommitOfAnotherBranchIsPushedToMain(t *testing.T) {
	t.Parallel()
	c := baited(t)
	sha := c.pull.HeadSHA()
	if err := c.Shop.SetBranch("main", sha, c.Agent); err != nil {
		t.Fatal(err)
	}
	c.settle()
	if state := c.Shop.RequiredCheck(sha, gate.CheckName, c.app.ID); state.Passes || state.Found {
		t.Errorf("main's check says something of a commit that nobody judged for main: %+v", state)
	}
}

func TestAttackAGreenCommitIsOpenedIntoMain(t *testing.T) {
	t.Parallel()
	c := baited(t)
	pull, err := c.Shop.OpenPull(fakehub.NewPull{Author: c.Agent, Title: "The same", Head: c.pull.HeadBranch(), Base: "main"})
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
	if err := c.pull.Retarget("stage", c.Agent); err != nil {
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
		if _, err := c.Shop.Commit(own, fakehub.NewCommit{Message: "Rules", Author: c.Agent, Files: fakehub.Files{
			".github/gatehold.yml": lenient + "branches: [" + own + "]\n", "CODEOWNERS": "* @devin-ai-integration\n"}}); err != nil {
			t.Fatal(err)
		}
		if err := c.pull.Retarget(own, c.Agent); err != nil {
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
	c.press("Approve", c.Bo)
	c.decided(true)
	if err := c.Shop.SetBranch("trunk", c.Shop.Tip("main"), c.Ana); err != nil {
		t.Fatal(err)
	}
	c.later(time.Second) // GitHub tells times in seconds
	c.Shop.SetDefaultBranch("trunk")
	c.later(time.Second)
	c.pull.Label("later", c.Ana)
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
		first, err := c.Shop.OpenPull(fakehub.NewPull{Author: c.Agent, Title: "Words", Head: "devin/words",
			Files: fakehub.Files{"docs/a.md": "# A\n"}})
		if err != nil {
			t.Fatal(err)
		}
		sha := first.HeadSHA()
		c.settle()
		if !first.RequiredCheck(gate.CheckName, c.app.ID).Passes {
			t.Fatal("the first does not pass")
		}
		if _, err := c.Shop.CommitOn(c.Shop.Tip("main"), "stage", fakehub.NewCommit{Message: "Base", Author: c.Agent}); err != nil {
			t.Fatal(err)
		}
		if err := c.Shop.SetBranch("devin/again", sha, c.Agent); err != nil {
			t.Fatal(err)
		}
		c.settle()
		held := c.hub.Hold("pull_request", "")
		second, err := c.Shop.OpenPull(fakehub.NewPull{Author: c.Agent, Title: "The same", Head: "devin/again", Base: "main"})
		if err != nil {
			t.Fatal(err)
		}
		switch how {
		case "to another base":
			err = second.Retarget("stage", c.Agent)
		case "closed":
			second.Close(c.Agent)
		default:
			_, err = c.Shop.Commit("devin/again", fakehub.NewCommit{Author: c.Agent, Files: fakehub.Files{"docs/b.md": "# B\n"}})
		}
		if err != nil {
			t.Fatal(err)
		}
		c.later(time.Second)
		held.Release(0)
		c.settle()
		held.End()
		c.pass(time.Minute)
		if state := c.Shop.RequiredCheck(sha, gate.CheckName, c.app.ID); !state.Passes {
			t.Errorf("%s: the first is held for what is no more: %+v", how, state)
		}
	}
}

// TestARerunOfWhatNoGateShows: a check that was taken back because the lane became
// another branch's has no gate to be judged again, and is asked for all the same.
func TestARerunOfWhatNoGateShows(t *testing.T) {
	t.Parallel()
	s := tell(t, standard)
	p := s.opened(s.Ana, "main", fakehub.Files{"docs/a.md": "# A\n"})
	s.settle()
	if !s.green(p) {
		t.Fatal("a person's words are held")
	}
	p.Close(s.Ana)
	s.settle()
	s.must(s.Shop.SetBranch("trunk", s.Shop.Tip("main"), s.Ana))
	s.later() // GitHub tells times in seconds
	s.Shop.SetDefaultBranch("trunk")
	s.later()
	s.opened(s.Ana, "trunk", fakehub.Files{"docs/b.md": "# B\n"}) // an event names the branch
	s.settle()
	const orphan = "nothing that is open in this lane has this commit"
	check := s.Check(p.HeadSHA(), gate.CheckName)
	if !strings.Contains(check.Title, orphan) {
		t.Fatalf("it is not taken back: %s", check.Title)
	}
	for _, by := range []*fakehub.Account{s.Bo, s.Agent} {
		s.must(s.hub.Rerequest(check.ID, by))
		s.settle()
	}
	if again := s.Check(p.HeadSHA(), gate.CheckName); again.ID != check.ID || again.Conclusion != check.Conclusion {
		t.Errorf("it became %d %s: %s", again.ID, again.Conclusion, again.Title)
	}
}
