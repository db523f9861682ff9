package gate_test

import (
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// held is a deployment that was judged and waits for people.
func heldDeployment(s *stream, since time.Time) {
	s.add(gate.Seen{Subject: gate.Subject{Kind: gate.Deployment, Run: 9, DeploymentID: 5, Environment: "production", SHA: "a1"},
		Event: "deployment_protection_rule", Head: "a1", Since: since})
	v := &gate.Verdict{Head: "a1", Held: true, Needs: &gate.Need{Approvals: 1}, Digest: "d",
		Deploy: &gate.Deploy{Environment: "production", Run: 9, Attempt: 1}}
	s.add(gate.Judged{Covers: s.state.Version, Head: "a1", Digest: "d", Verdict: v})
	s.add(gate.Told{Covers: s.state.Changed, Checks: []string{"a1"}})
}

// TestNothingIsRepeatedAtOnce: what failed is due when its failure says, and
// what failed for good not by itself.
func TestNothingIsRepeatedAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		late, unjudged bool
		step           gate.Step
		next           time.Duration // after the failure; 0: never
		want           gate.Step
	}{
		"an answer":                               {step: gate.Respond, next: time.Second, want: gate.Respond},
		"an answer, for good":                     {step: gate.Respond, want: gate.Nothing},
		"a late answer":                           {late: true, step: gate.Respond, next: time.Minute, want: gate.Respond},
		"a late answer, for good":                 {late: true, step: gate.Respond, want: gate.Nothing},
		"a late answer, something seen":           {late: true, unjudged: true, step: gate.Respond, next: time.Minute, want: gate.Respond},
		"a late answer, something seen, for good": {late: true, unjudged: true, step: gate.Respond, want: gate.Nothing},
	} {
		s := &stream{t: t, at: start}
		heldDeployment(s, time.Time{})
		if c.late {
			s.at = start.Add(gate.HoldLimit + time.Hour)
		}
		if c.unjudged {
			s.add(gate.Seen{Subject: s.state.Subject, Event: "deployment_status", Action: "failure", Head: "a1"})
		}
		failed := gate.Failed{Step: string(c.step), Code: "c", Attempt: 3, Since: s.at}
		if c.next > 0 {
			failed.Next = s.at.Add(c.next)
		}
		s.add(failed)
		s.add(gate.Told{Covers: s.state.Changed, Checks: []string{"a1"}})
		step, when := s.state.Due()
		if step != c.want || step != gate.Nothing && !when.Equal(failed.Next) {
			t.Errorf("%s: due is %q at %s, want %q at %s", name, step, when, c.want, failed.Next)
		}
	}
}

// TestTheDeadlineCountsFromGitHubsAsking: who hears of it late has no longer.
func TestTheDeadlineCountsFromGitHubsAsking(t *testing.T) {
	for since, want := range map[time.Time]time.Time{{}: start, start.Add(-50 * time.Hour): start.Add(-50 * time.Hour),
		start.Add(time.Hour): start} {
		s := &stream{t: t, at: start}
		heldDeployment(s, since)
		if got := s.state.Deadline(); got.Sub(want.Add(gate.HoldLimit)).Abs() > time.Minute {
			t.Errorf("asked at %s: the deadline is %s", since, got)
		}
	}
}
