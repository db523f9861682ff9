//go:build services

package stories

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/testworld"
)

// promotion is a world in which main is merged into release, which is a lane of its
// own. GitHub requires the check of main. Pull request #1 drops a table, and is held.
type promotion struct{ *clicks }

const twoLanes = "version: 1\nbranches: [release]\n"

func newPromotion(t *testing.T) promotion {
	t.Helper()
	rules := strings.Replace(testworld.Rules, "version: 1\n", twoLanes, 1)
	w := newWorld(t, testworld.Options{People: testworld.People{"ana": "sre", "bo": "sre"}, Rules: rules})
	w.guard = true
	_, err := w.Shop.AddRuleset(fmt.Sprintf(`{"name":"gatehold","enforcement":"active",
		"conditions":{"ref_name":{"include":["~DEFAULT_BRANCH"],"exclude":[]}},"rules":[{"type":"required_status_checks",
		"parameters":{"required_status_checks":[{"context":"gatehold","integration_id":%d}],
		"strict_required_status_checks_policy":false}},`+byPull+`]}`, w.app.ID))
	w.must(err)
	w.must(w.Shop.SetBranch("release", w.Shop.Tip("main"), w.Ana))
	return promotion{w.held(t, testworld.Dropped, "Held: needs 1 approval")}
}

// approved releases #1.
func (c promotion) approved() {
	c.t.Helper()
	c.press("Approve", c.Bo)
	c.says("Released: approved by @bo", "")
}

// merges merges a pull request, however, once nothing goes on.
func (c promotion) merges(p *fakehub.Pull, how func(*fakehub.Pull, *fakehub.Account) (string, error)) {
	c.t.Helper()
	c.settle()
	_, err := how(p, c.Bo)
	c.must(err)
	c.later(time.Second)
	c.settle()
}

// harmless opens a pull request that nothing holds.
func (c promotion) harmless(path string) *fakehub.Pull {
	c.t.Helper()
	p, err := c.Open(fakehub.NewPull{Files: fakehub.Files{path: "# Words\n"}})
	c.must(err)
	c.settle()
	return p
}

// into opens the pull request of a branch into release, and looks at it from then on.
func (c promotion) into(head string) {
	c.t.Helper()
	p, err := c.Open(fakehub.NewPull{Author: c.Ana, Title: "Release", Head: head, Base: "release"})
	c.must(err)
	c.clicks.pull, c.clicks.lane = p, "gatehold: release"
	c.settle()
}

func (c promotion) gateOf(p *fakehub.Pull) gate.Subject {
	return gate.Subject{Kind: gate.PullRequest, Repo: gate.Repo{ID: c.Shop.ID}, Number: p.Number}
}

// A merge into a release branch brings only what was released: whatever the method.
func TestAReleaseMergeCountsNothingTwice(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]func(*fakehub.Pull, *fakehub.Account) (string, error){
		"merge": (*fakehub.Pull).Merge, "squash": (*fakehub.Pull).Squash, "rebase": (*fakehub.Pull).Rebase,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newPromotion(t)
			c.approved()
			c.merges(c.pull, how)
			c.merges(c.harmless("docs/a.md"), how)
			c.into("main")
			c.says("Passed", "2 files in #1 and #2 is no part of the score. New in it: 0 files.")
			if !c.passes() {
				t.Error("it does not pass")
			}
			if v := c.state(c.gateOf(c.pull)).Verdict; !v.Agent.Is || v.Score != 0 || len(v.Findings) != 0 {
				t.Errorf("an agent's: %v, score %d, %d findings", v.Agent.Is, v.Score, len(v.Findings))
			}
		})
	}
}
