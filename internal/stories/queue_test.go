//go:build services

package stories

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// group waits until the group's check says the words.
func (c *clicks) group(sha, title string) {
	c.t.Helper()
	c.until(20*time.Second, "the group's check does not say "+title, func() bool {
		for _, r := range c.shop.CheckRuns(sha) {
			if r.AppID == c.app.ID && strings.Contains(r.Title, title) {
				return true
			}
		}
		return false
	})
}

func (c *clicks) groupRun(sha string) fakehub.CheckRun {
	for _, r := range c.shop.CheckRuns(sha) {
		if r.AppID == c.app.ID {
			return r
		}
	}
	return fakehub.CheckRun{}
}

// newQueue is a world whose main branch has a merge queue that requires the
// check.
func newQueue(t *testing.T) *clicks {
	c := newClicks(t)
	if err := c.shop.Require("gatehold", c.app.ID); err != nil {
		t.Fatal(err)
	}
	if err := c.shop.UseMergeQueue(time.Hour); err != nil {
		t.Fatal(err)
	}
	return c
}

// enqueue adds the pull request to the queue and returns its group.
func (c *clicks) enqueue(pull *fakehub.Pull) fakehub.QueueEntry {
	c.t.Helper()
	if err := pull.Enqueue(c.bo); err != nil {
		c.t.Fatal(err)
	}
	for _, e := range c.shop.Queue("main") {
		if e.Number == pull.Number {
			return e
		}
	}
	return fakehub.QueueEntry{}
}

func TestAReleasedPullRequestGoesThroughTheQueue(t *testing.T) {
	t.Parallel()
	c := newQueue(t)
	c.press("Approve", c.bo)
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
	ci, err := c.hub.CreateApp(fakehub.NewApp{Slug: "ci", WebhookSecret: secret})
	if err != nil {
		t.Fatal(err)
	}
	ci.Install(c.acme)
	if err := c.shop.Require("ci", ci.ID); err != nil {
		t.Fatal(err)
	}
	if err := c.shop.UseMergeQueue(time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := c.shop.PostCheck(ci, c.pull.HeadSHA(), "ci", "success"); err != nil {
		t.Fatal(err)
	}
	entry := c.enqueue(c.pull)
	c.group(entry.HeadSHA, "Held: #1 is held")
	c.press("Approve", c.bo) // on the pull request, while it is in the queue
	c.group(entry.HeadSHA, "Passed: #1 is released")
	if err := c.hub.Press(c.groupRun(entry.HeadSHA).ID, "Approve", c.bo); err == nil {
		t.Error("the group's check offers Approve")
	}
}

func TestAQueueWaitsUntilItsPullRequestIsJudged(t *testing.T) {
	t.Parallel()
	c := newQueue(t)
	c.press("Approve", c.bo)
	c.says("Released", "")
	c.halt()
	entry := c.enqueue(c.pull) // nobody hears of it
	if entry.HeadSHA == "" {
		t.Fatal("the group was merged without its check")
	}
	c.start() // and the delivery log tells it
	c.until(30*time.Second, "the queue does not merge", func() bool { return c.pull.State() == "merged" })
}
