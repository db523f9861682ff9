//go:build services

package stories

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/testworld"
)

// payload begins what GitHub sends of a repository called acme/shop.
func (c *clicks) payload(repo int64, event string) string {
	return fmt.Sprintf(`{"action":%q,"installation":{"id":%d},"repository":{"id":%d,"name":"shop",`+
		`"owner":{"login":"acme"}},"sender":{"login":"bo","id":%d,"type":"User"}`,
		event, c.Inst.ID, repo, c.Bo.ID)
}

// pressed is a press of the check's first button by bo, as GitHub would tell it of a
// repository called acme/shop.
func (c *clicks) pressed(repo int64) string {
	return c.payload(repo, "requested_action") + fmt.Sprintf(`,"check_run":{"id":%d,"name":"gatehold","head_sha":%q,"app":{"id":%d}},`+
		`"requested_action":{"identifier":%q}}`, c.run().ID, c.pull.HeadSHA(), c.app.ID, c.run().Actions[0].Identifier)
}

// The repository took another name, and another repository this one: a press
// there, on the same commit, is none here.
func TestAttackRepositoryWhoseNameAnotherHasNow(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.taken("check_run", "of-another", c.pressed(c.Shop.ID+500))
	c.never("a press in another repository released the gate", c.passes)
}

// A group says that it merges a pull request which is released, and is made of
// something else.
func TestAttackMergeGroupThatNamesAnotherPullRequest(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	c.again(fakehub.NewPull{Author: c.Agent, Files: fakehub.Files{"docs/a.md": "# A\n"}}, "Passed")
	base := c.Shop.Tip("main")
	branch := fmt.Sprintf("gh-readonly-queue/main/pr-%d-%s", c.pull.Number, base)
	sha, err := c.Shop.CommitOn(base, branch, fakehub.NewCommit{Message: "Merge", Author: c.Agent, Files: testworld.Dropped})
	c.must(err)
	c.taken("merge_group", "a-group", c.payload(c.Shop.ID, "checks_requested")+fmt.Sprintf(
		`,"merge_group":{"head_sha":%q,"head_ref":"refs/heads/%s","base_sha":%q,"base_ref":"refs/heads/main"}}`, sha, branch, base))
	c.group(sha, "Held")
	c.never("the group passes as another pull request", func() bool { return c.Shop.RequiredCheck(sha, "gatehold", c.app.ID).Passes })
	if title := c.groupRun(sha).Title + c.groupRun(sha).Summary; !strings.Contains(title, "brings something that it did not show") {
		t.Errorf("the check says %q", title)
	}
}

// A delivery with a good signature and another body, and one without any.
func TestAttackForgedDelivery(t *testing.T) {
	t.Parallel()
	c := newClicks(t)
	for name, signature := range map[string]string{"none": "", "of another body": "sha256=" + strings.Repeat("ab", 32),
		"weak": "sha1=" + strings.Repeat("ab", 20)} {
		req, err := testworld.Delivery("/webhook", "check_run", "forged-"+name, []byte(c.pressed(c.Shop.ID)))
		c.must(err)
		req.Header.Del("X-Hub-Signature-256")
		if signature != "" {
			req.Header.Set("X-Hub-Signature-256", signature)
		}
		w := httptest.NewRecorder()
		(*c.door.Load()).ServeHTTP(w, req)
		if w.Code/100 == 2 {
			t.Errorf("a delivery signed with %s is answered %d", name, w.Code)
		}
	}
	c.never("a forged press released the gate", c.passes)
}
