package repo

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
)

// TestTheNewestPushIsKnown: pushes are heard of in any order, two of them in one
// second maybe; the last one is what is known, and rules are behind it or not.
func TestTheNewestPushIsKnown(t *testing.T) {
	began := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	push := func(before, after string, at int) gate.Seen {
		return gate.Seen{Subject: gate.Subject{Kind: gate.Repository, Repo: gate.Repo{ID: 1, Owner: "acme", Name: "shop"}}, Event: "push",
			Action: gate.RulesChanged, BaseRef: "main",
			Tip: &gate.Tip{SHA: after, Before: before, At: began.Add(time.Duration(at) * time.Second)}}
	}
	all := []gate.Seen{push("", "a", 0), push("a", "b", 5), push("b", "c", 5), push("c", "a", 9)} // and back
	rapid.Check(t, func(t *rapid.T) {
		var s State
		n := rapid.IntRange(2, len(all)).Draw(t, "pushes")
		for i, ev := range rapid.Permutation(all[:n]).Draw(t, "order") {
			s = s.After(gate.Entry{Version: uint64(i + 1), At: began.Add(time.Minute), Event: ev})
		}
		last := all[n-1].Tip
		if got := s.Tips["main"]; got.SHA != last.SHA {
			t.Fatalf("known is %+v, want %+v", got, last)
		}
		tip := s.Tips["main"]
		if tip.Behind(last.SHA, last.At, began) || !tip.Behind("other", last.At.Add(time.Hour), began.Add(time.Minute)) ||
			!tip.Behind("other", last.At, began.Add(time.Hour)) || tip.Behind("other", last.At.Add(time.Second), began.Add(time.Hour)) {
			t.Fatalf("of %+v", tip)
		}
	})
}

func TestWhereARepositoryIs(t *testing.T) {
	at := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	shop := gate.Repo{Installation: 7, ID: 1, Owner: "acme", Name: "shop"}
	event := func(kind, action string, r gate.Repo, changed time.Time) gate.Noted {
		return gate.Noted{Seen: gate.Seen{Subject: gate.Subject{Kind: gate.Repository, Repo: r}, Event: kind, Action: action, RepoAt: changed},
			Ours: kind == ""}
	}
	is := func(installation int64, owner, name string) gate.Repo {
		return gate.Repo{Installation: installation, ID: 1, Owner: owner, Name: name}
	}
	for name, c := range map[string]struct {
		ev   gate.Noted
		want gate.Repo
	}{
		"renamed":                     {event("push", gate.RulesChanged, is(7, "acme", "store"), at.Add(time.Second)), is(7, "acme", "store")},
		"renamed, in the same second": {event("push", gate.RulesChanged, is(7, "acme", "store"), at), is(7, "acme", "store")},
		"from before it was renamed":  {event("push", gate.RulesChanged, is(7, "acme", "old"), at.Add(-time.Second)), shop},
		"installed anew":              {event("push", gate.RulesChanged, is(9, "acme", "shop"), at), is(9, "acme", "shop")},
		"an older installation":       {event("push", gate.RulesChanged, is(5, "acme", "shop"), at), shop},
		"an event without one":        {event("push", gate.RulesChanged, is(0, "acme", "store"), at.Add(time.Second)), is(7, "acme", "store")},
		"transferred": {event("push", gate.RulesChanged, is(3, "umbrella", "shop"), at.Add(time.Second)),
			is(3, "umbrella", "shop")},
		"from before it was":         {event("push", gate.RulesChanged, is(9, "former", "shop"), at.Add(-time.Second)), shop},
		"late, by a newer one":       {event("push", gate.RulesChanged, is(9, "acme", "old"), at.Add(-time.Second)), is(9, "acme", "shop")},
		"an event of ours":           {event("", gate.BranchSeen, is(5, "acme", "old"), time.Time{}), shop},
		"what the comparison found":  {event("", gate.Moved, is(9, "acme", "store"), time.Time{}), is(9, "acme", "store")},
		"an event that says no time": {event("installation", gate.Installed, is(9, "acme", "store"), time.Time{}), is(9, "acme", "store")},
	} {
		s := State{}.noted(event("", gate.Renamed, shop, at))
		renames := s.named(c.ev).Subject.Repo != s.Subject.Repo
		s = s.noted(c.ev)
		if got := s.Subject.Repo; got != c.want || renames != (c.want != shop) {
			t.Errorf("%s: it is %+v, want %+v; renames: %v", name, got, c.want, renames)
		}
	}
}

// TestFirstBindingStands: whatever comes later, a login means who had it when it
// was named first.
func TestFirstBindingStands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := map[string]int64{}
		var s State
		for i := range rapid.IntRange(0, 20).Draw(t, "events") {
			b := gate.Bound{Login: rapid.SampledFrom([]string{"ana", "bo", "cy"}).Draw(t, "login"), ID: rapid.Int64Range(0, 3).Draw(t, "id")}
			if _, had := first[b.Login]; !had {
				first[b.Login] = b.ID
			}
			before := s
			s = s.After(gate.Entry{Version: uint64(i + 1), Event: b})
			if _, had := before.Names[b.Login]; !had && len(before.Names) == len(s.Names) {
				t.Fatal("the state before was changed")
			}
		}
		for login, id := range first {
			if s.Names[login] != id {
				t.Fatalf("%s is %d, was %d", login, s.Names[login], id)
			}
		}
	})
}
