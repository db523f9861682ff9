//go:build services

package stories

import (
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/hooks"
	"github.com/gatehold/gatehold/internal/fakehub/lag"
	"github.com/gatehold/gatehold/internal/gate"
)

const docsAreCritical = "rules:\n  - { id: docs, title: Docs, paths: [\"docs/**\"], risk: 95, level: critical }\n"

// A push of stricter rules that nobody ever hears of is found by comparing what
// was judged with what is in force.
func TestStricterRulesOfWhichNobodyTold(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	p := s.opened(s.Agent, "main", page(1))
	q := s.opened(s.Agent, "main", drops(2))
	s.approves(q, s.Bo)
	s.hub.InjectHook(faults.HookFault{Event: "push", Kind: faults.Drop})
	s.rules(docsAreCritical)
	s.restart()
	s.compared()
	s.await(func() bool { s.settle(); return !s.green(p) })
	s.shows(p.HeadSHA(), gate.CheckName, "Held")

	// A push that changes no rules is no reason to judge anything again.
	s.hub.ResetCounts()
	s.commit(s.Ana, page(9))
	judged := s.state(s.pullSubject(p)).JudgedAt
	s.pass(time.Minute)
	s.restart()
	s.compared()
	if now := s.state(s.pullSubject(p)).JudgedAt; !now.Equal(judged) {
		t.Errorf("judged again at %s", now)
	}
}

// Events that come in another order than what they tell of, and some never.
func TestEventsInAnotherOrder(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(s *story, p *fakehub.Pull, held *hooks.Held){
		"the older push last":  func(_ *story, _ *fakehub.Pull, held *hooks.Held) { held.Release(1, 0) },
		"the newer push never": func(_ *story, _ *fakehub.Pull, held *hooks.Held) { held.Release(0); held.Lose() },
		"a day between the two": func(s *story, _ *fakehub.Pull, held *hooks.Held) {
			held.Release(1)
			s.settle()
			s.pass(day)
			held.Release()
		},
	} {
		for _, apart := range []time.Duration{0, time.Minute} {
			t.Run(name+", "+apart.String()+" apart", func(t *testing.T) {
				t.Parallel()
				s := tell(t, "")
				p := s.opened(s.Agent, "main", page(1))
				s.pass(time.Minute)
				held := s.hub.Hold("pull_request", "synchronize")
				_, err := p.Push(page(2))
				s.must(err)
				s.pass(apart)
				_, err = p.Push(drops(1))
				s.must(err)
				story(s, p, held)
				s.settle()
				s.never(p, time.Hour)
				s.judgedAs(p, "Held")
			})
		}
	}
}

// The rules that decide about a deployment are read on the default branch.
func TestDeployedBeforeStricterRulesAreRead(t *testing.T) {
	t.Parallel()
	s := begun(t, "environments:\n  production: { hold: never }\n", []string(nil)...)
	run := s.deploy(s.Ana, "production")
	s.ended(run, "success")
	s.hub.Lag(lag.Lag{Of: lag.Refs, For: 10 * time.Minute})
	s.rules("environments:\n  production: { hold: always, need: high }\n")
	run = s.deploy(s.Ana, "production")
	for range 11 {
		s.gate(run, "production", "pending")
		s.pass(time.Minute)
	}
	s.pass(2 * time.Minute)
	s.says(run, "production", "Held")
	s.press(run, "production", "Approve", s.Bo)
	s.ended(run, "success")
}

// A run that was started again is at another attempt, although GitHub answers
// that the first has ended.
func TestStartedAgainAndTheAnswerIsOfBefore(t *testing.T) {
	t.Parallel()
	for name, behind := range map[string]lag.Lag{"REST": {Via: lag.REST, For: 3 * time.Minute}, "both": {For: 40 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := begun(t, "environments:\n  production: { hold: always, need: high }\n", "production")
			run := s.deploy(s.Ana, "production")
			s.press(run, "production", "Approve", s.Bo)
			s.ended(run, "success")
			s.pass(time.Minute)
			behind.Of = lag.Runs | lag.Deployments
			late := s.hub.Lag(behind)
			s.must(s.hub.Rerun(run, s.Ana))
			s.settle()
			s.pass(8 * time.Minute)
			if late.Hits() == 0 {
				t.Error("no answer was behind")
			}
			s.gate(run, "production", "pending")
			s.says(run, "production", "Held")
			s.press(run, "production", "Approve", s.Bo)
			s.ended(run, "success")
		})
	}
}

// TestRulesOfAnOrganisationUnderANewName: a repository that no event has named since
// hears of them all the same.
func TestRulesOfAnOrganisationUnderANewName(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	s.organises("version: 1\n")
	p := s.opened(s.Agent, "main", page(1))
	s.shows(p.HeadSHA(), gate.CheckName, "Passed")
	s.must(s.Acme.Rename("acme-labs"))
	s.organises(needs + docsAreCritical)
	s.pass(time.Minute)
	s.judgedAs(p, "Held")
}
