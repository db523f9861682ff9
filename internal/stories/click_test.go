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

// clicks is a world with a held pull request of an agent, asked for by ana,
// and people who may press the buttons of its check.
type clicks struct {
	*world
	t    *testing.T
	pull *fakehub.Pull
	lane string // the name of the check that is looked at; empty: the default branch's
}

func newClicks(t *testing.T) *clicks {
	return held(t, testworld.Options{People: testworld.People{"ana": "sre", "bo": "sre"}}, testworld.Dropped, "Held: needs 1 approval")
}

// held is a world with a pull request of the agent's, asked for by ana, of which its
// check says so.
func held(t *testing.T, opt testworld.Options, head fakehub.Files, title string) *clicks {
	t.Helper()
	return newWorld(t, opt).held(t, head, title)
}

func (w *world) held(t *testing.T, head fakehub.Files, title string) *clicks {
	t.Helper()
	c := &clicks{world: w, t: t}
	c.begin()
	tidy := c.Tidy()
	tidy.Files = head
	c.open(tidy, title)
	return c
}

// open opens a pull request, which is the one that is looked at from then on.
func (c *clicks) open(n fakehub.NewPull, title string) {
	c.t.Helper()
	pull, err := c.Open(n)
	c.must(err)
	c.pull = pull
	c.says(title, "")
}

// run is the deciding check run of the pull request's head.
func (c *clicks) run() fakehub.CheckRun { return c.Check(c.pull.HeadSHA(), c.check()) }

// says waits until the check's title and summary hold the words.
func (c *clicks) says(title, summary string) {
	c.t.Helper()
	defer func() {
		if c.t.Failed() {
			c.t.Logf("the check says %q:\n%s", c.run().Title, c.run().Summary)
		}
	}()
	c.until(20*time.Second, "the check does not say "+title+" / "+summary, func() bool {
		r := c.run()
		return strings.Contains(r.Title, title) && strings.Contains(r.Summary, summary)
	})
}

// press presses a button as a person would, once the check has come to rest.
func (c *clicks) press(button string, by *fakehub.Account) {
	c.t.Helper()
	c.settle()
	c.must(c.hub.Press(c.run().ID, button, by))
}

func (c *clicks) passes() bool { return c.Passes(c.pull, c.check()) }

// check is the name of the check that is looked at.
func (c *clicks) check() string {
	if c.lane == "" {
		return gate.CheckName
	}
	return c.lane
}

func TestAttackApprovalByWhoAskedForTheWork(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.refused(c.Ana, "Did not count")
	c.press("Approve", c.Bo)
	c.says("Released: approved by @bo", "")
	if !c.passes() {
		t.Error("the approval of an entitled person does not release")
	}
}

func TestAttackApprovalByTheAgentItself(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.SRE.Add(c.Agent, "member")
	c.refused(c.Agent, "is not a person")
}

func TestAttackApprovalBySomebodyWithoutRight(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.refused(c.hub.CreateUser("mallory"), "is not of `@acme/sre`")
}

func TestAttackApproverRemovedASecondBefore(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.SRE.Remove(c.Bo)
	c.refused(c.Bo, "is not of `@acme/sre`")
}

func TestAttackNameOfATeamMemberTakenOver(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.Bo.Rename("bo-the-second")
	thief := c.hub.CreateUser("bo") // the name that was just let go
	c.refused(thief, "is not of `@acme/sre`")
}

func TestAttackLookAlikeName(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.refused(c.hub.CreateUser("b0"), "is not of `@acme/sre`") // GitHub's logins are ASCII: this is as near as it gets
}

func TestAttackApprovalDoesNotCarryOver(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.press("Approve", c.Bo)
	c.says("Released", "")
	if _, err := c.pull.Push(fakehub.Files{"db/migrations/0002_more.sql": "DROP TABLE customers;\n"}); err != nil {
		t.Fatal(err)
	}
	c.says("Held", "voided by push of")
	if c.passes() {
		t.Error("the new head passes by the old approval")
	}
}

func TestAttackClickOnAStaleRun(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	old := c.run().ID
	if _, err := c.pull.Push(fakehub.Files{"db/migrations/0002_more.sql": "DROP TABLE customers;\n"}); err != nil {
		t.Fatal(err)
	}
	c.says("Held", "")
	if err := c.hub.Press(old, "Approve", c.Bo); err != nil {
		t.Fatal(err)
	}
	c.settle()
	if c.passes() {
		t.Error("a click on the run of an old head released the new one")
	}
}

func TestAttackRerequestIsNoApproval(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	if err := c.hub.Rerequest(c.run().ID, c.Bo); err != nil {
		t.Fatal(err)
	}
	c.settle()
	if c.passes() {
		t.Error("a request to run again released the gate")
	}
}

func TestAttackForgedCheckOfAnotherApp(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	other, err := c.hub.CreateApp(fakehub.NewApp{Slug: "impostor", WebhookSecret: "x"})
	if err != nil {
		t.Fatal(err)
	}
	other.Install(c.Acme)
	if _, err := c.Shop.PostCheck(other, c.pull.HeadSHA(), "gatehold", "success"); err != nil {
		t.Fatal(err)
	}
	c.settle()
	if c.passes() {
		t.Error("a check of the same name by another App lets the pinned check pass")
	}
}

func TestAttackReplayedClick(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.press("Approve", c.Bo)
	c.says("Released", "")
	c.press("Deny", c.Bo)
	c.says("Denied by @bo", "")
	for _, d := range c.hub.Deliveries() {
		if d.Event == "check_run" && d.Action == "requested_action" {
			if err := c.hub.Redeliver(d.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.settle()
	c.says("Denied by @bo", "")
	if c.passes() {
		t.Error("an approval that was delivered again undid a denial")
	}
}

func TestADenialWinsOverAnApproval(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	cy := c.hub.CreateUser("cy")
	c.SRE.Add(cy, "member")
	c.press("Approve", c.Bo)
	c.press("Deny", cy)
	c.says("Denied by @cy", "")
	if c.passes() {
		t.Error("released over a denial")
	}
	c.press("Approve", cy) // takes it back
	c.says("Released", "")
}

func TestAttackWeakerRulesInTheHead(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	if _, err := c.pull.Push(fakehub.Files{".github/gatehold.yml": "version: 1\nextends: [minimal]\nmode: observe\n"}); err != nil {
		t.Fatal(err)
	}
	c.says("Held", "")
	if c.passes() {
		t.Error("rules in the head judged their own change")
	}
}

// refused presses Approve as somebody whose approval must not count.
func (c *clicks) refused(by *fakehub.Account, why string) {
	c.t.Helper()
	c.press("Approve", by)
	c.says("Held", why)
	if c.passes() {
		c.t.Fatalf("released by %s", by.Login)
	}
}
