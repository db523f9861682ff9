//go:build services

package stories

import (
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
)

const oneAtATime = "environments: { production: { hold: always, need: high, concurrent: 1 } }\n"

// TestJobsAnsweredTogetherAreUnderWayEach: GitHub takes one answer for both jobs
// of a run, and the run is under way until the last of them has ended.
func TestJobsAnsweredTogetherAreUnderWayEach(t *testing.T) {
	t.Parallel()
	s := tell(t, oneAtATime)
	run := s.run(actions.RunSpec{Jobs: two(false, "")})
	slow := s.hub.Inject(faults.Fault{Route: "GET */actions/runs/{run_id}/pending_deployments", Skip: 1, Times: 1})
	s.press(run, "production", "Approve", s.Bo)
	s.pass(time.Hour)
	if slow.Hits() != 1 {
		t.Fatalf("struck %d times: %v", slow.Hits(), s.hub.Counts())
	}
	for _, g := range s.gates(run, "production") {
		if g.State != "approved" {
			t.Fatalf("%+v", g)
		}
	}
	s.commit(s.Ana, fakehub.Files{"a.txt": "a"})
	other := s.long(s.Ana, "production")
	s.press(other, "production", "Approve", s.Bo)
	s.gate(other, "production", "pending")
	jobs := []string{"us", "eu"}
	if eu := s.subjectsOf(run, "production")[0]; s.state(eu).Deployment.Replying != nil { // GitHub was told of it, and of the other with it
		jobs = []string{"eu", "us"}
	}
	s.must(s.hub.FinishJob(run, jobs[0], "success"))
	s.settle()
	if s.gates(other, "production")[0].State == "pending" {
		s.press(other, "production", "Approve", s.Bo)
	}
	s.gate(other, "production", "pending") // the other runs on
	s.must(s.hub.FinishJob(run, jobs[1], "success"))
	s.settle()
	if s.gates(other, "production")[0].State == "pending" {
		s.press(other, "production", "Approve", s.Bo)
	}
	s.gate(other, "production", "approved")
}

// TestADenialAfterALostAnswerFreesNothing: GitHub has let the run go and its
// answer was lost; a denial that comes then takes nothing back.
func TestADenialAfterALostAnswerFreesNothing(t *testing.T) {
	t.Parallel()
	s := tell(t, oneAtATime)
	run := s.long(s.Ana, "production")
	lost := s.hub.Inject(faults.Fault{Route: respondRoute, Kind: faults.LostAnswer, Asks: "approved", Times: 1})
	s.press(run, "production", "Approve", s.Bo)
	if lost.Hits() != 1 {
		t.Fatalf("lost %d", lost.Hits())
	}
	s.gate(run, "production", "approved")
	s.press(run, "production", "Deny", s.Cy)
	s.pass(time.Hour)
	s.commit(s.Ana, fakehub.Files{"a.txt": "a"})
	other := s.long(s.Ana, "production")
	s.press(other, "production", "Approve", s.Bo)
	s.pass(time.Hour)
	s.gate(other, "production", "pending")
	s.must(s.hub.FinishJob(run, "to production 0", "success"))
	s.settle()
	if s.gates(other, "production")[0].State == "pending" {
		s.press(other, "production", "Approve", s.Bo)
	}
	s.gate(other, "production", "approved")
}
