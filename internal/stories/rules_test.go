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
			s.must(s.hub.CancelRun(s.deploy(s.bo, "staging"), true))
			run := s.deploy(s.cy, "production")
			if hold == "always" {
				s.press(run, "production", "Approve", s.bo)
			}
			s.merge(s.ana, false)
			run = s.deploy(s.ana, "production")
			s.gate(run, "production", want[0])
			if want[0] == "pending" {
				s.press(run, "production", "Approve", s.bo)
			}
			s.merge(s.agent, false)
			run = s.deploy(s.ana, "production")
			s.gate(run, "production", want[1])
			if want[1] == "pending" {
				s.press(run, "production", "Approve", s.bo)
			}
			run = s.deploy(s.agent, "production")
			s.gate(run, "production", want[2])
		})
	}
}

func TestTheNeedOfAnEnvironmentComesOnTop(t *testing.T) {
	t.Parallel()
	s := tell(t,
		"environments: { production: { hold: always, need: { all: [{ approvals: 2, from: [\"@acme/sre\"] }, { approvals: 1, "+
			"from: [\"@acme/incident\"] }] } } }\n")
	run := s.deploy(s.ana, "production")
	for _, by := range []*fakehub.Account{s.bo, s.di, s.bo} {
		s.press(run, "production", "Approve", by)
		s.gate(run, "production", "pending")
	}
	s.press(run, "production", "Approve", s.cy)
	s.gate(run, "production", "approved")
}

func TestWhoStartedOrMadeItDoesNotCount(t *testing.T) {
	t.Parallel()
	s := begun(t, standard, "production")
	s.merge(s.agent, true, s.bo)
	run := s.deploy(s.bo, "production")
	s.press(run, "production", "Approve", s.bo)
	s.gate(run, "production", "pending")
	s.says(run, "production", "Held", "Did not count")
	s.press(run, "production", "Approve", s.agent)
	s.press(run, "production", "Approve", s.di)
	s.gate(run, "production", "pending")
	s.press(run, "production", "Approve", s.cy)
	s.gate(run, "production", "approved")
}

func TestAChannelThatIsNotTaken(t *testing.T) {
	t.Parallel()
	s := tell(t, "environments: { production: { hold: always, need: high, channels: [passkey] } }\n")
	run := s.deploy(s.ana, "production")
	if err := s.hub.Press(s.check(run.View().SHA, toProduction).ID, "Approve", s.bo); err == nil {
		s.settle()
		s.gate(run, "production", "pending")
		s.says(run, "production", "Held", "which the rules do not take for this")
	}
	s.press(run, "production", "Deny", s.bo) // no is taken by any channel
	s.gate(run, "production", "rejected")
}

func TestAnApprovalThatExpires(t *testing.T) {
	t.Parallel()
	s := tell(t, "environments: { production: { hold: always, need: { approvals: 2, from: [\"@acme/sre\"], expires: 2h } } }\n")
	run := s.deploy(s.ana, "production")
	s.press(run, "production", "Approve", s.bo)
	s.pass(3 * time.Hour)
	s.press(run, "production", "Approve", s.cy)
	s.gate(run, "production", "pending")
	s.press(run, "production", "Approve", s.bo)
	s.gate(run, "production", "approved")
}

func TestTheAgeOfWhatGoesOut(t *testing.T) {
	t.Parallel()
	s := begun(t, "environments: { production: { hold: agent_changes, wait: 2h } }\n")
	run := s.deploy(s.ana, "production")
	s.press(run, "production", "Approve", s.bo)
	s.gate(run, "production", "pending")
	s.says(run, "production", "Waiting: The newest of what goes out has to be 2h old")
	s.pass(119 * time.Minute)
	s.gate(run, "production", "pending")
	s.pass(2 * time.Minute)
	s.gate(run, "production", "approved")
	s.merge(s.ana, false)
	s.pass(time.Hour)
	run = s.deploy(s.ana, "production") // people's wait too
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
	run := s.deploy(s.ana, "production")
	s.press(run, "production", "Approve", s.bo)
	s.gate(run, "production", "approved") // before it
	s.merge(s.agent, true, s.bo)
	late := s.deploy(s.ana, "production") // judged before it, approved within it
	s.pass(4 * time.Hour)
	s.press(late, "production", "Approve", s.bo)
	s.gate(late, "production", "pending")
	s.says(late, "production", "Waiting: Frozen from Monday 3 March 2031 12:00 UTC until Monday 3 March 2031 18:00 UTC: Stocktaking")
	s.press(late, "production", "Approve", s.di)
	s.gate(late, "production", "pending")
	s.pass(4*time.Hour + 59*time.Minute)
	s.gate(late, "production", "pending")
	s.pass(2 * time.Minute)
	s.gate(late, "production", "approved")
	s.pass(7*day - 4*time.Hour) // a week later, at two in the afternoon
	s.merge(s.ana, false)
	people := s.deploy(s.ana, "production")
	s.gate(people, "production", "pending")
	s.pass(5 * time.Hour)
	s.gate(people, "production", "approved")
}

func TestAFreezeIsLiftedByWhoMayBreakIt(t *testing.T) {
	t.Parallel()
	s := begun(t,
		"environments: { production: { hold: agent_changes, freeze: ["+freeze+", except: [\"@acme/incident\"] }] } }\n", "production")
	s.pass(4 * time.Hour)
	s.merge(s.ana, false)
	run := s.deploy(s.ana, "production") // nothing but the freeze holds it
	s.gate(run, "production", "pending")
	s.says(run, "production", "Waiting: Frozen until")
	s.press(run, "production", "Approve", s.bo)
	s.gate(run, "production", "pending")
	s.press(run, "production", "Approve", s.di)
	s.gate(run, "production", "approved")
	s.merge(s.agent, true, s.bo)
	run = s.deploy(s.ana, "production") // and now an approval is needed as well
	s.press(run, "production", "Approve", s.di)
	s.gate(run, "production", "pending")
	s.press(run, "production", "Approve", s.bo)
	s.gate(run, "production", "approved")
}

func TestFromBranches(t *testing.T) {
	t.Parallel()
	s := tell(t, "environments: { production: { hold: never, from_branches: [main, \"release/**\"] } }\n")
	for branch, want := range map[string]string{"main": "approved", "release/1": "approved", "topic": "pending"} {
		if branch != "main" {
			s.must(s.shop.SetBranch(branch, s.shop.Tip("main"), s.ana))
		}
		run := s.run(actions.RunSpec{Branch: branch, Jobs: jobs("success", "production")})
		s.gate(run, "production", want)
		if branch == "topic" {
			s.says(run, "production", "", "It comes from the branch `topic`")
			if err := s.hub.Press(s.check(run.View().SHA, toProduction).ID, "Approve", s.bo); err == nil {
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
	run := s.long(s.ana, "production")
	s.press(run, "production", "Approve", s.bo)
	s.gate(run, "production", "pending")
	s.says(run, "production", "Waiting: ", "has to succeed in staging first")
	s.deploy(s.ana, "staging")
	s.says(run, "production", "has to be healthy in staging for 30m")
	s.pass(29 * time.Minute)
	s.gate(run, "production", "pending")
	failing := s.long(s.ana, "staging")
	s.must(s.hub.FinishJob(failing, "to staging 0", "failure"))
	s.settle()
	s.says(run, "production", "has failed in staging since it succeeded there")
	s.pass(3 * time.Hour)
	s.gate(run, "production", "pending")
	s.deploy(s.ana, "staging")
	s.pass(29 * time.Minute)
	s.gate(run, "production", "pending")
	s.pass(2 * time.Minute)
	s.gate(run, "production", "approved")
	s.must(s.hub.FinishJob(run, "to production 0", "success"))
	s.settle()
	// Another commit has to go its own way.
	s.merge(s.ana, false)
	other := s.deploy(s.ana, "production")
	s.pass(3 * time.Hour)
	s.gate(other, "production", "pending")
	s.deploy(s.ana, "staging")
	s.pass(31 * time.Minute)
	s.gate(other, "production", "approved")
}

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	s := tell(t, "environments: { production: { hold: agent_changes, need: high, concurrent: 1 } }\n")
	first := s.long(s.ana, "production")
	s.merge(s.agent, true, s.bo)
	second := s.long(s.ana, "production") // judged while nothing is under way
	s.gate(second, "production", "pending")
	s.press(first, "production", "Approve", s.bo)
	s.gate(first, "production", "approved")
	s.says(first, "production", "Released: approved by @bo")
	s.press(second, "production", "Approve", s.bo)
	s.gate(second, "production", "pending")
	s.says(second, "production", "under way, and the rules take 1 at once")
	s.pass(time.Hour)
	s.gate(second, "production", "pending")
	s.must(s.hub.FinishJob(first, "to production 0", "success"))
	s.settle()
	if s.gates(second, "production")[0].State == "pending" { // what runs there is another commit now: the range is another
		s.press(second, "production", "Approve", s.bo)
	}
	s.gate(second, "production", "approved")
	third := s.deploy(s.ana, "production")
	s.gate(third, "production", "pending")
	s.must(s.hub.FinishJob(second, "to production 0", "failure"))
	s.settle()
	s.pass(time.Hour)
	if s.gates(third, "production")[0].State == "pending" {
		s.press(third, "production", "Approve", s.bo)
	}
	s.gate(third, "production", "approved")
}

// TestTwoApprovedAtOnce are let go one after the other all the same.
func TestTwoApprovedAtOnce(t *testing.T) {
	t.Parallel()
	s := tell(t, "environments: { production: { hold: always, need: high, concurrent: 1 } }\n")
	var runs []*actions.WorkflowRun
	for range 4 {
		runs = append(runs, s.long(s.ana, "production"))
		s.commit(s.ana, fakehub.Files{"a.txt": fmt.Sprint(len(runs))})
	}
	for _, run := range runs {
		s.must(s.hub.Press(s.check(run.View().SHA, toProduction).ID, "Approve", s.bo))
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
	s.press(run, "staging", "Approve", s.bo)
	s.gate(run, "staging", "approved")
	s.gate(run, "production", "pending")
	if n := len(s.state(s.subject(run, "production")).Choices); n != 0 {
		t.Errorf("%d choices came over", n)
	}
}

func TestInherit(t *testing.T) {
	t.Parallel()
	s := begun(t, "environments: { production: { hold: agent_changes, need: high, inherit: approved } }\n", "production")
	s.merge(s.agent, true, s.bo)
	run := s.deploy(s.ana, "production")
	s.gate(run, "production", "approved")
	s.says(run, "production", "", "Every agent")
	// One that is not approved is enough.
	s.merge(s.agent, true, s.bo)
	s.merge(s.agent, true)
	run = s.deploy(s.ana, "production")
	s.gate(run, "production", "pending")
	s.press(run, "production", "Approve", s.cy)
	// An agent that starts the run inherits nothing.
	s.merge(s.agent, true, s.bo)
	run = s.deploy(s.agent, "production")
	s.gate(run, "production", "pending")
	s.press(run, "production", "Deny", s.cy)
	// Nothing is inherited from what was merged at another head.
	pull, err := s.shop.OpenPull(fakehub.NewPull{Author: s.agent, Title: "Late push",
		Files: fakehub.Files{"db/migrations/0099_late.sql": "DROP TABLE late;\n"}})
	s.must(err)
	s.settle()
	s.click(pull.HeadSHA(), gate.CheckName, "Approve", s.bo)
	_, err = pull.Push(fakehub.Files{"db/migrations/0100_later.sql": "DROP TABLE later;\n"})
	s.must(err)
	_, err = pull.Merge(s.ana)
	s.must(err)
	s.settle()
	run = s.deploy(s.ana, "production")
	s.gate(run, "production", "pending")
	s.says(run, "production", "Held", "not approved")
}

func TestGoingBack(t *testing.T) {
	t.Parallel()
	for _, lane := range []string{"never", "allow", "always"} {
		t.Run(lane, func(t *testing.T) {
			s := begun(t, "environments: { production: { hold: agent_changes, need: high, rollback: "+lane+" } }\n", "production")
			good := s.shop.Tip("main")
			back := func(by *fakehub.Account) *actions.WorkflowRun {
				return s.run(actions.RunSpec{Actor: by, SHA: good, Jobs: jobs("success", "production")})
			}
			forward := func(drops bool) {
				t.Helper()
				if drops {
					s.merge(s.agent, true, s.bo)
				} else {
					s.merge(s.agent, false)
				}
				run := s.deploy(s.ana, "production")
				s.gate(run, "production", "pending")
				s.press(run, "production", "Approve", s.cy)
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
			run := back(s.agent)
			want(run, lane == "always")
			if lane == "always" {
				forward(false)
			}
			run = back(s.ana)
			want(run, lane != "never")
			forward(true) // a table is dropped
			run = back(s.ana)
			s.says(run, "production", "", map[bool]string{true: "undo this", false: "drops a table"}[lane != "never"])
			want(run, lane == "always")
		})
	}
}

// TestForwardAgainIsNoGoingBack: what was taken back was so for a reason.
func TestForwardAgainIsNoGoingBack(t *testing.T) {
	t.Parallel()
	s := begun(t, "environments: { production: { hold: agent_changes, need: high, rollback: always } }\n", "production")
	good := s.shop.Tip("main")
	s.merge(s.agent, true, s.bo)
	bad := s.deploy(s.ana, "production")
	s.press(bad, "production", "Approve", s.cy)
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
	run := s.deploy(s.ana, "production")
	s.press(run, "production", "Approve", s.bo)
	s.gate(run, "production", "pending")
	s.press(run, "production", "Break glass", s.di)
	s.gate(run, "production", "approved")
	s.ended(run, "success")
	s.says(run, "production", "", "@di")
}
