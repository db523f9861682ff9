//go:build services

package stories

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/hooks"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/testworld"
)

// pressStory is a pull request of an agent that drops a table, and its check.
type pressStory struct {
	*story
	pull *fakehub.Pull
	name string // of the check
}

func aHeldPull(t *testing.T, base string) *pressStory {
	t.Helper()
	s := &pressStory{story: tell(t, ""), name: gate.CheckName}
	if base != "main" {
		s.name = gate.NoLane.Check()
		_, err := s.Shop.Commit(base, fakehub.NewCommit{Author: s.Ana, Message: "Begin", Files: fakehub.Files{"begin.md": "# Begin\n"}})
		s.must(err)
	}
	var err error
	s.pull, err = s.Shop.OpenPull(fakehub.NewPull{Author: s.Agent, Title: "Tidy up", Base: base, Head: "devin/1", Files: fakehub.Files{
		"docs/1.md": "# One\n", "db/migrations/0001_drop.sql": "DROP TABLE orders;\n"}})
	s.must(err)
	s.settle()
	return s
}

func (s *pressStory) run() fakehub.CheckRun {
	s.Helper()
	return s.Check(s.pull.HeadSHA(), s.name)
}

func (s *pressStory) press(label string, by *fakehub.Account) {
	s.Helper()
	s.must(s.hub.Press(s.run().ID, label, by))
}

// paintings counts what the check has shown: a busy machine paints that it is
// judging first.
func (s *pressStory) paintings() int {
	s.Helper()
	n, run := 0, s.run().ID
	for _, p := range s.hub.Painted(0) {
		if p.Run == run {
			n++
		}
	}
	return n
}

// comes checks what the check's title begins with, and that nothing passes which
// is not released.
func (s *pressStory) comes(title string) {
	s.Helper()
	s.settle()
	passes := s.pull.RequiredCheck(gate.CheckName, s.app.ID).Passes
	if got := s.run().Title; !strings.HasPrefix(got, title) || passes != strings.HasPrefix(title, "Released") {
		s.Errorf("the check says %q and passes: %v; want %q", got, passes, title)
	}
}

func (s *pressStory) lastPress() hooks.Delivery {
	s.Helper()
	all := s.hub.DeliveriesOf("check_run", "requested_action")
	if len(all) == 0 {
		s.Fatal("nobody has pressed anything")
	}
	return all[len(all)-1]
}

// TestAttackAReplayedApprovalUndoesADenial: a signed body that somebody caught is
// sent again under a number of its own.
func TestAttackAReplayedApprovalUndoesADenial(t *testing.T) {
	t.Parallel()
	s := aHeldPull(t, "main")
	s.press("Approve", s.Bo)
	s.comes("Released: approved by @bo")
	caught := s.lastPress()
	s.press("Deny", s.Bo)
	s.comes("Denied by @bo")
	for range 3 {
		if _, status, err := s.hub.Replay(caught.ID); err != nil || status/100 != 2 {
			t.Fatalf("%d, %v", status, err)
		}
		s.comes("Denied by @bo")
	}
	s.press("Approve", s.Bo) // on what is shown now: it is meant
	s.comes("Released: approved by @bo")
}

// TestOnOnePaintingADenialWins however the two presses of one person arrive, also
// where the approval failed and is delivered again.
func TestOnOnePaintingADenialWins(t *testing.T) {
	t.Parallel()
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		s := aHeldPull(t, "main")
		held := s.hub.Hold("check_run", "requested_action")
		s.press("Approve", s.Bo)
		s.press("Deny", s.Bo)
		held.Release(order...)
		held.End()
		s.comes("Denied by @bo")
	}
	s := aHeldPull(t, "main")
	door := s.door.Swap(nil) // the service is down
	s.press("Approve", s.Bo)
	s.must(s.hub.Settle(t.Context()))
	failed := s.lastPress()
	s.door.Store(door)
	s.press("Deny", s.Bo)
	s.comes("Denied by @bo")
	s.must(s.hub.Redeliver(failed.ID))
	s.comes("Denied by @bo")
}

// TestAPersonsPressesAreOrderedByTheirPaintings: the approval was made before the
// denial, on an older painting, and arrives after it; and the other way round.
func TestAPersonsPressesAreOrderedByTheirPaintings(t *testing.T) {
	t.Parallel()
	for first, second := range map[string]string{"Approve": "Deny", "Deny": "Approve"} {
		s := aHeldPull(t, "main")
		held := s.hub.Hold("check_run", "requested_action")
		s.press(first, s.Bo)
		s.press("Approve", s.Di) // who may not: the check is painted anew, to say so
		held.Release(1)
		s.comes("Held")
		s.press(second, s.Bo)
		held.Release(1)
		want := map[string]string{"Approve": "Released: approved by @bo", "Deny": "Denied by @bo"}[second]
		s.comes(want)
		held.End()
		s.comes(want)
		if summary := s.run().Summary; !strings.Contains(summary, "on an older state of the check than their answer that counts") {
			t.Errorf("the older press is not told of:\n%s", summary)
		}
	}
}

// TestAnOlderPaintingOfTheSameStillCounts: the check was painted anew between the
// press and its arrival, and shows the same gate, verdict and rules.
func TestAnOlderPaintingOfTheSameStillCounts(t *testing.T) {
	t.Parallel()
	s := aHeldPull(t, "main")
	held := s.hub.Hold("check_run", "requested_action")
	s.press("Approve", s.Bo)
	s.press("Approve", s.Di) // who may not
	held.Release(1)
	s.comes("Held")
	held.End()
	s.comes("Released: approved by @bo")
	if n := len(s.hub.Paintings(s.run().ID)); n < 3 {
		t.Errorf("%d paintings: the press was on the newest", n)
	}
}

// TestAPressIsForWhatItsPaintingShowed: other rules, or another base, make the
// change graver between the press and its arrival.
func TestAPressIsForWhatItsPaintingShowed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		base  string
		moves func(s *pressStory)
	}{
		"other rules": {"main", func(s *pressStory) {
			s.rules(docsAreCritical)
		}},
		"another base": {"sandbox", func(s *pressStory) {
			s.must(s.pull.Retarget("main", s.Agent))
			s.name = gate.CheckName
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := aHeldPull(t, c.base)
			before, shown := s.run(), s.paintings()-1
			held := s.hub.Hold("check_run", "requested_action")
			s.press("Approve", s.Bo)
			c.moves(s)
			s.pass(time.Minute) // an answer of the same second may be from before
			s.comes("Held")
			if now := s.run(); now.Title == before.Title && now.Actions[0] == before.Actions[0] {
				t.Fatal("nothing has changed")
			}
			held.End()
			s.comes("Held")
			// So it is where a browser still shows the old page.
			s.must(s.hub.PressPainted(before.ID, shown, "Approve", s.Cy))
			s.comes("Held")
			s.press("Approve", s.Bo)
			s.comes("Released: approved by @bo")
		})
	}
}

const heldAlways = "environments:\n  production: { hold: always, need: high }\n"

// TestAPressOnOneRunIsForNoOther: a person's run was cancelled, and an agent
// started one of the same commit, before the press arrived.
func TestAPressOnOneRunIsForNoOther(t *testing.T) {
	t.Parallel()
	s := tell(t, heldAlways)
	run := s.long(s.Ana, "production")
	s.says(run, "production", "Held")
	held := s.hub.Hold("check_run", "requested_action")
	s.must(s.hub.Press(s.Check(run.View().SHA, toProduction).ID, "Approve", s.Bo))
	s.must(s.hub.CancelRun(run, true))
	s.settle()
	again := s.long(s.Agent, "production")
	s.settle()
	held.End()
	s.settle()
	s.gate(again, "production", "pending")
	s.press(again, "production", "Approve", s.Bo)
	s.gate(again, "production", "approved")
}

// TestAPressOnOneAttemptIsForNoOther: the run was started again before the press
// arrived.
func TestAPressOnOneAttemptIsForNoOther(t *testing.T) {
	t.Parallel()
	for _, omit := range [][]string{nil, {"deployment"}} { // with a gate for each deployment, and with one for all
		s := tell(t, heldAlways)
		s.hub.SetAsking(actions.Asking{Omit: omit})
		run := s.deploy(s.Ana, "production")
		held := s.hub.Hold("check_run", "requested_action")
		s.must(s.hub.Press(s.Check(run.View().SHA, toProduction).ID, "Approve", s.Bo))
		s.must(s.hub.CancelRun(run, true))
		s.settle()
		s.must(s.hub.Rerun(run, s.Ana))
		s.settle()
		held.End()
		s.settle()
		s.gate(run, "production", "pending")
		s.press(run, "production", "Approve", s.Bo)
		s.gate(run, "production", "approved")
	}
}

// TestAttackOneCaughtApprovalReleasesLaterDeployments of the same commit.
func TestAttackOneCaughtApprovalReleasesLaterDeployments(t *testing.T) {
	t.Parallel()
	s := tell(t, heldAlways)
	run := s.deploy(s.Ana, "production")
	s.press(run, "production", "Approve", s.Bo)
	s.ended(run, "success")
	caught := s.hub.DeliveriesOf("check_run", "requested_action")[0]
	for n := range 3 {
		s.pass(day)
		again := s.deploy(s.Agent, "production")
		s.gate(again, "production", "pending")
		if _, status, err := s.hub.Replay(caught.ID); err != nil || status/100 != 2 {
			t.Fatal(fmt.Sprint(n, status, err))
		}
		s.settle()
		s.gate(again, "production", "pending")
		s.must(s.hub.CancelRun(again, true))
		s.settle()
	}
}

// TestAnOldButtonIsRefusedInWords: it names no painting, as all did before.
func TestAnOldButtonIsRefusedInWords(t *testing.T) {
	t.Parallel()
	s := aHeldPull(t, "main")
	held := s.hub.Hold("check_run", "requested_action")
	s.press("Approve", s.Bo)
	press := held.Waiting()[0]
	held.Lose()
	held.End()
	old := strings.Replace(string(press.Payload), s.run().Actions[0].Identifier, "approve", -1)
	for n := range 2 {
		s.taken("check_run", fmt.Sprint("old-", n), old)
		s.comes("Held")
	}
	if summary := s.run().Summary; strings.Count(summary, "Press the buttons that the check has now") != 1 {
		t.Errorf("it is not told once:\n%s", summary)
	}
	s.press("Approve", s.Bo)
	s.comes("Released: approved by @bo")
}

// taken is a webhook with a good signature that reaches the door.
func (r *rig) taken(event, guid, body string) {
	r.Helper()
	req, err := testworld.Delivery("/webhook", event, guid, []byte(body))
	r.must(err)
	w := httptest.NewRecorder()
	(*r.door.Load()).ServeHTTP(w, req)
	if w.Code/100 != 2 {
		r.Fatalf("%s is answered %d", guid, w.Code)
	}
}
