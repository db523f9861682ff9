package keeper_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

// edit changes the words of a pull request at GitHub and delivers the event.
func (h *house) edit(number int, action string, change func(*change.Change)) {
	h.t.Helper()
	h.hub.set(number, func(f *changeFacts) { change(&f.Change) })
	h.hub.mu.Lock()
	c := h.hub.pulls[number].Change
	h.hub.mu.Unlock()
	w := &gate.Words{Title: c.Title, Body: c.Body, Labels: c.Labels, Draft: c.Draft}
	for _, a := range c.Assignees {
		w.Assignees = append(w.Assignees, gate.Actor{Login: a.Login, ID: a.ID, Type: string(a.Type)})
	}
	h.sent++
	_, err := h.keeper.Deliveries.Take(context.Background(),
		gate.Delivery{Key: fmt.Sprintf("1:%d", h.sent), Event: "pull_request", Action: action, Words: w, Seen: &gate.Seen{
			Subject: gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: number},
			Event:   "pull_request", Action: action, Head: c.Head, Base: c.Base, BaseRef: c.BaseRef, ChangedFiles: len(c.Files),
		}})
	if err != nil {
		h.t.Fatal(err)
	}
}

type changeFacts = change.Facts

const wordyRules = `version: 1
extends: []
mode: enforce
rules:
  - { id: frozen, title: Frozen, for: everyone, labels: ["freeze*"], risk: 90, level: critical }
  - { id: spoken, title: Spoken of, for: everyone, when: "change.title.contains('danger')", risk: 90, level: critical }
  - { id: docs, title: Agents write no docs, paths: ["docs/**"], risk: 90, level: critical }
needs:
  critical: { approvals: 1, from: ["@acme/sre"] }
`

func (h *house) wordy() {
	h.hub.set(1, pull("aaa1", "docs/a.md"))
	h.hub.set(1, func(f *change.Facts) {
		f.Change.HeadRef, f.Change.Author = "ana/docs", change.Actor{Login: "ana", ID: 11, Type: change.User}
	})
	h.rules(wordyRules)
	h.edit(1, "opened", func(*change.Change) {})
	h.settle(time.Second)
	h.expect("aaa1", report.Success, "Passed")
}

// TestEditsOfWhatIsNotJudgedCostNothing: neither a request nor a painting, and
// they leave no trace in the pace.
func TestEditsOfWhatIsNotJudgedCostNothing(t *testing.T) {
	story(t, func(h *house) {
		h.wordy()
		facts, puts := h.hub.count("facts"), h.hub.count("put")
		for n := range 100 {
			h.edit(1, "edited", func(c *change.Change) { c.Title, c.Body = fmt.Sprintf("Title %d", n), strings.Repeat("word ", n) })
			h.settle(time.Second)
			h.edit(1, "labeled", func(c *change.Change) { c.Labels = []string{fmt.Sprint("size-", n)} })
			h.settle(time.Second)
		}
		if n, p := h.hub.count("facts")-facts, h.hub.count("put")-puts; n != 0 || p != 0 {
			t.Errorf("200 edits cost %d looks and %d paintings", n, p)
		}
		h.expect("aaa1", report.Success, "Passed")
	})
}

// TestEditsOfWhatIsJudgedAreSeen: a label that a rule names, a word that a
// condition asks for, an agent's sign, and an issue that GitHub links then.
func TestEditsOfWhatIsJudgedAreSeen(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(*change.Change)
		held bool
	}{
		"label":     {func(c *change.Change) { c.Labels = []string{"x", "Freeze-2026"} }, true},
		"condition": {func(c *change.Change) { c.Title = "some danger" }, true},
		"agent":     {func(c *change.Change) { c.Body = "🤖 Generated with [Claude Code](https://claude.com/claude-code)" }, true},
		"issue":     {func(c *change.Change) { c.Body = "Fixes #12" }, false},
		"revert":    {func(c *change.Change) { c.Body = "Reverts acme/shop#7" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(h *house) {
				h.wordy()
				facts := h.hub.count("facts")
				h.edit(1, "edited", test.edit)
				h.settle(time.Second)
				if n := h.hub.count("facts") - facts; n != 1 {
					t.Errorf("%d looks", n)
				}
				if test.held {
					h.expect("aaa1", report.ActionRequired, "Held: ")
				}
			})
		})
	}
}

// TestSparedOrNotItComesToTheSame plays random edits, re-requests, pushes and
// restarts, and wants the check that an unsparing look would give.
func TestSparedOrNotItComesToTheSame(t *testing.T) {
	titles := []string{"a", "b", "danger", `Revert "x (#3)"`}
	bodies := []string{"", "words", "Fixes #3", "fixes #4 and more",
		"🤖 Generated with [Claude Code](https://claude.com/claude-code)", "https://app.devin.ai/sessions/1234"}
	labels := [][]string{nil, {"size"}, {"freeze"}, {"size", "freeze-now"}, {"codex"}}
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 9))
			story(t, func(h *house) {
				h.wordy()
				for range 8 + random.IntN(12) {
					pick := random.IntN(60)
					switch random.IntN(7) {
					case 0, 1:
						h.edit(1, "edited", func(c *change.Change) { c.Title = titles[pick%len(titles)] })
					case 2, 3:
						h.edit(1, "edited", func(c *change.Change) { c.Body = bodies[pick%len(bodies)] })
					case 4:
						h.edit(1, "labeled", func(c *change.Change) { c.Labels = labels[pick%len(labels)] })
					case 5:
						h.again("aaa1")
					case 6:
						h.restart()
					}
					if pick%2 == 0 {
						h.settle(time.Duration(pick) * time.Second)
					}
				}
				h.settle(11 * time.Minute)
				h.rightWords()
			})
		})
	}
}

// rightWords compares the check with what the pull request says now.
func (h *house) rightWords() {
	h.t.Helper()
	h.hub.mu.Lock()
	c := h.hub.pulls[1].Change
	h.hub.mu.Unlock()
	frozen := strings.Contains(fmt.Sprint(c.Labels), "freeze")
	agent := strings.Contains(c.Body, "Claude") || strings.Contains(c.Body, "devin.ai") || strings.Contains(fmt.Sprint(c.Labels), "codex")
	want := report.Success
	if frozen || strings.Contains(c.Title, "danger") || agent {
		want = report.ActionRequired
	}
	check, runs := h.hub.deciding("aaa1")
	if runs != 1 || check.Conclusion != want {
		h.t.Fatalf("%q %q %v: the check is %s %q, want %s", c.Title, c.Body, c.Labels, check.Conclusion, check.Title, want)
	}
}
