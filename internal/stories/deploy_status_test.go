//go:build services

package stories

import (
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/faults"
)

// Attack: a deployment that is under way is said to have ended, so that another
// may go there at the same time.
func TestAttackADeploymentUnderWayIsSaidToHaveEnded(t *testing.T) {
	t.Parallel()
	for _, said := range []string{"success", "failure", "error"} {
		t.Run(said, func(t *testing.T) {
			t.Parallel()
			s := tell(t, oneAtATime)
			first := s.long(s.Ana, "production")
			s.press(first, "production", "Approve", s.Bo)
			s.gate(first, "production", "approved")
			s.merge(s.Agent, true, s.Bo)
			second := s.long(s.Ana, "production")
			s.press(second, "production", "Approve", s.Bo)
			s.gate(second, "production", "pending")

			s.forge(s.deployed(first, "production"), said)
			s.pass(time.Hour)
			s.gate(second, "production", "pending")
			s.says(second, "production", "under way, and the rules take 1 at once")
			if env := s.record("production"); len(env.Arrivals) != 0 || len(env.Departures) != 1 || len(env.Waiting) != 0 {
				t.Errorf("it is taken for ended: %+v", env)
			}

			s.must(s.hub.FinishJob(first, "to production 0", "success"))
			s.pass(time.Hour)
			if s.gates(second, "production")[0].State == "pending" { // what runs there is another commit now
				s.press(second, "production", "Approve", s.Bo)
			}
			s.gate(second, "production", "approved")
		})
	}
}

const afterStaging = "environments:\n  staging: { hold: never }\n" +
	"  production: { hold: agent_changes, after: staging, healthy: 30m }\n"

// Attack: a deployment to staging that failed, or that has not ended, is said to
// have succeeded, so that production need not wait for it.
func TestAttackAFailedDeploymentIsSaidToSucceed(t *testing.T) {
	t.Parallel()
	for name, conclusion := range map[string]string{"failed": "failure", "cancelled": "cancelled", "goes on": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, afterStaging)
			tried := s.long(s.Ana, "staging")
			run := s.long(s.Ana, "production")
			s.press(run, "production", "Approve", s.Bo)
			if conclusion != "" {
				s.must(s.hub.FinishJob(tried, "to staging 0", conclusion))
				s.settle()
			}
			s.forge(s.deployed(tried, "staging"), "success")
			s.pass(3 * time.Hour)
			s.gate(run, "production", "pending")
		})
	}
}

// Attack: what has succeeded in staging is said to have failed there.
func TestAttackWhatSucceededIsSaidToFail(t *testing.T) {
	t.Parallel()
	s := tell(t, afterStaging)
	tried := s.deploy(s.Ana, "staging")
	s.forge(s.deployed(tried, "staging"), "failure")
	run := s.long(s.Ana, "production")
	s.press(run, "production", "Approve", s.Bo)
	s.pass(time.Hour)
	s.gate(run, "production", "approved")
}

// Attack: a deployment to an environment that nothing holds is said to have gone
// to staging.
func TestAttackADeploymentIsSaidToBeElsewhere(t *testing.T) {
	t.Parallel()
	s := tell(t, "environments: { production: { hold: agent_changes, after: qa } }\n")
	elsewhere := s.deploy(s.Agent, "sandbox")
	run := s.long(s.Ana, "production")
	s.press(run, "production", "Approve", s.Bo)
	s.must(s.hub.MoveDeployment(s.Shop, s.deployed(elsewhere, "sandbox"), "success", "qa", s.Agent))
	s.pass(time.Hour)
	s.gate(run, "production", "pending")
	s.deploy(s.Ana, "qa")
	s.pass(time.Hour)
	s.gate(run, "production", "approved")
}

// A status that GitHub tells before it tells the same of the job is looked at
// again, and nothing else has to happen.
func TestAStatusIsToldBeforeTheJobHasEnded(t *testing.T) {
	t.Parallel()
	s := tell(t, afterStaging)
	tried := s.long(s.Ana, "staging")
	s.forge(s.deployed(tried, "staging"), "success")
	s.hub.InjectHook(faults.HookFault{Event: "deployment_status", Kind: faults.Drop}) // of the end nothing more is told
	s.must(s.hub.FinishJob(tried, "to staging 0", "success"))
	s.pass(time.Minute)
	if env := s.record("staging"); len(env.Arrivals) != 1 || env.Arrivals[0].Failed || len(env.Waiting) != 0 {
		t.Errorf("%+v", env)
	}
}
