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

func newPromotion(t *testing.T) promotion { return promotionUnder(t, "", "") }

// promotionUnder is newPromotion with more in the rules of both branches, and with
// other rules in release where there are some.
func promotionUnder(t *testing.T, more, release string) promotion {
	t.Helper()
	rules := strings.Replace(testworld.Rules, "version: 1\n", twoLanes, 1) + more
	w := newWorld(t, testworld.Options{People: testworld.People{"ana": "sre", "bo": "sre"}, Rules: rules,
		Files: fakehub.Files{"notes.md": "none\n"}})
	w.guard = true
	w.requires("~DEFAULT_BRANCH", gate.CheckName)
	w.must(w.Shop.SetBranch("release", w.Shop.Tip("main"), w.Ana))
	if release != "" {
		_, err := w.Shop.Commit("release", fakehub.NewCommit{Author: w.Ana, Files: fakehub.Files{testworld.RulesPath: release}})
		w.must(err)
	}
	return promotion{w.held(t, testworld.Dropped, "Held: needs 1 approval")}
}

// requires has GitHub require a check of a branch, and pull requests.
func (w *world) requires(branch, check string) {
	w.Helper()
	_, err := w.Shop.AddRuleset(fmt.Sprintf(`{"name":"%s","enforcement":"active",
		"conditions":{"ref_name":{"include":["%s"],"exclude":[]}},"rules":[{"type":"required_status_checks",
		"parameters":{"required_status_checks":[{"context":"%s","integration_id":%d}],
		"strict_required_status_checks_policy":false}},`+byPull+`]}`, check, branch, check, w.app.ID))
	w.must(err)
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
			c.says("Passed", "in #1 and #2: 2 files")
			c.says("Passed", "New in it: 0 files.")
			if !c.passes() {
				t.Error("it does not pass")
			}
			if v := c.state(c.gateOf(c.pull)).Verdict; !v.Agent.Is || v.Score != 0 || len(v.Findings) != 0 {
				t.Errorf("an agent's: %v, score %d, %d findings", v.Agent.Is, v.Score, len(v.Findings))
			}
		})
	}
}

// What cannot be proven counts in full, and the check says why.
func TestWhatWasNotReleasedCountsInARelease(t *testing.T) {
	t.Parallel()
	const dropped = "db/migrations/0001_drop.sql"
	merge := (*fakehub.Pull).Merge
	direct := func(c promotion, n fakehub.NewCommit) {
		c.t.Helper()
		n.Author, n.Message = c.Agent, "Merge pull request #2 from acme/words\n\nReviewed by bo"
		_, err := c.Shop.Commit("main", n)
		c.must(err)
	}
	for name, tc := range map[string]struct {
		more, release string
		before        func(c promotion) // the pull request into release is opened
		says          string
		only          string // where all findings are; empty: in what #1 brought
	}{
		"one commit more": {before: func(c promotion) {
			c.approved()
			c.merges(c.pull, merge)
			direct(c, fakehub.NewCommit{Files: fakehub.Files{"db/migrations/0002_more.sql": "DROP TABLE customers;\n"}})
		}, says: "in #1: 1 file", only: "db/migrations/0002_more.sql"},
		"one commit more, in the same file": {before: func(c promotion) {
			c.approved()
			c.merges(c.pull, merge)
			direct(c, fakehub.NewCommit{Files: fakehub.Files{dropped: "DROP TABLE orders;\nDROP TABLE customers;\n"}})
		}, says: "#1 counts in full: something else has touched"},
		"one commit more, before": {before: func(c promotion) {
			direct(c, fakehub.NewCommit{Files: fakehub.Files{"docs/b.md": "# B\n"}})
			c.approved()
			c.merges(c.pull, merge)
		}, says: "#1 counts in full: something else has touched"},
		"something of it was taken back": {before: func(c promotion) {
			c.approved()
			c.merges(c.pull, merge)
			c.merges(c.harmless("docs/a.md"), merge)
			direct(c, fakehub.NewCommit{Files: fakehub.Files{"docs/a.md": fakehub.Deleted}})
		}, says: "#1 counts in full: something else has touched"},
		"a forged merge": {before: func(c promotion) {
			direct(c, fakehub.NewCommit{Merge: []string{c.pull.HeadSHA()}, Files: testworld.Dropped})
			c.merges(c.harmless("docs/a.md"), merge)
		}, says: "#2 counts in full"},
		"merged while it was held": {before: func(c promotion) { c.merges(c.pull, merge) },
			says: "#1 counts in full: it was merged while it was held."},
		"merged while somebody denied it": {before: func(c promotion) {
			c.press("Deny", c.Bo)
			c.says("Denied by @bo", "")
			c.merges(c.pull, (*fakehub.Pull).Squash)
		}, says: "#1 counts in full: somebody denied it."},
		"released at once": {more: "break_glass: { from: [\"@acme/sre\"], via: [button] }\n", before: func(c promotion) {
			c.press("Break glass", c.Bo)
			c.says("Released at once by @bo", "")
			c.merges(c.pull, merge)
		}, says: "#1 counts in full: it was released at once"},
		"merged at another head": {before: func(c promotion) {
			c.approved()
			c.settle()
			held := c.hub.Hold("pull_request", "")
			_, err := c.pull.Push(fakehub.Files{"docs/late.md": "# Late\n"})
			c.must(err)
			_, err = c.pull.Merge(c.Bo)
			c.must(err)
			held.Release(0)
			held.End()
			c.settle()
		}, says: "#1 counts in full"},
		"released by laxer rules": {release: strings.ReplaceAll(testworld.Rules, "approvals: 1", "approvals: 2"),
			before: func(c promotion) {
				c.approved()
				c.merges(c.pull, merge)
			}, says: "#1 counts in full: the rules in force here ask for more than it was released by"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := promotionUnder(t, tc.more, tc.release)
			tc.before(c)
			c.into("main")
			c.says("Held: needs", tc.says)
			if c.passes() {
				t.Error("it passes")
			}
			for _, f := range c.state(c.gateOf(c.pull)).Verdict.Findings {
				if tc.only != "" && f.Path != tc.only {
					t.Errorf("%s is found again in %s", f.Rule, f.Path)
				}
			}
		})
	}
}

// Main is brought to release through a branch on which somebody has resolved what
// did not fit: that counts, and what was released before does not.
func TestAResolvedConflictCountsInARelease(t *testing.T) {
	t.Parallel()
	c := newPromotion(t)
	c.approved()
	c.merges(c.pull, (*fakehub.Pull).Merge)
	c.merges(c.harmless("notes.md"), (*fakehub.Pull).Merge)
	_, err := c.Shop.Commit("release", fakehub.NewCommit{Author: c.Ana, Files: fakehub.Files{"notes.md": "here\n"}})
	c.must(err)
	resolved := fakehub.Files{"notes.md": "# Words\nhere\n"}
	for path, text := range testworld.Dropped {
		resolved[path] = text
	}
	_, err = c.Shop.CommitOn(c.Shop.Tip("release"), "sync", fakehub.NewCommit{Author: c.Agent, Message: "Merge main",
		Merge: []string{c.Shop.Tip("main")}, Files: resolved})
	c.must(err)
	c.into("sync")
	c.says("Passed", "in #1: 1 file")
	c.says("Passed", "New in it: 1 file.")
	c.says("Passed", "#2 counts in full: something else has touched some of the files that it brought.")
}

// What goes into main while its pull request into release is open is settled for that
// one too, in whatever order GitHub tells of it.
func TestAStandingReleaseFollowsWhatGoesIn(t *testing.T) {
	t.Parallel()
	c := newPromotion(t)
	first := c.pull
	c.approved()
	c.merges(c.harmless("docs/a.md"), (*fakehub.Pull).Merge)
	c.into("main")
	c.says("Passed", "in #2: 1 file")
	c.merges(first, (*fakehub.Pull).Squash)
	c.says("Passed", "in #1 and #2: 2 files")
	c.says("Passed", "New in it: 0 files.")
	late, err := c.Open(fakehub.NewPull{Files: testworld.Drops(7)})
	c.must(err)
	c.merges(late, (*fakehub.Pull).Merge)
	c.says("Held: needs", fmt.Sprintf("#%d counts in full: it was merged while it was held.", late.Number))
}

// A branch that is called main elsewhere, or that nothing guards, proves nothing: there
// anybody can make a commit that looks like a merge.
func TestAMergeIntoAnUnguardedBranchCounts(t *testing.T) {
	t.Parallel()
	c := newPromotion(t)
	c.must(c.Shop.SetBranch("develop", c.Shop.Tip("main"), c.Ana))
	c.must(c.pull.Retarget("develop", c.Ana))
	c.clicks.lane = gate.NoLane.Check()
	c.says("Held: needs 1 approval", "")
	c.press("Approve", c.Bo)
	c.says("Released: approved by @bo", "")
	c.merges(c.pull, (*fakehub.Pull).Merge)
	c.into("develop")
	c.says("Held: needs", "")
	if v := c.state(c.gateOf(c.pull)).Verdict; v.Brings != nil {
		t.Errorf("%+v", v.Brings)
	}
}

// TestRequestsOfARelease: one of which all was released is judged by the same requests
// as one that brings nothing; where something else was done, by two more at most.
func TestRequestsOfARelease(t *testing.T) {
	t.Parallel()
	c := newPromotion(t)
	c.approved()
	c.merges(c.pull, (*fakehub.Pull).Merge)
	from := c.Shop.Tip("main")
	compared := func(branch string) (comparisons int) {
		c.must(c.Shop.SetBranch(branch, c.Shop.Tip("main"), c.Ana))
		c.settle()
		c.pass(10 * time.Minute)
		c.hub.ResetCounts()
		c.into(branch)
		c.says("", "What it brings along")
		for at, n := range c.hub.Counts() {
			if strings.Contains(at.Route, "compare") {
				comparisons += n
			}
		}
		return comparisons
	}
	if n := compared("all"); n != 1 {
		t.Errorf("%d comparisons where all was released, want 1", n)
	}
	_, err := c.Shop.CommitOn(from, "main", fakehub.NewCommit{Author: c.Agent, Files: fakehub.Files{"docs/b.md": "# B\n"}})
	c.must(err)
	if n := compared("more"); n != 2 {
		t.Errorf("%d comparisons where something else was done, want 2", n)
	}
}

// A hotfix goes into release, and comes back to main through the queue: its group
// leaves out what its pull request did.
func TestABackMergeGoesThroughTheQueue(t *testing.T) {
	t.Parallel()
	c := newPromotion(t)
	c.requires("refs/heads/release", "gatehold: release")
	c.must(c.Shop.UseMergeQueue(time.Hour))
	c.must(c.pull.Retarget("release", c.Ana))
	c.clicks.lane = "gatehold: release"
	c.says("Held: needs 1 approval", "")
	c.until(time.Hour, "nobody looks at what requires the check of release", func() bool {
		return !strings.Contains(c.run().Title, "not enforced")
	})
	c.approved()
	c.merges(c.pull, (*fakehub.Pull).Merge)
	back, err := c.Open(fakehub.NewPull{Author: c.Ana, Title: "Back", Head: "release"})
	c.must(err)
	c.clicks.pull, c.clicks.lane = back, ""
	c.says("Passed", "in #1: 1 file")
	entry := c.enqueue(back)
	if entry.HeadSHA != "" {
		c.group(entry.HeadSHA, fmt.Sprintf("Passed: #%d is released for exactly this", back.Number))
	}
	c.until(time.Minute, "the queue does not merge", func() bool { return back.State() == "merged" })
}
