package admin_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/journal"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

// What GitHub could not deliver is in its log, and is delivered when asked for.
func TestDeliveriesAreFoundAndSentAgain(t *testing.T) {
	w := hubtest.NewWorld(t)
	if err := w.Fake.Settle(t.Context()); err != nil { // what the installation brought
		t.Fatal(err)
	}
	before, _, err := w.Hub.Deliveries(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	var seen int64
	for _, a := range before {
		seen = max(seen, a.ID)
	}
	w.SetDown(true)
	_, err = w.Shop.OpenPull(fakehub.NewPull{Author: w.Agent, Title: "Lost", Files: fakehub.Files{"a.txt": "a\n"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Fake.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.SetDown(false)
	attempts, _, err := w.Hub.Deliveries(t.Context(), seen)
	if err != nil {
		t.Fatal(err)
	}
	if len(attempts) == 0 || !slices.IsSortedFunc(attempts, func(a, b gate.Attempt) int { return cmp.Compare(a.ID, b.ID) }) {
		t.Fatalf("attempts %+v", attempts)
	}
	for _, a := range attempts {
		if a.OK || a.GUID == "" || a.At.IsZero() {
			t.Errorf("attempt %+v", a)
		}
		if err := w.Hub.Redeliver(t.Context(), a.ID); err != nil {
			t.Fatal(err)
		}
	}
	if seen := w.Last("opened"); seen.Subject.Number != 1 {
		t.Errorf("seen %+v", seen)
	}
	later, _, err := w.Hub.Deliveries(t.Context(), attempts[len(attempts)-1].ID)
	if err != nil || len(later) != len(attempts) {
		t.Fatalf("later attempts %+v, %v", later, err)
	}
	// GitHub delivers in no particular order, so they are compared as sets.
	if slices.ContainsFunc(later, func(a gate.Attempt) bool { return !a.OK }) || !slices.Equal(guids(attempts), guids(later)) {
		t.Errorf("%+v were sent again as %+v", attempts, later)
	}
}

func guids(attempts []gate.Attempt) []string {
	var all []string
	for _, a := range attempts {
		all = append(all, a.GUID)
	}
	return slices.Sorted(slices.Values(all))
}

// An event that does not name the installation is enough: GitHub knows it. It
// is asked once, and again after the App was installed anew.
func TestInstallationIsFound(t *testing.T) {
	w := hubtest.NewWorld(t)
	_, seen := w.Open(fakehub.NewPull{Files: fakehub.Files{"a.txt": "a\n"}})
	seen.Subject.Repo.Installation = 0
	lookups := func() int {
		return w.Fake.Counts()[journal.RouteStatus{Route: "GET /repos/{owner}/{repo}/installation", Status: 200}]
	}
	for range 2 {
		if f := w.Facts(seen); len(f.Change.Files) != 1 {
			t.Errorf("%+v", f.Change)
		}
	}
	if n := lookups(); n != 1 {
		t.Errorf("%d look-ups", n)
	}
	stray := seen.Subject
	stray.Repo.Name, stray.Repo.ID = "other", 1
	if _, err := w.Hub.Facts(t.Context(), stray, change.Hint{}); err == nil || gate.AsError(err).Code != "not_found" {
		t.Errorf("error is %v", err)
	}
}
