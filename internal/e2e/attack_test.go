//go:build services

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// never wants a condition to stay false for as long as anything goes on.
func (c *clicks) never(what string, condition func() bool) {
	c.t.Helper()
	last, since := c.hub.Total(), time.Now()
	until(c.t, time.Minute, "requests do not end", func() bool {
		if condition() {
			c.t.Fatal(what)
		}
		if n := c.hub.Total(); n != last {
			last, since = n, time.Now()
		}
		return time.Since(since) > 1500*time.Millisecond
	})
}

// bothChannels take approvals by button and by the command line.
const bothChannels = `version: 1
extends: [default]
needs:
  high:     { approvals: 2, from: ["@acme/sre"], via: [button, cli] }
  critical: { approvals: 2, from: ["@acme/sre"], via: [button, cli] }
`

func TestAttackTwoApprovalsByOnePersonThroughTwoChannels(t *testing.T) {
	t.Parallel()
	d := newDesk(t, strings.ReplaceAll(bothChannels, "approvals: 2", "approvals: 1"))
	w := d.world
	if _, err := w.shop.Commit("main", fakehub.NewCommit{Message: "Two", Author: w.ana,
		Files: fakehub.Files{".github/gatehold.yml": bothChannels}}); err != nil {
		t.Fatal(err)
	}
	d.says("Held: needs 2 approvals")
	quiet(t, w, 300*time.Millisecond)
	if err := w.hub.Press(d.pull.RequiredCheck("gatehold", w.app.ID).RunID, "Approve", d.bo); err != nil {
		t.Fatal(err)
	}
	d.says("Held: 1 of 2: approved by @bo")
	command := d.types("approve", d.name(), "--reason", "And once more.")
	command.enter("bo").yes()
	settled(t, w)
	d.says("Held: 1 of 2: approved by @bo; still needs 1 approval")
	if d.passes() {
		t.Error("one person filled two places")
	}
}

// payload begins what GitHub sends of a repository called acme/shop.
func (c *clicks) payload(repo int64, event string) string {
	return fmt.Sprintf(`{"action":%q,"installation":{"id":%d},"repository":{"id":%d,"name":"shop",`+
		`"owner":{"login":"acme"}},"sender":{"login":"bo","id":%d,"type":"User"}`,
		event, c.inst.ID, repo, c.bo.ID)
}

func (c *clicks) taken(event, guid, body string) {
	c.t.Helper()
	if status, err := c.s.post(event, guid, []byte(body)); err != nil || status/100 != 2 {
		c.t.Fatalf("%d, %v", status, err)
	}
}

// The repository took another name, and another repository this one: a press
// there, on the same commit, is none here.
func TestAttackRepositoryWhoseNameAnotherHasNow(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	press := fmt.Sprintf(`,"check_run":{"id":%d,"name":"gatehold","head_sha":%q,"app":{"id":%d}},"requested_action":{"identifier":%q}}`,
		c.run().ID, c.pull.HeadSHA(), c.app.ID, c.run().Actions[0].Identifier)
	c.taken("check_run", "of-another", c.payload(c.shop.ID+500, "requested_action")+press)
	c.never("a press in another repository released the gate", c.passes)
}

// A group says that it merges a pull request which is released, and is made of
// something else.
func TestAttackMergeGroupThatNamesAnotherPullRequest(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.again(fakehub.NewPull{Author: c.agent, Files: fakehub.Files{"docs/a.md": "# A\n"}}, "Passed")
	base := c.shop.Tip("main")
	branch := fmt.Sprintf("gh-readonly-queue/main/pr-%d-%s", c.pull.Number, base)
	sha, err := c.shop.CommitOn(base, branch, fakehub.NewCommit{Message: "Merge", Author: c.agent, Files: dropped})
	if err != nil {
		t.Fatal(err)
	}
	c.taken("merge_group", "a-group", c.payload(c.shop.ID, "checks_requested")+fmt.Sprintf(
		`,"merge_group":{"head_sha":%q,"head_ref":"refs/heads/%s","base_sha":%q,"base_ref":"refs/heads/main"}}`, sha, branch, base))
	c.group(sha, "Held")
	c.never("the group passes as another pull request", func() bool { return c.shop.RequiredCheck(sha, "gatehold", c.app.ID).Passes })
	if title := c.groupRun(sha).Title + c.groupRun(sha).Summary; !strings.Contains(title, "brings something that it did not show") {
		t.Errorf("the check says %q", title)
	}
}

// A delivery with a good signature and another body, and one without any.
func TestAttackForgedDelivery(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	press := fmt.Sprintf(`,"check_run":{"id":%d,"name":"gatehold","head_sha":%q,"app":{"id":%d}},"requested_action":{"identifier":%q}}`,
		c.run().ID, c.pull.HeadSHA(), c.app.ID, c.run().Actions[0].Identifier)
	for name, signature := range map[string]string{"none": "", "of another body": "sha256=" + strings.Repeat("ab", 32),
		"weak": "sha1=" + strings.Repeat("ab", 20)} {
		req, err := http.NewRequest(http.MethodPost, "http://"+c.s.addr+"/webhook",
			strings.NewReader(c.payload(c.shop.ID, "requested_action")+press))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-GitHub-Event", "check_run")
		req.Header.Set("X-GitHub-Delivery", "forged-"+name)
		if signature != "" {
			req.Header.Set("X-Hub-Signature-256", signature)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode/100 == 2 {
			t.Errorf("a delivery signed with %s is answered %d", name, resp.StatusCode)
		}
	}
	c.never("a forged press released the gate", c.passes)
}

// group waits until the group's check says the words.
func (c *clicks) group(sha, title string) {
	c.t.Helper()
	until(c.t, 20*time.Second, "the group's check does not say "+title, func() bool {
		for _, r := range c.shop.CheckRuns(sha) {
			if r.AppID == c.app.ID && strings.Contains(r.Title, title) {
				return true
			}
		}
		return false
	})
}

func (c *clicks) groupRun(sha string) fakehub.CheckRun {
	for _, r := range c.shop.CheckRuns(sha) {
		if r.AppID == c.app.ID {
			return r
		}
	}
	return fakehub.CheckRun{}
}

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
