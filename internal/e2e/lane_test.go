//go:build services

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/testworld"
)

// A green check is worth nothing in a lane in which the commit was not judged. The
// client that speaks with GitHub counts the quota by the machine's own time, so that
// this detour is told here.
func TestAttackAGreenCommitIsOpenedIntoMainWhileTheQuotaIsUsedUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakehub.Options{}, testworld.Options{})
	newServer(t, w, ledgerIn(t))
	if _, err := w.Shop.CommitOn(w.Shop.Tip("main"), "stage", fakehub.NewCommit{Message: "Base", Author: w.Agent,
		Files: fakehub.Files{"db/migrations/0009_drop.sql": "DROP TABLE customers;\n"}}); err != nil {
		t.Fatal(err)
	}
	bait := w.opens(fakehub.NewPull{Title: "Words", Head: "devin/words", Base: "stage", Files: testworld.Page(1)})
	w.says(bait.HeadSHA(), gate.NoLane.Check(), "counts nowhere", "is neither the default branch nor a protected one")
	until(t, 20*time.Second, "the bait does not pass where nothing requires it",
		func() bool { return w.Passes(bait, gate.NoLane.Check()) })
	end := time.Now().Add(4 * time.Second)
	w.Hub.Inject(faults.Fault{Route: "", Kind: faults.PrimaryLimit, RetryAfter: 4 * time.Second, Until: end})
	pull := w.opens(fakehub.NewPull{Title: "The same", Head: bait.HeadBranch(), Base: "main"})
	until(t, 40*time.Second, "main's check does not hold the commit", func() bool {
		if w.Passes(pull, gate.CheckName) {
			t.Fatal("it passes while GitHub answers nothing")
		}
		return strings.HasPrefix(w.Check(pull.HeadSHA(), gate.CheckName).Title, "Held: needs")
	})
}
