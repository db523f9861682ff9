//go:build services

package stories

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/testworld"
)

// dropped opens an agent's pull request that drops a table, and has it judged.
func (s *story) dropped(n int, body string) *fakehub.Pull {
	s.Helper()
	p, err := s.Open(fakehub.NewPull{Body: body, Files: testworld.Drops(n)})
	s.must(err)
	s.settle()
	return p
}

// wants has the rules want so many approvals of these for all that is held.
func (s *story) wants(approvals int, from ...string) {
	s.Helper()
	need := fmt.Sprintf("{ approvals: %d, from: [\"%s\"] }", approvals, strings.Join(from, "\", \""))
	s.commit(s.Ana, fakehub.Files{".github/gatehold.yml": "version: 1\nextends: [default]\nmode: enforce\n" +
		"needs:\n  high: " + need + "\n  critical: " + need + "\n"})
}

func (s *story) open(p *fakehub.Pull) bool { return p.RequiredCheck(gate.CheckName, s.app.ID).Passes }

// later lets answers about people go stale.
func (s *story) later() { s.clock.set(s.clock.now().Add(time.Minute)) }

// mustHold fails where a pull request passes, and says what its check shows.
func (s *story) mustHold(p *fakehub.Pull, what string, words ...string) {
	s.Helper()
	r := s.Check(p.HeadSHA(), gate.CheckName)
	if s.open(p) {
		s.Errorf("%s: it passes: %s", what, r.Title)
	}
	for _, w := range words {
		if !strings.Contains(strings.ReplaceAll(r.Summary+r.Text, "`", ""), w) {
			s.Errorf("%s: the check does not say %q:\n%s", what, w, r.Summary)
		}
	}
}

// TestARequesterIsKnownUnderAnotherName: whom a text names as having asked for
// the work has a part in it, whatever the account is called later.
func TestARequesterIsKnownUnderAnotherName(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	p := s.dropped(1, "Link to Devin run: https://app.devin.ai/sessions/abc\n\nRequested by: @cy\n")
	s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Cy)
	s.mustHold(p, "the requester approves")
	s.must(s.Cy.Rename("cyrus"))
	s.later()
	s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Cy)
	s.mustHold(p, "the requester approves under another name", "@cyrus had an agent make it")
	s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Bo)
	if !s.open(p) {
		t.Error("somebody else cannot approve it")
	}
}

// TestALoginThatChangedHandsIsNobody: rules name @bo; whoever takes that login
// later is nobody, in what is judged already and in what comes.
func TestALoginThatChangedHandsIsNobody(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	s.Shop.Collaborate(s.Bo, "write")
	s.wants(1, "@bo")
	p := s.dropped(1, "")
	s.must(s.Bo.Rename("bob"))
	mallory := s.hub.CreateUser("bo")
	s.later()
	s.click(p.HeadSHA(), gate.CheckName, "Approve", mallory)
	s.mustHold(p, "a stranger has the login that bo had", "that login was another account's")
	next := s.dropped(2, "")
	s.click(next.HeadSHA(), gate.CheckName, "Approve", mallory)
	s.mustHold(next, "the same in a pull request that came later", "that login was another account's")
	s.restart()
	s.click(next.HeadSHA(), gate.CheckName, "Approve", mallory)
	s.mustHold(next, "the same after a restart: it is on record")
}

// TestATeamsNameThatChangedHandsIsNobody: rules name @acme/sre; whoever makes a team
// of that name once the first has another is nobody, in what is judged already, for
// what was said before, and in what comes.
func TestATeamsNameThatChangedHandsIsNobody(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	s.wants(2, "@acme/sre")
	p := s.dropped(1, "")
	s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Bo)
	s.mustHold(p, "one of two")
	s.SRE.Rename("reliability")
	mallory := s.hub.CreateUser("mallory")
	s.Acme.AddMember(mallory, "member")
	s.Acme.CreateTeam("sre", nil).Add(mallory, "member")
	s.later()
	s.click(p.HeadSHA(), gate.CheckName, "Approve", mallory)
	s.mustHold(p, "another team has the name", "another team had that name when it was first named here")
	next := s.dropped(2, "")
	s.click(next.HeadSHA(), gate.CheckName, "Approve", mallory)
	s.mustHold(next, "the same in a pull request that came later", "another team had that name")
	s.restart()
	s.click(next.HeadSHA(), gate.CheckName, "Approve", mallory)
	s.mustHold(next, "the same after a restart: it is on record")
	s.wants(1, "@acme/reliability")
	s.click(next.HeadSHA(), gate.CheckName, "Approve", s.Bo)
	if !s.open(next) {
		t.Error("the rules name the team by the name that it has now, and who is of it cannot approve")
	}
}

// TestALoginThatARuleLetsPassChangedHands: a rule that is not for @ana's changes is
// for those of whoever takes that login.
func TestALoginThatARuleLetsPassChangedHands(t *testing.T) {
	t.Parallel()
	s := tell(t, "rules:\n  - { id: pages, title: Pages, for: everyone, actors: [\"*\", \"!ana\"], paths: [\"pages/**\"], risk: 70 }\n")
	page := func(n int, by *fakehub.Account) *fakehub.Pull {
		s.Helper()
		p, err := s.Shop.OpenPull(fakehub.NewPull{Author: by, Title: "Page", Head: fmt.Sprintf("page-%d", n),
			Files: fakehub.Files{fmt.Sprintf("pages/%d.md", n): "# Page\n"}})
		s.must(err)
		s.settle()
		return p
	}
	if p := page(1, s.Ana); !s.open(p) {
		s.Errorf("ana's own is held: %s", s.Check(p.HeadSHA(), gate.CheckName).Title)
	}
	s.must(s.Ana.Rename("anna"))
	mallory := s.hub.CreateUser("ana")
	s.Shop.Collaborate(mallory, "write")
	s.later()
	s.mustHold(page(2, mallory), "somebody else's, who has the login that ana had")
}

// TestATeamThatIsMadeAfterTheRules: rules may name a team before it is there.
func TestATeamThatIsMadeAfterTheRules(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	s.wants(1, "@acme/new")
	p := s.dropped(1, "")
	s.Acme.CreateTeam("new", nil).Add(s.Bo, "member")
	s.later()
	s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Bo)
	if !s.open(p) {
		t.Error("who is of it cannot approve")
	}
}

// TestANameIsLookedUpOnce: a login costs one request, however often it is named.
func TestANameIsLookedUpOnce(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	s.wants(1, "@bo", "@nobody-has-this")
	s.hub.ResetCounts()
	p := s.dropped(1, "")
	s.dropped(2, "")
	p.Label("x", s.Ana)
	s.settle()
	asked := 0
	for route, n := range s.hub.Counts() {
		if strings.Contains(route.Route, "/users/{username}") {
			asked += n
		}
	}
	if asked != 2 {
		t.Errorf("%d requests for two logins", asked)
	}
	s.hub.CreateUser("nobody-has-this")
}

// TestAnApproverWhoLeft: an approval counts as long as its maker is who may give
// it, and no longer than until the gate is judged again.
func TestAnApproverWhoLeft(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	p := s.dropped(1, "")
	s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Bo)
	if !s.open(p) {
		t.Fatal("bo may approve")
	}
	s.SRE.Remove(s.Bo)
	s.Acme.RemoveMember(s.Bo)
	s.later()
	p.Label("x", s.Ana)
	s.settle()
	s.mustHold(p, "the approver left, and it was judged again", "is not of", "any more")
	s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Cy)
	if !s.open(p) {
		t.Error("another cannot approve it")
	}
}

// TestTheOtherApproverLeft: of two who are needed, the first has left when the
// second says yes.
func TestTheOtherApproverLeft(t *testing.T) {
	t.Parallel()
	s := tell(t, "")
	s.wants(2, "@acme/sre")
	p := s.dropped(1, "")
	s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Bo)
	s.mustHold(p, "one of two")
	s.SRE.Remove(s.Bo)
	s.later()
	s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Cy)
	s.mustHold(p, "the first of two has left", "is not of @acme/sre any more")
	s.SRE.Add(s.Di, "member")
	s.later()
	s.click(p.HeadSHA(), gate.CheckName, "Approve", s.Di)
	if !s.open(p) {
		t.Error("two who are of the team do not suffice")
	}
}
