//go:build services

package stories

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/gate"
)

func TestHoldThreeWays(t *testing.T) {
	t.Parallel()
	for hold, want := range map[string][3]string{ // of what people made, of an agent's change, and of a run that an agent starts
		"always":        {"pending", "pending", "pending"},
		"agent_changes": {"approved", "pending", "pending"},
		"never":         {"approved", "approved", "approved"},
	} {
		t.Run(hold, func(t *testing.T) {
			s := begun(t, "environments: { production: { hold: agent_changes } }\n", "production")
			s.rules("environments: { production: { hold: " + hold + ", need: high } }\n")
			s.must(s.hub.CancelRun(s.deploy(s.Bo, "staging"), true))
			run := s.deploy(s.Cy, "production")
			if hold == "always" {
				s.press(run, "production", "Approve", s.Bo)
			}
			s.merge(s.Ana, false)
			run = s.deploy(s.Ana, "production")
			s.gate(run, "production", want[0])
			if want[0] == "pending" {
				s.press(run, "production", "Approve", s.Bo)
			}
			s.merge(s.Agent, false)
			run = s.deploy(s.Ana, "production")
			s.gate(run, "production", want[1])
			if want[1] == "pending" {
				s.press(run, "production", "Approve", s.Bo)
			}
			run = s.deploy(s.Agent, "production")
			s.gate(run, "production", want[2])
		})
	}
}

func TestTheNeedOfAnEnvironmentComesOnTop(t *testing.T) {
	t.Parallel()
	s := tell(t,
		"environments: { production: { hold: always, need: { all: [{ approvals: 2, from: [\"@acme/sre\"] }, { approvals: 1, "+
			"from: [\"@acme/incident\"] }] } } }\n")
	run := s.deploy(s.Ana, "production")
	for _, by := range []*fakehub.Account{s.Bo, s.Di, s.Bo} {
		s.press(run, "production", "Approve", by)
		s.gate(run, "production", "pending")
	}
	s.press(run, "production", "Approve", s.Cy)
	s.gate(run, "production", "approved")
}

func TestWhoStartedOrMadeItDoesNotCount(t *testing.T) {
	t.Parallel()
	s := begun(t, standard, "production")
	s.merge(s.Agent, true, s.Bo)
	run := s.deploy(s.Bo, "production")
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "pending")
	s.says(run, "production", "Held", "Did not count")
	s.press(run, "production", "Approve", s.Agent)
	s.press(run, "production", "Approve", s.Di)
	s.gate(run, "production", "pending")
	s.press(run, "production", "Approve", s.Cy)
	s.gate(run, "production", "approved")
}

func TestAChannelThatIsNotTaken(t *testing.T) {
	t.Parallel()
	s := tell(t, "environments: { production: { hold: always, need: high, channels: [passkey] } }\n")
	run := s.deploy(s.Ana, "production")
	if err := s.hub.Press(s.Check(run.View().SHA, toProduction).ID, "Approve", s.Bo); err == nil {
		s.settle()
		s.gate(run, "production", "pending")
		s.says(run, "production", "Held", "which the rules do not take for this")
	}
	s.press(run, "production", "Deny", s.Bo) // no is taken by any channel
	s.gate(run, "production", "rejected")
}

func TestAnApprovalThatExpires(t *testing.T) {
	t.Parallel()
	s := tell(t, "environments: { production: { hold: always, need: { approvals: 2, from: [\"@acme/sre\"], expires: 2h } } }\n")
	run := s.deploy(s.Ana, "production")
	s.press(run, "production", "Approve", s.Bo)
	s.pass(3 * time.Hour)
	s.press(run, "production", "Approve", s.Cy)
	s.gate(run, "production", "pending")
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "approved")
}

func TestTheAgeOfWhatGoesOut(t *testing.T) {
	t.Parallel()
	s := begun(t, "environments: { production: { hold: agent_changes, wait: 2h } }\n")
	run := s.deploy(s.Ana, "production")
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "pending")
	s.says(run, "production", "Waiting: The newest of what goes out has to be 2h old")
	s.pass(119 * time.Minute)
	s.gate(run, "production", "pending")
	s.pass(2 * time.Minute)
	s.gate(run, "production", "approved")
	s.merge(s.Ana, false)
	s.pass(time.Hour)
	run = s.deploy(s.Ana, "production") // people's wait too
	s.pass(59 * time.Minute)
	s.gate(run, "production", "pending")
	s.pass(2 * time.Minute)
	s.gate(run, "production", "approved")
}

// freeze is a Monday's, from 12:00 to 18:00: stories begin at 9:00.
const freeze = "{ cron: \"0 12 * * 1\", lasts: 6h, reason: Stocktaking"

func TestAFreezeHoldsWhatIsApproved(t *testing.T) {
	t.Parallel()
	s := tell(t, "environments: { production: { hold: agent_changes, freeze: ["+freeze+" }] } }\n")
	run := s.deploy(s.Ana, "production")
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "approved") // before it
	s.merge(s.Agent, true, s.Bo)
	late := s.deploy(s.Ana, "production") // judged before it, approved within it
	s.pass(4 * time.Hour)
	s.press(late, "production", "Approve", s.Bo)
	s.gate(late, "production", "pending")
	s.says(late, "production", "Waiting: Frozen from Monday 3 March 2031 12:00 UTC until Monday 3 March 2031 18:00 UTC: Stocktaking")
	s.press(late, "production", "Approve", s.Di)
	s.gate(late, "production", "pending")
	s.pass(4*time.Hour + 59*time.Minute)
	s.gate(late, "production", "pending")
	s.pass(2 * time.Minute)
	s.gate(late, "production", "approved")
	s.pass(7*day - 4*time.Hour) // a week later, at two in the afternoon
	s.merge(s.Ana, false)
	people := s.deploy(s.Ana, "production")
	s.gate(people, "production", "pending")
	s.pass(5 * time.Hour)
	s.gate(people, "production", "approved")
}

func TestAFreezeIsLiftedByWhoMayBreakIt(t *testing.T) {
	t.Parallel()
	s := begun(t,
		"environments: { production: { hold: agent_changes, freeze: ["+freeze+", except: [\"@acme/incident\"] }] } }\n", "production")
	s.pass(4 * time.Hour)
	s.merge(s.Ana, false)
	run := s.deploy(s.Ana, "production") // nothing but the freeze holds it
	s.gate(run, "production", "pending")
	s.says(run, "production", "Waiting: Frozen until")
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "pending")
	s.press(run, "production", "Approve", s.Di)
	s.gate(run, "production", "approved")
	s.merge(s.Agent, true, s.Bo)
	run = s.deploy(s.Ana, "production") // and now an approval is needed as well
	s.press(run, "production", "Approve", s.Di)
	s.gate(run, "production", "pending")
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "approved")
}

func TestFromBranches(t *testing.T) {
	t.Parallel()
	s := tell(t, "environments: { production: { hold: never, from_branches: [main, \"release/**\"] } }\n")
	for branch, want := range map[string]string{"main": "approved", "release/1": "approved", "topic": "pending"} {
		if branch != "main" {
			s.must(s.Shop.SetBranch(branch, s.Shop.Tip("main"), s.Ana))
		}
		run := s.run(actions.RunSpec{Branch: branch, Jobs: jobs("success", "production")})
		s.gate(run, "production", want)
		if branch == "topic" {
			s.says(run, "production", "", "It comes from the branch `topic`")
			if err := s.hub.Press(s.Check(run.View().SHA, toProduction).ID, "Approve", s.Bo); err == nil {
				s.settle()
				s.gate(run, "production", "pending")
			}
			s.must(s.hub.CancelRun(run, true))
			s.settle()
		}
	}
}

func TestAfterStagingAndHealthy(t *testing.T) {
	t.Parallel()
	s := tell(t, "environments:\n  staging: { hold: never }\n  production: { hold: agent_changes, after: staging, healthy: 30m }\n")
	run := s.long(s.Ana, "production")
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "pending")
	s.says(run, "production", "Waiting: ", "has to succeed in staging first")
	s.deploy(s.Ana, "staging")
	s.says(run, "production", "has to be healthy in staging for 30m")
	s.pass(29 * time.Minute)
	s.gate(run, "production", "pending")
	failing := s.long(s.Ana, "staging")
	s.must(s.hub.FinishJob(failing, "to staging 0", "failure"))
	s.settle()
	s.says(run, "production", "has failed in staging since it succeeded there")
	s.pass(3 * time.Hour)
	s.gate(run, "production", "pending")
	s.deploy(s.Ana, "staging")
	s.pass(29 * time.Minute)
	s.gate(run, "production", "pending")
	s.pass(2 * time.Minute)
	s.gate(run, "production", "approved")
	s.must(s.hub.FinishJob(run, "to production 0", "success"))
	s.settle()
	// Another commit has to go its own way.
	s.merge(s.Ana, false)
	other := s.deploy(s.Ana, "production")
	s.pass(3 * time.Hour)
	s.gate(other, "production", "pending")
	s.deploy(s.Ana, "staging")
	s.pass(31 * time.Minute)
	s.gate(other, "production", "approved")
}

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	s := tell(t, "environments: { production: { hold: agent_changes, need: high, concurrent: 1 } }\n")
	first := s.long(s.Ana, "production")
	s.merge(s.Agent, true, s.Bo)
	second := s.long(s.Ana, "production") // judged while nothing is under way
	s.gate(second, "production", "pending")
	s.press(first, "production", "Approve", s.Bo)
	s.gate(first, "production", "approved")
	s.says(first, "production", "Released: approved by @bo")
	s.press(second, "production", "Approve", s.Bo)
	s.gate(second, "production", "pending")
	s.says(second, "production", "under way, and the rules take 1 at once")
	s.pass(time.Hour)
	s.gate(second, "production", "pending")
	s.must(s.hub.FinishJob(first, "to production 0", "success"))
	s.settle()
	if s.gates(second, "production")[0].State == "pending" { // what runs there is another commit now: the range is another
		s.press(second, "production", "Approve", s.Bo)
	}
	s.gate(second, "production", "approved")
	third := s.deploy(s.Ana, "production")
	s.gate(third, "production", "pending")
	s.must(s.hub.FinishJob(second, "to production 0", "failure"))
	s.settle()
	s.pass(time.Hour)
	if s.gates(third, "production")[0].State == "pending" {
		s.press(third, "production", "Approve", s.Bo)
	}
	s.gate(third, "production", "approved")
}

// TestTwoApprovedAtOnce are let go one after the other all the same.
func TestTwoApprovedAtOnce(t *testing.T) {
	t.Parallel()
	s := tell(t, "environments: { production: { hold: always, need: high, concurrent: 1 } }\n")
	var runs []*actions.WorkflowRun
	for range 4 {
		runs = append(runs, s.long(s.Ana, "production"))
		s.commit(s.Ana, fakehub.Files{"a.txt": fmt.Sprint(len(runs))})
	}
	for _, run := range runs {
		s.must(s.hub.Press(s.Check(run.View().SHA, toProduction).ID, "Approve", s.Bo))
	}
	s.settle()
	going := 0
	for _, run := range runs {
		if s.gates(run, "production")[0].State == "approved" {
			going++
		}
	}
	if going != 1 {
		t.Errorf("%d go at once", going)
	}
}

func TestAnApprovalIsWorthNothingElsewhere(t *testing.T) {
	t.Parallel()
	s := tell(t, "environments:\n  staging: { hold: agent_changes, need: high }\n  production: { hold: agent_changes, need: high }\n")
	run := s.run(actions.RunSpec{Jobs: []actions.JobSpec{{Name: "a", Environment: "staging"}, {Name: "b", Environment: "production"}}})
	s.press(run, "staging", "Approve", s.Bo)
	s.gate(run, "staging", "approved")
	s.gate(run, "production", "pending")
	if n := len(s.state(s.subject(run, "production")).Choices); n != 0 {
		t.Errorf("%d choices came over", n)
	}
}

func TestInherit(t *testing.T) {
	t.Parallel()
	s := begun(t, "environments: { production: { hold: agent_changes, need: high, inherit: approved } }\n", "production")
	s.merge(s.Agent, true, s.Bo)
	run := s.deploy(s.Ana, "production")
	s.gate(run, "production", "approved")
	s.says(run, "production", "", "Every agent")
	// One that is not approved is enough.
	s.merge(s.Agent, true, s.Bo)
	s.merge(s.Agent, true)
	run = s.deploy(s.Ana, "production")
	s.gate(run, "production", "pending")
	s.press(run, "production", "Approve", s.Cy)
	// An agent that starts the run inherits nothing.
	s.merge(s.Agent, true, s.Bo)
	run = s.deploy(s.Agent, "production")
	s.gate(run, "production", "pending")
	s.press(run, "production", "Deny", s.Cy)
	// Nothing is inherited from what was merged at another head.
	pull, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Agent, Title: "Late push",
		Files: fakehub.Files{"db/migrations/0099_late.sql": "DROP TABLE late;\n"}})
	s.must(err)
	s.settle()
	s.click(pull.HeadSHA(), gate.CheckName, "Approve", s.Bo)
	_, err = pull.Push(fakehub.Files{"db/migrations/0100_later.sql": "DROP TABLE later;\n"})
	s.must(err)
	_, err = pull.Merge(s.Ana)
	s.must(err)
	s.settle()
	run = s.deploy(s.Ana, "production")
	s.gate(run, "production", "pending")
	s.says(run, "production", "Held", "not approved")
}

func TestGoingBack(t *testing.T) {
	t.Parallel()
	for _, lane := range []string{"never", "allow", "always"} {
		t.Run(lane, func(t *testing.T) {
			s := begun(t, "environments: { production: { hold: agent_changes, need: high, rollback: "+lane+" } }\n", "production")
			good := s.Shop.Tip("main")
			back := func(by *fakehub.Account) *actions.WorkflowRun {
				return s.run(actions.RunSpec{Actor: by, SHA: good, Jobs: jobs("success", "production")})
			}
			forward := func(drops bool) {
				t.Helper()
				if drops {
					s.merge(s.Agent, true, s.Bo)
				} else {
					s.merge(s.Agent, false)
				}
				run := s.deploy(s.Ana, "production")
				s.gate(run, "production", "pending")
				s.press(run, "production", "Approve", s.Cy)
				s.gate(run, "production", "approved")
				s.ended(run, "success")
			}
			want := func(run *actions.WorkflowRun, passes bool) {
				t.Helper()
				if !passes {
					s.gate(run, "production", "pending")
					s.must(s.hub.CancelRun(run, true))
					s.settle()
					return
				}
				s.gate(run, "production", "approved")
				if s.record("production").Last().SHA != good {
					t.Error("it did not go back")
				}
			}
			forward(false)
			run := back(s.Agent)
			want(run, lane == "always")
			if lane == "always" {
				forward(false)
			}
			run = back(s.Ana)
			want(run, lane != "never")
			forward(true) // a table is dropped
			run = back(s.Ana)
			s.says(run, "production", "", map[bool]string{true: "undo this", false: "drops a table"}[lane != "never"])
			want(run, lane == "always")
		})
	}
}

// TestForwardAgainIsNoGoingBack: what was taken back was so for a reason.
func TestForwardAgainIsNoGoingBack(t *testing.T) {
	t.Parallel()
	s := begun(t, "environments: { production: { hold: agent_changes, need: high, rollback: always } }\n", "production")
	good := s.Shop.Tip("main")
	s.merge(s.Agent, true, s.Bo)
	bad := s.deploy(s.Ana, "production")
	s.press(bad, "production", "Approve", s.Cy)
	s.ended(bad, "success")
	s.gate(s.run(actions.RunSpec{SHA: good, Jobs: jobs("success", "production")}), "production", "approved")
	s.gate(s.run(actions.RunSpec{SHA: bad.View().SHA, Jobs: jobs("success", "production")}), "production", "pending")
}

// TestBreakGlassLiftsWaits: a freeze, the age, another environment, and the need.
func TestBreakGlassLiftsWaits(t *testing.T) {
	t.Parallel()
	s := tell(t,
		"environments: { production: { hold: always, need: high, wait: 5h, after: staging, freeze: ["+strings.Replace(freeze,
			"12", "8", 1)+" }] } }\nbreak_glass: { from: [\"@acme/incident\"], via: [button] }\n")
	run := s.deploy(s.Ana, "production")
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "pending")
	s.press(run, "production", "Break glass", s.Di)
	s.gate(run, "production", "approved")
	s.ended(run, "success")
	s.says(run, "production", "", "@di")
}
