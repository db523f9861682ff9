//go:build services

package e2e

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
	c.s = newServer(t, w, "sqlite:"+filepath.Join(t.TempDir(), "ledger.db"))
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

func TestAttackReviewOfOnesOwnOverride(t *testing.T) {
	t.Parallel()
	c, incident := newGlass(t)
	c.press("Break glass", c.bo)
	c.says("Released at once by @bo - not reviewed yet", "Not reviewed yet")
	if !c.passes() {
		t.Fatal("the release at once does not release")
	}
	c.press("Reviewed", c.bo)
	c.says("not reviewed yet", "cannot review their own override")
	c.pull.Close(c.bo)
	cy := c.hub.CreateUser("cy")
	incident.Add(cy, "member")
	settled(t, c.world)
	c.says("Released at once by @bo - not reviewed yet", "It is closed")
	c.serves("/gates", "1 released at once and not reviewed yet", "Released at once by <span class=\"outside\">@bo</span>")
	c.serves("/gates/"+pullStream(c), "<strong>Not reviewed yet.</strong>")
	c.serves("/metrics", "gatehold_overrides_unreviewed 1")
	c.press("Reviewed", cy)
	c.says("reviewed by @cy", "Reviewed by `@cy`")
	c.serves("/metrics", "gatehold_overrides_unreviewed 0")
	c.serves("/gates/"+pullStream(c), "Reviewed by <strong class=\"outside\">@cy</strong>")
}

// pullStream is the ledger's name of the pull request's gate.
func pullStream(c *clicks) string { return fmt.Sprintf("pr/%d/%d", c.shop.ID, c.pull.Number) }

// serves waits until a page of the server holds the words.
func (c *clicks) serves(path string, words ...string) {
	c.t.Helper()
	var body []byte
	defer func() {
		if c.t.Failed() {
			c.t.Logf("%s says:\n%s", path, body)
		}
	}()
	until(c.t, 20*time.Second, path+" does not say "+strings.Join(words, " / "), func() bool {
		resp, err := client.Get("http://" + c.s.addr + path)
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		body, err = io.ReadAll(resp.Body)
		return err == nil && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(string(body), w) })
	})
}
