//go:build services

package stories

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/testworld"
)

// group waits until the group's check says the words.
func (c *clicks) group(sha, title string) {
	c.t.Helper()
	c.until(20*time.Second, "the group's check does not say "+title, func() bool {
		return slices.ContainsFunc(c.Checks(sha, ""), func(r fakehub.CheckRun) bool { return strings.Contains(r.Title, title) })
	})
}

func (c *clicks) groupRun(sha string) fakehub.CheckRun { return c.Check(sha, "") }

// newQueue is a world whose main branch has a merge queue that requires the
// check.
func newQueue(t *testing.T) *clicks {
	c := newClicks(t)
	if err := c.Shop.Require("gatehold", c.app.ID); err != nil {
		t.Fatal(err)
	}
	if err := c.Shop.UseMergeQueue(time.Hour); err != nil {
		t.Fatal(err)
	}
	return c
}

// enqueue adds the pull request to the queue and returns its group.
func (c *clicks) enqueue(pull *fakehub.Pull) fakehub.QueueEntry {
	c.t.Helper()
	if err := pull.Enqueue(c.Bo); err != nil {
		c.t.Fatal(err)
	}
	for _, e := range c.Shop.Queue("main") {
		if e.Number == pull.Number {
			return e
		}
	}
	return fakehub.QueueEntry{}
}

func TestAReleasedPullRequestGoesThroughTheQueue(t *testing.T) {
	t.Parallel()
	c := newQueue(t)
	c.press("Approve", c.Bo)
	c.says("Released: approved by @bo", "")
	entry := c.enqueue(c.pull)
	if entry.HeadSHA != "" {
		c.group(entry.HeadSHA, "Passed: #1 is released for exactly this")
	}
	c.until(20*time.Second, "the queue does not merge", func() bool { return c.pull.State() == "merged" })
}

// A queue that does not require the check lets a held pull request in; what the
// group's check says is right all the same.
func TestTheQueueRefusesWhatIsHeld(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	ci, err := c.hub.CreateApp(fakehub.NewApp{Slug: "ci", WebhookSecret: testworld.Secret})
	if err != nil {
		t.Fatal(err)
	}
	ci.Install(c.Acme)
	if err := c.Shop.Require("ci", ci.ID); err != nil {
		t.Fatal(err)
	}
	if err := c.Shop.UseMergeQueue(time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Shop.PostCheck(ci, c.pull.HeadSHA(), "ci", "success"); err != nil {
		t.Fatal(err)
	}
	entry := c.enqueue(c.pull)
	c.group(entry.HeadSHA, "Held: #1 is held")
	c.press("Approve", c.Bo) // on the pull request, while it is in the queue
	c.group(entry.HeadSHA, "Passed: #1 is released")
	if err := c.hub.Press(c.groupRun(entry.HeadSHA).ID, "Approve", c.Bo); err == nil {
		t.Error("the group's check offers Approve")
	}
}

func TestAQueueWaitsUntilItsPullRequestIsJudged(t *testing.T) {
	t.Parallel()
	c := newQueue(t)
	c.press("Approve", c.Bo)
	c.says("Released", "")
	c.halt()
	entry := c.enqueue(c.pull) // nobody hears of it
	if entry.HeadSHA == "" {
		t.Fatal("the group was merged without its check")
	}
	c.start() // and the delivery log tells it
	c.until(30*time.Second, "the queue does not merge", func() bool { return c.pull.State() == "merged" })
}

// TestWhatTheQueueMergedStaysGreen: that a group went in is told twice, by its end
// and by that of its pull request, in any order and with time between. Its commit is
// the tip of the branch from then on, and its check says to the end what let it in.
func TestWhatTheQueueMergedStaysGreen(t *testing.T) {
	t.Parallel()
	for _, late := range []struct{ event, action string }{{"merge_group", "destroyed"}, {"pull_request", "closed"}} {
		t.Run(late.event, func(t *testing.T) {
			t.Parallel()
			c := newQueue(t)
			c.press("Approve", c.Bo)
			c.says("Released: approved by @bo", "")
			held := c.hub.Hold(late.event, late.action)
			sha := c.enqueue(c.pull).HeadSHA
			c.until(20*time.Second, "the queue does not merge", func() bool { return c.pull.State() == "merged" })
			green := func(when string) {
				t.Helper()
				c.settle()
				c.later(2 * time.Minute)
				c.settle()
				if r := c.groupRun(sha); r.Conclusion != "success" || !strings.Contains(r.Title, "Passed: #1 is released") {
					t.Errorf("%s: %s %s %q", when, r.Status, r.Conclusion, r.Title)
				}
			}
			green("while the " + late.action + " is on its way")
			held.Release()
			held.End()
			green("after it")
		})
	}
}
