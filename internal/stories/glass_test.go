//go:build services

package stories

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// newClicksUnder is newClicks with rules, and other files, that lie on the base
// before the pull request is opened.
func newClicksUnder(t *testing.T, rules string, base, head fakehub.Files, title string) *clicks {
	t.Helper()
	w := newWorld(t, fakehub.Options{})
	c := &clicks{world: w, t: t, bo: w.hub.CreateUser("bo")}
	w.acme.AddMember(c.bo, "member")
	files := fakehub.Files{".github/gatehold.yml": rules}
	for path, text := range base {
		files[path] = text
	}
	if _, err := w.shop.Commit("main", fakehub.NewCommit{Files: files}); err != nil {
		t.Fatal(err)
	}
	c.begin()
	pull, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "Tidy up", Head: "devin/1-tidy",
		Assignees: []*fakehub.Account{w.ana}, Files: head})
	if err != nil {
		t.Fatal(err)
	}
	c.pull = pull
	c.says(title, "")
	return c
}

var dropped = fakehub.Files{"db/migrations/0001_drop.sql": "DROP TABLE orders;\n"}

// glass is the world's rules, under which the incident team may release at once.
func newGlass(t *testing.T) (c *clicks, incident *fakehub.Team) {
	c = newClicksUnder(t, rules+"break_glass: { from: [\"@acme/incident\"], via: [button] }\n", nil, dropped, "Held: needs 1 approval")
	incident = c.acme.CreateTeam("incident", nil)
	incident.Add(c.bo, "member")
	incident.Add(c.ana, "member")
	return c, incident
}

func TestAttackOverrideByWhoAskedForTheWork(t *testing.T) {
	t.Parallel()
	c, _ := newGlass(t)
	c.press("Break glass", c.ana)
	c.says("Held", "Somebody who had no part in it has to decide")
	if c.passes() {
		t.Error("whoever asked for the work released it at once")
	}
}

func TestAttackOverrideBySomebodyWhoLeftTheTeamASecondBefore(t *testing.T) {
	t.Parallel()
	c, incident := newGlass(t)
	incident.Remove(c.bo)
	c.press("Break glass", c.bo)
	c.says("Held", "is not of `@acme/incident`, who may release at once")
	if c.passes() {
		t.Error("somebody who is not of the team any more released it at once")
	}
}

func TestAttackOverrideWithoutAReason(t *testing.T) {
	t.Parallel()
	c := newClicksUnder(t, rules+"break_glass: { from: [\"@acme/incident\"], via: [button, cli], reason: required }\n", nil,
		dropped, "Held: needs 1 approval")
	c.acme.CreateTeam("incident", nil).Add(c.bo, "member")
	if err := c.hub.Press(c.run().ID, "Break glass", c.bo); err == nil {
		t.Error("a button is offered that can never be what the rules ask for")
	}
}

func TestAttackOverrideOutlivesAPush(t *testing.T) {
	t.Parallel()
	c, _ := newGlass(t)
	c.press("Break glass", c.bo)
	c.says("Released at once by @bo", "")
	if _, err := c.pull.Push(fakehub.Files{"db/migrations/0002_more.sql": "DROP TABLE customers;\n"}); err != nil {
		t.Fatal(err)
	}
	c.says("released at once by @bo before, not reviewed yet", "voided by push of")
	if c.passes() {
		t.Error("the new head passes by the old override")
	}
}

const ownedRules = `version: 1
extends: [default]
needs:
  high:     { approvals: 1, from: [codeowners] }
  critical: { approvals: 1, from: [codeowners] }
`

func newOwned(t *testing.T, codeowners string, head fakehub.Files, title string) *clicks {
	c := newClicksUnder(t, ownedRules, fakehub.Files{".github/CODEOWNERS": codeowners, "docs/CODEOWNERS": "* @mallory\n"}, head, title)
	return c
}

func TestCodeOwnersRelease(t *testing.T) {
	t.Parallel()
	c := newOwned(t, "* @acme/sre\n/db/ @bo\n", dropped, "needs 1 approval from @bo")
	cy := c.hub.CreateUser("cy")
	c.sre.Add(cy, "member")
	c.refused(cy, "is not of `@bo`")
	c.press("Approve", c.bo)
	c.says("Released: approved by @bo", "")
	if !c.passes() {
		t.Error("the code owner's approval does not release")
	}
}

func TestAttackApproverRemovedFromTheOwningTeamASecondBefore(t *testing.T) {
	t.Parallel()
	c := newOwned(t, "* @acme/sre\n", dropped, "needs 1 approval from @acme/sre")
	c.sre.Add(c.bo, "member")
	c.sre.Remove(c.bo)
	c.refused(c.bo, "is not of `@acme/sre`")
}

func TestAttackCodeOwnersChangedInTheHead(t *testing.T) {
	t.Parallel()
	head := fakehub.Files{".github/CODEOWNERS": "* @mallory\n", "db/migrations/0001_drop.sql": "DROP TABLE orders;\n"}
	c := newOwned(t, "* @acme/sre\n", head, "needs 1 approval from @acme/sre")
	c.refused(c.hub.CreateUser("mallory"), "is not of `@acme/sre`")
}

func TestAttackCodeOwnersAsASymlink(t *testing.T) {
	t.Parallel()
	c := newOwned(t, fakehub.Symlink("../docs/CODEOWNERS"), dropped, "CODEOWNERS is there and may not be used")
	mallory := c.hub.CreateUser("mallory")
	c.shop.Collaborate(mallory, "write")
	c.press("Approve", mallory)
	c.says("Held", "Did not count")
	if c.passes() {
		t.Error("the file that a link points to named the approver")
	}
}

func TestAttackAnOwnedFileBesideOneThatNobodyOwns(t *testing.T) {
	t.Parallel()
	head := fakehub.Files{"web/words.md": "Hello.\n", "db/migrations/0001_drop.sql": "DROP TABLE orders;\n"}
	c := newOwned(t, "/web/ @bo\n", head, "role:admin")
	c.press("Approve", c.bo)
	c.says("1 of 2: approved by @bo; still needs 1 approval from role:admin", "Administrators stand in")
	if c.passes() {
		t.Error("whoever owns a word beside it released what nobody owns")
	}
}

func TestAttackApprovalByTheOwnerOfTheAgent(t *testing.T) {
	t.Parallel()
	text := strings.Replace(rules, "needs:",
		"agents:\n  owners: excluded\n  known: [{ name: devin, login: \"devin-ai-integration[bot]\", owner: "+
			"\"@acme/platform\" }]\nneeds:", 1)
	c := newClicksUnder(t, text, nil, dropped, "Held: needs 1 approval")
	c.sre.Add(c.bo, "member")
	platform := c.acme.CreateTeam("platform", nil)
	platform.Add(c.bo, "member")
	c.refused(c.bo, "owns the agent devin")
	cy := c.hub.CreateUser("cy")
	c.sre.Add(cy, "member")
	c.press("Approve", cy)
	c.says("Released: approved by @cy", "")
}
