//go:build services

package stories

import (
	"fmt"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/testworld"
)

// again puts another pull request in the place of the first.
func (c *clicks) again(n fakehub.NewPull, title string) {
	c.t.Helper()
	if n.Files == nil {
		n.Files = testworld.Dropped
	}
	n.Title = "Another"
	c.open(n, title)
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
	c.again(fakehub.NewPull{Author: c.Bo, Message: "Drop it\n\nCo-Authored-By: Claude <noreply@anthropic.com>"}, "Held: needs 1 approval")
	c.refused(c.Bo, "Somebody who had no part in it has to decide")
	c.released(c.Ana)
}

func TestAttackCoAuthorApprovesAnAgentsChange(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.again(fakehub.NewPull{Author: c.Agent, Message: "Drop it" + by(c.Bo)}, "Held: needs 1 approval")
	c.refused(c.Bo, "Somebody who had no part in it has to decide")
	c.released(c.Ana)
}

// The trailer names an account by an address of its old name; GitHub knows whose
// it is.
func TestAttackRenamedCoAuthorApproves(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	trailer := by(c.Bo)
	if err := c.Bo.Rename("robert"); err != nil {
		t.Fatal(err)
	}
	c.again(fakehub.NewPull{Author: c.Agent, Message: "Drop it" + trailer}, "Held: needs 1 approval")
	c.refused(c.Bo, "Somebody who had no part in it has to decide")
}

func TestAttackCoAuthorApprovesAPersonsChange(t *testing.T) {
	t.Parallel()
	c := underRules(t, everyonesRules)
	hal := c.hub.CreateUser("hal")
	c.SRE.Add(c.Bo, "member")
	c.again(fakehub.NewPull{Author: hal, Message: "Drop it" + by(c.Bo)}, "Held: needs 1 approval")
	c.refused(c.Bo, "Somebody who had no part in it has to decide")
	c.released(c.Ana)
}

// Whoever asked for the work takes another name once it was judged.
func TestAttackInstigatorRenamedAfterTheVerdict(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	if err := c.Ana.Rename("anastasia"); err != nil {
		t.Fatal(err)
	}
	c.refused(c.Ana, "Somebody who had no part in it has to decide")
	c.released(c.Bo)
}
