//go:build services

package stories

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/testworld"
)

// never wants a condition to stay false for as long as anything goes on, and some
// seconds longer.
func (c *clicks) never(what string, condition func() bool) {
	c.t.Helper()
	for range 5 {
		if c.meanwhile(condition) {
			c.t.Fatal(what)
		}
		c.later(time.Second)
	}
}

// The release of a head is on its way to GitHub when the head is another one.
func TestAttackHeadSwappedBetweenJudgingAndPublishing(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	slow := c.hub.Inject(faults.Fault{Route: "PATCH /repos/*/check-runs/*", Asks: `"success"`, Kind: faults.Slow, Delay: time.Second})
	c.press("Approve", c.Bo)
	c.until(20*time.Second, "nothing is published", func() bool { return slow.Hits() > 0 })
	if _, err := c.pull.Push(fakehub.Files{"db/migrations/0002_more.sql": "DROP TABLE customers;\n"}); err != nil {
		t.Fatal(err)
	}
	c.never("the new head passes by what was published for the old one", c.passes)
	c.says("Held", "voided by push of")
}

// A harmless head is being judged when a harmful one takes its place.
func TestAttackHeadSwappedWhileItIsJudged(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.hub.Inject(faults.Fault{Route: "POST /graphql", Kind: faults.Slow, Delay: 700 * time.Millisecond})
	pull, err := c.Shop.OpenPull(fakehub.NewPull{Author: c.Agent, Title: "Words", Head: "devin/words",
		Files: fakehub.Files{"docs/a.md": "# A\n"}})
	if err != nil {
		t.Fatal(err)
	}
	c.pull = pull
	if _, err := pull.Push(testworld.Dropped); err != nil {
		t.Fatal(err)
	}
	c.never("the harmful head passes", c.passes)
	c.says("Held: needs 1 approval", "")
}

// The head goes away and comes back: what was approved before was given up.
func TestAttackHeadSwappedAwayAndBack(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	first := c.pull.HeadSHA()
	c.press("Approve", c.Bo)
	c.says("Released", "")
	if _, err := c.pull.Push(fakehub.Files{"db/migrations/0002_more.sql": "DROP TABLE customers;\n"}); err != nil {
		t.Fatal(err)
	}
	c.says("Held", "voided by push of")
	if err := c.Shop.SetBranch(c.pull.HeadBranch(), first, c.Agent); err != nil {
		t.Fatal(err)
	}
	c.says("Held: needs 1 approval", "voided by push of")
	c.settle()
	if c.passes() {
		t.Error("it passes by an approval that was void")
	}
}

func TestAttackRulesAsASymlink(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	weak := fakehub.Files{".github/gatehold.yml": fakehub.Symlink("../weak.yml"), "weak.yml": lenient}
	if _, err := c.Shop.Commit("main", fakehub.NewCommit{Message: "Rules", Author: c.Ana, Files: weak}); err != nil {
		t.Fatal(err)
	}
	c.says("Held", "may not be used")
	c.refused(c.hub.CreateUser("mallory"), "Did not count")
	c.press("Approve", c.Bo)
	c.settle()
	if c.passes() {
		t.Error("rules behind a link judge")
	}
}

// A path that would write a line of its own, and words of ours.
func TestAttackMarkdownInAPath(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	path := "db/migrations/x`\n\n**Released: approved by `@bo`**\n\n# Released: approved by @bo\n<!-- .sql"
	c.again(fakehub.NewPull{Author: c.Agent, Files: fakehub.Files{path: "DROP TABLE orders;\n"}}, "Held: needs 1 approval")
	var page bytes.Buffer
	render := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	if err := render.Convert([]byte(c.run().Summary), &page); err != nil {
		t.Fatal(err)
	}
	forged := regexp.MustCompile(`(?m)(^|<(p|li|h[1-6]|strong|em)>)\s*(<[a-z]+>\s*)*Released|<!--`)
	if found := forged.FindString(page.String()); found != "" || strings.Contains(c.run().Title, "Released") {
		t.Errorf("%q stands in %q and\n%s", found, c.run().Title, page.String())
	}
	if !strings.Contains(c.run().Summary, "drops a table") {
		t.Error("the file's finding is not shown")
	}
}

// What GitHub does not list of a pull request is judged all the same.
func TestAttackTheHarmfulFileIsNumber3001(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	files := fakehub.Files{"zz/migrations/9999_drop.sql": "DROP TABLE orders;\n"}
	for n := range 3000 {
		files[fmt.Sprintf("docs/page-%04d.md", n)] = "# Page\n"
	}
	c.again(fakehub.NewPull{Author: c.Agent, Files: files}, "Held")
	c.says("Held", "zz/migrations/9999_drop.sql")
	if c.passes() {
		t.Error("3,001 files pass")
	}
}

// The fork belongs to somebody who is called as the team is.
func TestAttackForkOfSomebodyCalledAsTheTeam(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	namesake := c.hub.CreateUser("sre")
	c.pull = c.fork(namesake)
	c.says("Held: needs 1 approval", "")
	c.refused(namesake, "is not of `@acme/sre`")
	c.released(c.Bo)
}

// Who owns the fork is of the team, and had no part in what the agent did there.
// Whoever pushed to it had.
func TestAttackForkOfATeamMemberWhoPushedToIt(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.pull = c.fork(c.Bo)
	c.says("Held: needs 1 approval", "")
	if _, err := c.pull.PushCommit(fakehub.NewCommit{Author: c.Agent, Pusher: c.Bo, Message: "More",
		Files: fakehub.Files{"db/migrations/0002_more.sql": "DROP TABLE customers;\n"}}); err != nil {
		t.Fatal(err)
	}
	c.says("Held: needs 1 approval", "")
	c.refused(c.Bo, "pushed the head")
}

func TestAttackInvitedToTheTeamAndNotThereYet(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	eve := c.hub.CreateUser("eve")
	c.SRE.Invite(eve)
	c.refused(eve, "is not of `@acme/sre`")
}

// The team took another name, and another team this one.
func TestAttackTeamWhoseNameAnotherHasNow(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.Acme.CreateTeam("sre", nil)
	c.refused(c.Bo, "is not of `@acme/sre`")
}

func TestAttackRerequestByABot(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.SRE.Add(c.Agent, "member")
	for range 3 {
		if err := c.hub.Rerequest(c.run().ID, c.Agent); err != nil {
			t.Fatal(err)
		}
	}
	c.never("a bot's request to run again released the gate", c.passes)
	c.released(c.Bo)
}
