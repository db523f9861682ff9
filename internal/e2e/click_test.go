//go:build services

package e2e

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/gate"
)

// clicks is a world with a held pull request of an agent, asked for by ana,
// and people who may press the buttons of its check.
type clicks struct {
	*world
	t    *testing.T
	s    *server
	bo   *fakehub.Account
	pull *fakehub.Pull
	lane string // the name of the check that is looked at; empty: the default branch's
}

func newClicks(t *testing.T) *clicks {
	w := newWorld(t, fakehub.Options{})
	c := &clicks{world: w, t: t, bo: w.hub.CreateUser("bo")}
	w.acme.AddMember(c.bo, "member")
	c.sre.Add(c.bo, "member")
	c.s = newServer(t, w, "sqlite:"+filepath.Join(t.TempDir(), "ledger.db"))
	pull, err := w.shop.OpenPull(fakehub.NewPull{
		Author: w.agent, Title: "Tidy up", Head: "devin/1-tidy", Assignees: []*fakehub.Account{w.ana},
		Files: fakehub.Files{"db/migrations/0001_drop.sql": "DROP TABLE orders;\n"},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.pull = pull
	c.says("Held: needs 1 approval", "")
	return c
}

// run is the deciding check run of the pull request's head.
func (c *clicks) run() fakehub.CheckRun {
	for _, r := range c.shop.CheckRuns(c.pull.HeadSHA()) {
		if r.AppID == c.app.ID && r.Name == c.check() {
			return r
		}
	}
	return fakehub.CheckRun{}
}

// says waits until the check's title and summary hold the words.
func (c *clicks) says(title, summary string) {
	c.t.Helper()
	defer func() {
		if c.t.Failed() {
			c.t.Logf("the check says %q:\n%s", c.run().Title, c.run().Summary)
		}
	}()
	until(c.t, 20*time.Second, "the check does not say "+title+" / "+summary, func() bool {
		r := c.run()
		return strings.Contains(r.Title, title) && strings.Contains(r.Summary, summary)
	})
}

// press presses a button as a person would, once the check has come to rest.
func (c *clicks) press(button string, by *fakehub.Account) {
	c.t.Helper()
	quiet(c.t, c.world, 300*time.Millisecond)
	if err := c.hub.Press(c.run().ID, button, by); err != nil {
		c.t.Fatal(err)
	}
}

func (c *clicks) passes() bool { return c.pull.RequiredCheck(c.check(), c.app.ID).Passes }

// check is the name of the check that is looked at.
func (c *clicks) check() string {
	if c.lane == "" {
		return gate.CheckName
	}
	return c.lane
}
