//go:build services

package stories

import (
	"fmt"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// again puts another pull request in the place of the first.
func (c *clicks) again(n fakehub.NewPull, title string) {
	c.t.Helper()
	if n.Files == nil {
		n.Files = dropped
	}
	n.Title = "Another"
	pull, err := c.shop.OpenPull(n)
	if err != nil {
		c.t.Fatal(err)
	}
	c.pull = pull
	c.says(title, "")
}

// everyonesRules hold people's changes too.
const everyonesRules = `version: 1
rules:
  - { id: schema, title: The schema, why: It cannot be taken back., paths: ["db/**"], for: everyone, risk: 60, level: high }
needs:
  high:     { approvals: 1, from: ["@acme/sre"] }
  critical: { approvals: 1, from: ["@acme/sre"] }
`

func (c *clicks) released(by *fakehub.Account) {
	c.t.Helper()
	c.press("Approve", by)
	c.says("Released: approved by @"+by.Login, "")
	if !c.passes() {
		c.t.Errorf("the approval of @%s does not release", by.Login)
	}
}

func by(who *fakehub.Account) string {
	return fmt.Sprintf("\n\nCo-authored-by: %s <%s>", who.Name, who.Email)
}

func TestAttackAgentAsCoAuthorOfAPersonsPullRequest(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.again(fakehub.NewPull{Author: c.bo, Message: "Drop it\n\nCo-Authored-By: Claude <noreply@anthropic.com>"}, "Held: needs 1 approval")
	c.refused(c.bo, "Somebody who had no part in it has to decide")
	c.released(c.ana)
}

func TestAttackCoAuthorApprovesAnAgentsChange(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.again(fakehub.NewPull{Author: c.agent, Message: "Drop it" + by(c.bo)}, "Held: needs 1 approval")
	c.refused(c.bo, "Somebody who had no part in it has to decide")
	c.released(c.ana)
}

// The trailer names an account by an address of its old name; GitHub knows whose
// it is.
func TestAttackRenamedCoAuthorApproves(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	trailer := by(c.bo)
	if err := c.bo.Rename("robert"); err != nil {
		t.Fatal(err)
	}
	c.again(fakehub.NewPull{Author: c.agent, Message: "Drop it" + trailer}, "Held: needs 1 approval")
	c.refused(c.bo, "Somebody who had no part in it has to decide")
}

func TestAttackCoAuthorApprovesAPersonsChange(t *testing.T) {
	t.Parallel()
	c := newClicksUnder(t, everyonesRules, nil, dropped, "Held: needs 1 approval")
	hal := c.hub.CreateUser("hal")
	c.sre.Add(c.bo, "member")
	c.again(fakehub.NewPull{Author: hal, Message: "Drop it" + by(c.bo)}, "Held: needs 1 approval")
	c.refused(c.bo, "Somebody who had no part in it has to decide")
	c.released(c.ana)
}

// Whoever asked for the work takes another name once it was judged.
func TestAttackInstigatorRenamedAfterTheVerdict(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	if err := c.ana.Rename("anastasia"); err != nil {
		t.Fatal(err)
	}
	c.refused(c.ana, "Somebody who had no part in it has to decide")
	c.released(c.bo)
}
