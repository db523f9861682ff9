package people_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

// An issue that names people is opened once, also where nobody knows whether it was; not
// without the permission, which says which one it is.
func TestAnIssueNamesPeople(t *testing.T) {
	w := hubtest.NewWorld(t)
	repo := w.Repo()
	if _, err := w.Hub.Mention(t.Context(), repo, "msg_1", "A passkey", "@alice", false); gate.AsError(err).Code != "no_permission" ||
		!strings.Contains(gate.AsError(err).Text, "issues=write") {
		t.Fatalf("without the permission: %v", err)
	}
	permissions := maps.Clone(fakehub.DefaultPermissions())
	permissions["issues"] = "write"
	w.Installation.Grant(permissions)
	w.Skip(3 * time.Minute) // the App looks for what was accepted so often
	first, err := w.Hub.Mention(t.Context(), repo, "msg_1", "A passkey", "@alice", false)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.Hub.Mention(t.Context(), repo, "msg_1", "A passkey", "@alice", true)
	if err != nil || again != first || len(w.Shop.Issues()) != 1 {
		t.Errorf("opened as %s and %s, %d in all: %v", first, again, len(w.Shop.Issues()), err)
	}
	other, err := w.Hub.Mention(t.Context(), repo, "msg_2", "A passkey", "@alice", true)
	if err != nil || other == first || !strings.HasPrefix(w.Shop.Issues()[0].Body, "@alice\n") {
		t.Errorf("another is %s: %v", other, err)
	}
}
