//go:build services

package stories

import (
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
)

// An approval of somebody who has left by then does not carry a pull request
// through the queue, nor out to an environment.
func TestWhoLeftReleasesNothingLater(t *testing.T) {
	t.Parallel()
	const twice = "environments:\n  Production: { hold: agent_changes, inherit: approved, need: { approvals: 1, from: [\"@acme/sre\"] } }\n"
	leave := func(s *story) {
		s.SRE.Remove(s.Bo)
		s.Acme.RemoveMember(s.Bo)
		s.later()
	}
	approved := func(s *story) *fakehub.Pull {
		p := s.dropped(1, "")
		s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Bo)
		if !s.open(p) {
			s.Fatal("bo may approve")
		}
		return p
	}
	t.Run("the queue", func(t *testing.T) {
		t.Parallel()
		s := tell(t, "")
		s.must(s.Shop.Require(gate.CheckName, s.app.ID))
		s.must(s.Shop.UseMergeQueue(time.Hour))
		p := approved(s)
		leave(s)
		s.must(p.Enqueue(s.Ana))
		s.settle()
		s.pass(time.Minute)
		for _, e := range s.Shop.Queue("main") {
			if c := s.Check(e.HeadSHA, gate.CheckName); c.Conclusion == "success" {
				t.Errorf("the group passes: %s", s.text(e.HeadSHA, gate.CheckName))
			}
		}
		if p.State() == "merged" {
			t.Error("it was merged")
		}
	})
	t.Run("the merge", func(t *testing.T) {
		t.Parallel()
		s := begun(t, twice, "Production")
		p := approved(s)
		leave(s)
		_, err := p.Merge(s.Ana)
		s.must(err)
		s.settle()
		run := s.deploy(s.Ana, "Production")
		s.gate(run, "Production", "pending")
	})
	t.Run("the merge, unseen", func(t *testing.T) {
		t.Parallel()
		s := begun(t, twice, "Production")
		p := approved(s)
		leave(s)
		remove := s.hub.InjectHook(faults.HookFault{Kind: faults.Drop})
		_, err := p.Merge(s.Ana)
		s.must(err)
		remove()
		run := s.deploy(s.Ana, "Production")
		s.gate(run, "Production", "pending")
	})
	t.Run("while it was not there", func(t *testing.T) {
		t.Parallel()
		s := begun(t, twice, "Production")
		p := approved(s)
		leave(s)
		s.halt()
		_, err := p.Merge(s.Ana)
		s.must(err)
		s.start()
		s.compared()
		run := s.deploy(s.Ana, "Production")
		s.gate(run, "Production", "pending")
	})
	t.Run("still there", func(t *testing.T) {
		t.Parallel()
		s := begun(t, twice, "Production")
		p := approved(s)
		_, err := p.Merge(s.Ana)
		s.must(err)
		s.settle()
		run := s.deploy(s.Ana, "Production")
		s.gate(run, "Production", "approved")
	})
}

// TestAMergeGroupIsJudgedAtOnce: its commit is GitHub's own, and no push of it is
// waited for.
func TestAMergeGroupIsJudgedAtOnce(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	s.must(s.Shop.Require(gate.CheckName, s.app.ID))
	s.must(s.Shop.UseMergeQueue(time.Hour))
	p := s.dropped(1, "")
	s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Bo)
	s.must(p.Enqueue(s.Ana))
	s.settle()
	s.pass(5 * time.Second)
	if p.State() != "merged" {
		t.Error("five seconds after it was queued it is not merged")
	}
}
