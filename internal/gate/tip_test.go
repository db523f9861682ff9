package gate

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestTheNewestPushIsKnown: pushes are heard of in any order, two of them in one
// second maybe; the last one is what is known, and rules are behind it or not.
func TestTheNewestPushIsKnown(t *testing.T) {
	began := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	push := func(before, after string, at int) Seen {
		return Seen{Subject: Subject{Kind: Repository, Repo: Repo{ID: 1, Owner: "acme", Name: "shop"}}, Event: "push",
			Action: RulesChanged, BaseRef: "main",
			Tip: &Tip{SHA: after, Before: before, At: began.Add(time.Duration(at) * time.Second)}}
	}
	all := []Seen{push("", "a", 0), push("a", "b", 5), push("b", "c", 5), push("c", "a", 9)} // and back
	rapid.Check(t, func(t *rapid.T) {
		var s RepoState
		n := rapid.IntRange(2, len(all)).Draw(t, "pushes")
		for i, ev := range rapid.Permutation(all[:n]).Draw(t, "order") {
			s = s.After(Entry{Version: uint64(i + 1), At: began.Add(time.Minute), Event: ev})
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
	shop := Repo{Installation: 7, ID: 1, Owner: "acme", Name: "shop"}
	event := func(kind, action string, r Repo, changed time.Time) Noted {
		return Noted{Seen: Seen{Subject: Subject{Kind: Repository, Repo: r}, Event: kind, Action: action, RepoAt: changed},
			Ours: kind == ""}
	}
	is := func(installation int64, owner, name string) Repo {
		return Repo{Installation: installation, ID: 1, Owner: owner, Name: name}
	}
	for name, c := range map[string]struct {
		ev   Noted
		want Repo
	}{
		"renamed":                     {event("push", RulesChanged, is(7, "acme", "store"), at.Add(time.Second)), is(7, "acme", "store")},
		"renamed, in the same second": {event("push", RulesChanged, is(7, "acme", "store"), at), is(7, "acme", "store")},
		"from before it was renamed":  {event("push", RulesChanged, is(7, "acme", "old"), at.Add(-time.Second)), shop},
		"installed anew":              {event("push", RulesChanged, is(9, "acme", "shop"), at), is(9, "acme", "shop")},
		"an older installation":       {event("push", RulesChanged, is(5, "acme", "shop"), at), shop},
		"an event without one":        {event("push", RulesChanged, is(0, "acme", "store"), at.Add(time.Second)), is(7, "acme", "store")},
		"transferred": {event("push", RulesChanged, is(3, "umbrella", "shop"), at.Add(time.Second)),
			is(3, "umbrella", "shop")},
		"from before it was":         {event("push", RulesChanged, is(9, "former", "shop"), at.Add(-time.Second)), shop},
		"late, by a newer one":       {event("push", RulesChanged, is(9, "acme", "old"), at.Add(-time.Second)), is(9, "acme", "shop")},
		"an event of ours":           {event("", BranchSeen, is(5, "acme", "old"), time.Time{}), shop},
		"what the comparison found":  {event("", Moved, is(9, "acme", "store"), time.Time{}), is(9, "acme", "store")},
		"an event that says no time": {event("installation", Installed, is(9, "acme", "store"), time.Time{}), is(9, "acme", "store")},
	} {
		s := RepoState{}.noted(event("", Renamed, shop, at))
		renames := s.named(c.ev).Subject.Repo != s.Subject.Repo
		s = s.noted(c.ev)
		if got := s.Subject.Repo; got != c.want || renames != (c.want != shop) {
			t.Errorf("%s: it is %+v, want %+v; renames: %v", name, got, c.want, renames)
		}
	}
}
