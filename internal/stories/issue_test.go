//go:build services

package stories

import (
	"maps"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/testworld"
)

// A human's issue says what the task may touch. The agent's own, wider
// declaration does not get it further.
func TestAttackAWiderIntentThanTheIssues(t *testing.T) {
	t.Parallel()
	c := &clicks{world: newWorld(t, testworld.Options{}), t: t}
	permissions := maps.Clone(fakehub.DefaultPermissions())
	permissions["issues"] = "read"
	c.Inst.Grant(permissions)
	c.begin()
	c.Shop.OpenIssue(c.Ana, "Mend the words", "```gatehold-intent\npaths: [docs/]\n```\n")
	var err error
	c.pull, err = c.Shop.OpenPull(fakehub.NewPull{
		Author: c.Agent, Title: "Tidy up", Head: "devin/1-tidy", Files: fakehub.Files{"lib.txt": "new\n"},
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
	c := &clicks{world: newWorld(t, testworld.Options{}), t: t}
	c.begin()
	c.Shop.OpenIssue(c.Ana, "Mend the words", "```gatehold-intent\npaths: [docs/]\n```\n")
	var err error
	if c.pull, err = c.Shop.OpenPull(fakehub.NewPull{Author: c.Agent, Title: "Tidy up", Head: "devin/1-tidy", Body: "Closes #1",
		Files: fakehub.Files{"lib.txt": "new\n"}}); err != nil {
		t.Fatal(err)
	}
	c.says("Passed", "the App lacks the permission issues: read")
}
