//go:build services

package stories

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/testworld"
)

// newGlass has rules under which the incident team may release at once.
func newGlass(t *testing.T) (c *clicks, incident *fakehub.Team) { return glassSeen(t, false) }

// glassSeen is newGlass, with pages on which it can be seen.
func glassSeen(t *testing.T, pages bool) (c *clicks, incident *fakehub.Team) {
	w := newWorld(t, testworld.Options{People: testworld.People{"ana": "sre", "bo": ""},
		Rules: needs + "break_glass: { from: [\"@acme/incident\"], via: [button] }\n"})
	w.doors = pages
	c = w.held(t, testworld.Dropped, "Held: needs 1 approval")
	incident = c.Acme.CreateTeam("incident", nil)
	incident.Add(c.Bo, "member")
	incident.Add(c.Ana, "member")
	return c, incident
}

func TestAttackReviewOfOnesOwnOverride(t *testing.T) {
	t.Parallel()
	c, incident := glassSeen(t, true)
	c.press("Break glass", c.Bo)
	c.says("Released at once by @bo - not reviewed yet", "Not reviewed yet")
	if !c.passes() {
		t.Fatal("the release at once does not release")
	}
	c.press("Reviewed", c.Bo)
	c.says("not reviewed yet", "cannot review their own override")
	c.pull.Close(c.Bo)
	cy := c.hub.CreateUser("cy")
	incident.Add(cy, "member")
	c.settle()
	c.says("Released at once by @bo - not reviewed yet", "It is closed")
	gate := fmt.Sprintf("/gates/pr/%d/%d", c.Shop.ID, c.pull.Number)
	c.serves("/gates", "1 released at once and not reviewed yet", "Released at once by <span class=\"outside\">@bo</span>")
	c.serves(gate, "<strong>Not reviewed yet.</strong>")
	c.serves("/metrics", "gatehold_overrides_unreviewed 1")
	c.press("Reviewed", cy)
	c.says("reviewed by @cy", "Reviewed by `@cy`")
	c.serves("/metrics", "gatehold_overrides_unreviewed 0")
	c.serves(gate, "Reviewed by <strong class=\"outside\">@cy</strong>")
}

// underRules is held under other rules, by which bo, who is of no team, may nothing.
func underRules(t *testing.T, text string) *clicks {
	t.Helper()
	return held(t, testworld.Options{People: testworld.People{"ana": "sre", "bo": ""}, Rules: text}, testworld.Dropped,
		"Held: needs 1 approval")
}

func TestAttackOverrideByWhoAskedForTheWork(t *testing.T) {
	t.Parallel()
	c, _ := newGlass(t)
	c.press("Break glass", c.Ana)
	c.says("Held", "Somebody who had no part in it has to decide")
	if c.passes() {
		t.Error("whoever asked for the work released it at once")
	}
}

func TestAttackOverrideBySomebodyWhoLeftTheTeamASecondBefore(t *testing.T) {
	t.Parallel()
	c, incident := newGlass(t)
	incident.Remove(c.Bo)
	c.press("Break glass", c.Bo)
	c.says("Held", "is not of `@acme/incident`, who may release at once")
	if c.passes() {
		t.Error("somebody who is not of the team any more released it at once")
	}
}

func TestAttackOverrideWithoutAReason(t *testing.T) {
	t.Parallel()
	c := underRules(t, needs+"break_glass: { from: [\"@acme/incident\"], via: [button, cli], reason: required }\n")
	c.Acme.CreateTeam("incident", nil).Add(c.Bo, "member")
	if err := c.hub.Press(c.run().ID, "Break glass", c.Bo); err == nil {
		t.Error("a button is offered that can never be what the rules ask for")
	}
}

func TestAttackOverrideOutlivesAPush(t *testing.T) {
	t.Parallel()
	c, _ := newGlass(t)
	c.press("Break glass", c.Bo)
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
	return held(t, testworld.Options{People: testworld.People{"ana": "sre", "bo": ""}, Rules: ownedRules,
		Files: fakehub.Files{".github/CODEOWNERS": codeowners, "docs/CODEOWNERS": "* @mallory\n"}}, head, title)
}

func TestCodeOwnersRelease(t *testing.T) {
	t.Parallel()
	c := newOwned(t, "* @acme/sre\n/db/ @bo\n", testworld.Dropped, "needs 1 approval from @bo")
	cy := c.hub.CreateUser("cy")
	c.SRE.Add(cy, "member")
	c.refused(cy, "is not of `@bo`")
	c.press("Approve", c.Bo)
	c.says("Released: approved by @bo", "")
	if !c.passes() {
		t.Error("the code owner's approval does not release")
	}
}

func TestAttackApproverRemovedFromTheOwningTeamASecondBefore(t *testing.T) {
	t.Parallel()
	c := newOwned(t, "* @acme/sre\n", testworld.Dropped, "needs 1 approval from @acme/sre")
	c.SRE.Add(c.Bo, "member")
	c.SRE.Remove(c.Bo)
	c.refused(c.Bo, "is not of `@acme/sre`")
}

func TestAttackCodeOwnersChangedInTheHead(t *testing.T) {
	t.Parallel()
	head := fakehub.Files{".github/CODEOWNERS": "* @mallory\n", "db/migrations/0001_drop.sql": "DROP TABLE orders;\n"}
	c := newOwned(t, "* @acme/sre\n", head, "needs 1 approval from @acme/sre")
	c.refused(c.hub.CreateUser("mallory"), "is not of `@acme/sre`")
}

func TestAttackCodeOwnersAsASymlink(t *testing.T) {
	t.Parallel()
	c := newOwned(t, fakehub.Symlink("../docs/CODEOWNERS"), testworld.Dropped, "CODEOWNERS is there and may not be used")
	mallory := c.hub.CreateUser("mallory")
	c.Shop.Collaborate(mallory, "write")
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
	c.press("Approve", c.Bo)
	c.says("1 of 2: approved by @bo; still needs 1 approval from role:admin", "Administrators stand in")
	if c.passes() {
		t.Error("whoever owns a word beside it released what nobody owns")
	}
}

func TestAttackApprovalByTheOwnerOfTheAgent(t *testing.T) {
	t.Parallel()
	text := strings.Replace(needs, "needs:",
		"agents:\n  owners: excluded\n  known: [{ name: devin, login: \"devin-ai-integration[bot]\", owner: "+
			"\"@acme/platform\" }]\nneeds:", 1)
	c := underRules(t, text)
	c.SRE.Add(c.Bo, "member")
	platform := c.Acme.CreateTeam("platform", nil)
	platform.Add(c.Bo, "member")
	c.refused(c.Bo, "owns the agent devin")
	cy := c.hub.CreateUser("cy")
	c.SRE.Add(cy, "member")
	c.press("Approve", cy)
	c.says("Released: approved by @cy", "")
}
