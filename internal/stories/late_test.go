//go:build services

package stories

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/lag"
	"github.com/gatehold/gatehold/internal/gate"
)

// TestDeployedBeforeTheMergeIsShown: which pull request brought a commit may be
// shown later than the commit. Until then nothing says whose the commit is.
func TestDeployedBeforeTheMergeIsShown(t *testing.T) {
	t.Parallel()
	s := begun(t, "environments: { production: { hold: agent_changes, need: high } }\n", "production")
	p, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Ana, Title: "Tidy up", Files: drops(1),
		Body: "Tidies up.\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)\n"})
	s.must(err)
	s.settle()
	s.shows(p.HeadSHA(), gate.CheckName, "Held")
	s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Bo)
	s.pass(time.Minute)
	late := s.hub.Lag(lag.Lag{Of: lag.Pulls, Via: lag.GraphQL, For: 10 * time.Minute})
	_, err = p.Squash(s.Ana)
	s.must(err)
	run := s.deploy(s.Ana, "production")
	for range 11 {
		s.gate(run, "production", "pending")
		s.pass(time.Minute)
	}
	if late.Hits() == 0 {
		t.Error("no answer was behind")
	}
	s.pass(10 * time.Minute)
	s.says(run, "production", "Held")
	s.press(run, "production", "Approve", s.Cy)
	s.ended(run, "success")
}

// TestOwnersOfCodeThatChangedAndNobodyTold: a push of other owners of which no
// event came is found by the comparison.
func TestOwnersOfCodeThatChangedAndNobodyTold(t *testing.T) {
	t.Parallel()
	rules := "version: 1\nextends: [default]\nneeds:\n  high: { approvals: 1, from: [codeowners] }\n  critical: { " +
		"approvals: 1, from: [codeowners] }\n"
	s := tell(t, "", fakehub.Files{".github/gatehold.yml": rules, ".github/CODEOWNERS": "* @bo\n"})
	p := s.opened(s.Agent, "main", drops(1))
	s.shows(p.HeadSHA(), gate.CheckName, "Held", "@bo")
	s.pass(time.Minute)
	s.hub.InjectHook(faults.HookFault{Event: "push", Kind: faults.Drop})
	s.commit(s.Ana, fakehub.Files{".github/CODEOWNERS": "* @cy\n"})
	s.restart()
	s.compared()
	s.pass(time.Minute)
	s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Bo)
	if s.green(p) {
		t.Errorf("who owned it before released it:\n%s", s.text(p.HeadSHA(), gate.CheckName))
	}
	s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Cy)
	if !s.green(p) {
		t.Errorf("who owns it could not release it:\n%s", s.text(p.HeadSHA(), gate.CheckName))
	}
}

// TestStricterRulesForWhatWaitsAndNobodyTold: a deployment that waits is released
// by the rules that are in force, though no event told that they are others.
func TestStricterRulesForWhatWaitsAndNobodyTold(t *testing.T) {
	t.Parallel()
	const rule = "environments: { production: { hold: always, need: { approvals: %, from: [\"@acme/sre\"] } } }\n"
	s := tell(t, strings.Replace(rule, "%", "1", 1))
	run := s.long(s.Ana, "production")
	s.gate(run, "production", "pending")
	s.pass(time.Minute)
	s.hub.InjectHook(faults.HookFault{Event: "push", Kind: faults.Drop})
	s.rules(strings.Replace(rule, "%", "2", 1))
	s.restart()
	s.compared()
	s.pass(time.Minute)
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "pending")
	s.press(run, "production", "Approve", s.Cy)
	s.gate(run, "production", "approved")
}
