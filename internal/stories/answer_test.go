//go:build services

package stories

import (
	"testing"
)

const standard = `environments:
  production: { hold: agent_changes, need: high, rollback: allow }
  staging:    { hold: never }
`

func TestADeploymentIsHeldApprovedAndLetGo(t *testing.T) {
	s := begun(t, standard, "production")
	s.merge(s.agent, true, s.bo)
	run := s.deploy(s.ana, "staging", "production")
	s.gate(run, "staging", "approved")
	s.gate(run, "production", "pending")
	s.says(run, "production", "Held: needs 1 approval from @acme/sre", "#1", "approved by")
	s.press(run, "production", "approve", s.bo)
	s.gate(run, "production", "approved")
	s.ended(run, "success")
}
