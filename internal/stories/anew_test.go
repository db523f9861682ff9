//go:build services

package stories

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

const stricter = `version: 1
extends: [default]
mode: enforce
needs:
  high:     { approvals: 2, from: ["@acme/sre"] }
  critical: { approvals: 2, from: ["@acme/sre"] }
`

// TestAttackRulesChangedAfterTheApproval: whoever approved did so under the
// rules of then. Nobody touches the pull request, and all the same it is held
// again within seconds.
func TestAttackRulesChangedAfterTheApproval(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.press("Approve", c.Bo)
	c.says("Released: approved by @bo", "")
	began := c.clock.now()
	if _, err := c.Shop.Commit("main", fakehub.NewCommit{Message: "Two of them", Author: c.Ana,
		Files: fakehub.Files{".github/gatehold.yml": stricter}}); err != nil {
		t.Fatal(err)
	}
	c.says("Held: needs 2 approvals", "voided by changed rules")
	t.Logf("held again %s after the push", c.clock.now().Sub(began))
	if c.passes() {
		t.Error("it passes by an approval under other rules")
	}
}

// TestRulesOfTheOrganisationAreJudgedByAtOnce: they come into being while a pull
// request of another repository is open.
func TestRulesOfTheOrganisationAreJudgedByAtOnce(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	home := c.Acme.CreateRepo(".github", fakehub.Files{"README.md": "# Us\n"})
	if err := c.hub.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := home.Commit("main", fakehub.NewCommit{Message: "A floor", Author: c.Ana,
		Files: fakehub.Files{".github/gatehold.yml": stricter}}); err != nil {
		t.Fatal(err)
	}
	c.says("Held: needs 2 approvals", "acme/.github/.github/gatehold.yml")
}

// TestLostPushIsRepaired: the rules change while nobody listens.
func TestLostPushIsRepaired(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.halt()
	if _, err := c.Shop.Commit("main", fakehub.NewCommit{Message: "Two of them", Author: c.Ana,
		Files: fakehub.Files{".github/gatehold.yml": stricter}}); err != nil {
		t.Fatal(err)
	}
	if err := c.hub.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.start()
	c.says("Held: needs 2 approvals", "")
}

// TestInstallationJudgesWhatIsOpen: in an organisation that the App has just
// come to.
func TestInstallationJudgesWhatIsOpen(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	umbrella := c.hub.CreateOrg("umbrella")
	lab := umbrella.CreateRepo("lab", fakehub.Files{"README.md": "# Lab\n", ".github/gatehold.yml": needs})
	pull, err := lab.OpenPull(fakehub.NewPull{Author: c.Agent, Title: "Tidy", Head: "devin/1-tidy",
		Files: fakehub.Files{"db/migrations/0001_drop.sql": "DROP TABLE orders;\n"}})
	if err != nil {
		t.Fatal(err)
	}
	c.app.Install(umbrella)
	c.until(20*time.Second, "the open pull request is not judged", func() bool {
		runs := lab.CheckRuns(pull.HeadSHA())
		return len(runs) == 1 && strings.HasPrefix(runs[0].Title, "Held")
	})
}
