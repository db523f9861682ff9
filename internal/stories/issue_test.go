//go:build services

package stories

import (
	"maps"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// A human's issue says what the task may touch. The agent's own, wider
// declaration does not get it further.
func TestAttackAWiderIntentThanTheIssues(t *testing.T) {
	t.Parallel()
	c := &clicks{world: newWorld(t, fakehub.Options{}), t: t}
	permissions := maps.Clone(fakehub.DefaultPermissions())
	permissions["issues"] = "read"
	c.inst.Grant(permissions)
	c.begin()
	c.shop.OpenIssue(c.ana, "Mend the words", "```gatehold-intent\npaths: [docs/]\n```\n")
	var err error
	c.pull, err = c.shop.OpenPull(fakehub.NewPull{
		Author: c.agent, Title: "Tidy up", Head: "devin/1-tidy", Files: fakehub.Files{"lib.txt": "new\n"},
		Body: "Closes #1\n\n```gatehold-intent\npaths: [\"**\"]\n```\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	c.says("Passed", "in issue `#1` by `@ana` are the paths")
}

// Where the App may not read issues the check says so, and nothing fails.
func TestAnIssueThatTheAppMayNotRead(t *testing.T) {
	t.Parallel()
	c := &clicks{world: newWorld(t, fakehub.Options{}), t: t}
	c.begin()
	c.shop.OpenIssue(c.ana, "Mend the words", "```gatehold-intent\npaths: [docs/]\n```\n")
	var err error
	if c.pull, err = c.shop.OpenPull(fakehub.NewPull{Author: c.agent, Title: "Tidy up", Head: "devin/1-tidy", Body: "Closes #1",
		Files: fakehub.Files{"lib.txt": "new\n"}}); err != nil {
		t.Fatal(err)
	}
	c.says("Passed", "the App lacks the permission issues: read")
}
