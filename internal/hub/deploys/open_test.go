package deploys

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// Two runs of one commit wait: what their statuses name tells them apart, and
// without that nobody guesses.
func TestWhoseAWaitingDeploymentIs(t *testing.T) {
	repo, head := gate.Repo{Installation: 7, ID: 99, Owner: "acme", Name: "shop"}, strings.Repeat("a", 40)
	node := func(id int64, run string) *deploymentNode {
		d := &deploymentNode{ID: id, SHA: head, Environment: "Prod"}
		if err := json.Unmarshal(fmt.Appendf(nil,
			`{"latestStatus":{"state":"WAITING","logUrl":"https://github.com/acme/shop/actions/runs/%s/job/1"}}`, run), d); err != nil {
			t.Fatal(err)
		}
		return d
	}
	run := wire.Run{ID: 70, SHA: head, Event: "push"}
	ids := func(alone bool, waiting ...*deploymentNode) (out []int64) {
		for _, s := range waitingLooks(repo, run, "PROD", alone, waiting) {
			out = append(out, s.Subject.DeploymentID)
		}
		return out
	}
	elsewhere := node(5, "70")
	elsewhere.Environment = "qa"
	older := node(6, "70")
	older.SHA = strings.Repeat("b", 40)
	for name, test := range map[string]struct{ got, want []int64 }{
		"named":             {ids(false, node(1, "70"), node(2, "71"), elsewhere, older), []int64{1}},
		"two jobs":          {ids(false, node(1, "70"), node(2, "70")), []int64{1, 2}},
		"not named, alone":  {ids(true, node(1, "x")), []int64{1}},
		"not named, two":    {ids(false, node(1, "x")), []int64{0}},
		"another's":         {ids(true, node(1, "71")), []int64{0}},
		"nothing is listed": {ids(true), []int64{0}},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s: %v, want %v", name, test.got, test.want)
		}
	}
}
