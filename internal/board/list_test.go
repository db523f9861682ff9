package board

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// boardOf has gates as if they had been read.
func boardOf(gates ...Summary) *Board {
	b := New(Config{Now: func() time.Time { return noon }})
	for _, s := range gates {
		b.share(&s)
		b.put(&s)
	}
	return b
}

// gateAt is one of many gates.
func gateAt(i int) Summary {
	standings := []gate.Standing{gate.IsHeld, gate.IsPassed, gate.IsClosed, gate.IsFailing, gate.IsReleased}
	levels := []gate.Level{gate.Low, gate.Medium, gate.High, gate.Critical}
	agents := []string{"devin", "claude-code", "copilot"}
	repo := gate.Repo{ID: int64(40 + i%50), Owner: "acme", Name: fmt.Sprint("shop", i%50)}
	s := Summary{
		Subject: gate.Subject{Kind: gate.PullRequest, Repo: repo, Number: i}, Standing: standings[i%5], Level: levels[i%4], Score: i % 100,
		Agents: []string{agents[i%3]}, Strength: gate.Verified, Head: fmt.Sprintf("%040x", i), WasHeld: i%2 == 0, Merged: i%7 == 0,
		Reason: "Held: critical risk, score 83; needs 1 approval from @acme/sre.", Rules: []string{"migrations/sql"}, Asked: []string{"ana"},
		ChangedAt: noon.Add(-time.Duration(i/3) * time.Minute), OpenedAt: noon.Add(-time.Duration(i) * time.Minute),
	}
	if i%6 == 0 {
		s.DecidedAt, s.DecidedBy = s.OpenedAt.Add(time.Duration(i%90)*time.Minute), "bo"
	}
	s.Stream = s.Subject.Stream()
	return s
}

func TestPagesVisitAllOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(t, "gates")
		var all []Summary
		for i := range n {
			all = append(all, gateAt(i))
		}
		b := boardOf(all...)
		q := Query{
			Limit:      rapid.IntRange(1, 9).Draw(t, "limit"),
			Set:        rapid.SampledFrom([]Set{AllGates, OpenGates, DecidedGates}).Draw(t, "set"),
			Standing:   rapid.SampledFrom([]gate.Standing{"", gate.IsHeld, gate.IsClosed}).Draw(t, "standing"),
			Level:      rapid.SampledFrom([]gate.Level{"", gate.High}).Draw(t, "level"),
			Agent:      rapid.SampledFrom([]string{"", "devin"}).Draw(t, "agent"),
			Repository: rapid.SampledFrom([]string{"", "ACME/shop1"}).Draw(t, "repository"),
			Text:       rapid.SampledFrom([]string{"", "SHOP1", "bo", "nothing has this", " bo  devin ", "score shop1#"}).Draw(t, "text"),
			Older:      rapid.SampledFrom([]time.Duration{0, 5 * time.Minute}).Draw(t, "older"),
		}
		var want, got []string
		for _, s := range all {
			plain := s.Subject.String() + " " + s.Head + " " + s.Reason + " " + s.DecidedBy + " " + s.Agents[0] + " ana migrations/sql"
			if e := entryOf(&s); q.Set.has(&e) && (q.Standing == "" || q.Standing == s.Standing) && (q.Level == "" || q.Level == s.Level) &&
				(q.Agent == "" || s.Agents[0] == q.Agent) && (q.Repository == "" || s.Subject.Repo.Name == "shop1") &&
				holdsAll(plain, q.Text) && noon.Sub(s.ChangedAt) >= q.Older {
				want = append(want, s.Stream)
			}
		}
		for range n + 2 {
			p := b.List(q)
			if p.Total != len(want) || len(p.Gates) > q.Limit {
				t.Fatalf("%d in all, want %d; %d on a page of %d", p.Total, len(want), len(p.Gates), q.Limit)
			}
			if !slices.IsSortedFunc(p.Gates, func(a, b Summary) int { return b.ChangedAt.Compare(a.ChangedAt) }) {
				t.Fatal("a page is not in order")
			}
			for _, s := range p.Gates {
				got = append(got, s.Stream)
			}
			if q.After = p.Next; p.Next == "" {
				break
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("the pages have %v, want %v", got, want)
		}
	})
}

// holdsAll reports whether a text holds each word of another.
func holdsAll(text, words string) bool {
	return !slices.ContainsFunc(strings.Fields(words), func(w string) bool {
		return !strings.Contains(strings.ToLower(text), strings.ToLower(w))
	})
}

// What changes between two pages moves to the front: nothing else is seen twice or
// missed.
func TestPagesHoldWhileThingsChange(t *testing.T) {
	b := boardOf(gateAt(0), gateAt(3), gateAt(6), gateAt(9))
	first := b.List(Query{Limit: 2})
	moved := gateAt(9)
	moved.ChangedAt = noon.Add(time.Minute)
	b.share(&moved)
	b.put(&moved)
	second := b.List(Query{Limit: 2, After: first.Next})
	if len(second.Gates) != 1 || second.Gates[0].Stream != gateAt(6).Stream || second.Next != "" {
		t.Errorf("%+v", second)
	}
	if all := b.List(Query{After: "no cursor"}); len(all.Gates) != 4 {
		t.Errorf("%d gates from the beginning", len(all.Gates))
	}
}

// A gate that is forgotten is in no list, and the others stay.
func TestForgottenGatesAreNotListed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, want := boardOf(), map[string]bool{}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			s := gateAt(rapid.IntRange(0, 9).Draw(t, "gate"))
			if want[s.Stream] = rapid.Bool().Draw(t, "put"); want[s.Stream] {
				b.put(&s)
			} else {
				b.drop(s.Stream)
				delete(want, s.Stream)
			}
			listed := b.List(Query{}).Gates
			if len(listed) != len(want) || len(b.gates) != len(want) || len(b.place) != len(want) {
				t.Fatalf("%d listed, %d known, want %d", len(listed), len(b.gates), len(want))
			}
			for _, s := range listed {
				if !want[s.Stream] {
					t.Fatalf("%s is listed", s.Stream)
				}
			}
		}
	})
}

func TestWhatAgentsDid(t *testing.T) {
	pull := func(n int, agent string, change func(*Summary)) Summary {
		s := gateAt(n)
		s.Subject.Repo, s.Agents, s.Merged, s.WasHeld, s.Standing = gate.Repo{ID: 1, Owner: "acme", Name: "shop"}, []string{agent}, false, false, gate.IsClosed
		s.Stream = s.Subject.Stream()
		change(&s)
		return s
	}
	b := boardOf(
		pull(1, "devin", func(s *Summary) { s.Merged, s.WasHeld = true, true }),
		pull(2, "devin", func(s *Summary) { s.Denied = true }),
		pull(3, "devin", func(s *Summary) { s.WasHeld, s.Standing = true, gate.IsHeld }),
		pull(4, "copilot", func(s *Summary) { s.Merged, s.reverts = true, []int{1, 2} }),
		pull(5, "copilot", func(s *Summary) { s.reverts = []int{4} }), // was not merged
		pull(6, "devin", func(s *Summary) { s.Subject.Kind, s.Stream = gate.MergeGroup, "group/1/x" }),
	)
	got := b.Agents(all)
	if len(got) != 2 || got[0].Name != "devin" || got[0].Changes != 3 || got[0].Held != 2 || got[0].Waiting != 1 || got[0].Denied != 1 ||
		got[0].Reverted != 1 || !slices.Equal(got[0].Asked, []string{"ana"}) || got[1].Reverted != 0 || got[1].Changes != 2 {
		t.Errorf("%+v", got)
	}
}

func TestTrends(t *testing.T) {
	at := func(n int, opened time.Time, change func(*Summary)) Summary {
		s := gateAt(n)
		s.OpenedAt, s.DecidedAt, s.WasHeld, s.Standing, s.Rules = opened, time.Time{}, true, gate.IsHeld, []string{"a", "b"}
		change(&s)
		return s
	}
	nothing := func(*Summary) {}
	b := boardOf(
		at(1, noon, nothing), at(2, noon.AddDate(0, 0, -40), nothing), at(3, noon.AddDate(0, 0, -1), func(s *Summary) { s.WasHeld, s.Rules = false, nil }),
		at(4, noon.AddDate(0, 0, -1), func(s *Summary) { s.DecidedAt = s.OpenedAt.Add(10 * time.Minute) }),
		at(5, noon.AddDate(0, 0, -1), func(s *Summary) { s.Denied, s.DecidedAt = true, s.OpenedAt.Add(100*time.Hour) }),
	)
	got := b.Trends(all)
	today, before := got.Days[TrendDays-1], got.Days[TrendDays-2]
	if len(got.Days) != TrendDays || today.Held != 1 || before.Passed != 1 || before.Released != 1 || before.Denied != 1 || before.Held != 0 {
		t.Errorf("%+v %+v", today, before)
	}
	if got.Decided != 2 || got.Half != 600 || got.Waited[2].N != 1 || got.Waited[6].N != 1 || got.Rules[0] != (Rule{"a", 3}) {
		t.Errorf("%+v", got)
	}
	if empty := boardOf().Trends(all); empty.Decided != 0 || len(empty.Days) != TrendDays {
		t.Errorf("%+v", empty)
	}
}

// BenchmarkLists is each list at 100,000 gates: none may take 100 ms.
func BenchmarkLists(b *testing.B) {
	lists := New(Config{Now: func() time.Time { return noon }})
	for i := range 100_000 {
		s := gateAt(i)
		lists.share(&s)
		lists.put(&s)
	}
	middle := lists.index[50_000].cursor().String()
	for name, look := range map[string]func(){
		"open": func() { lists.List(Query{Set: OpenGates}) }, "decided": func() { lists.List(Query{Set: DecidedGates}) },
		"search":                   func() { lists.List(Query{Set: DecidedGates, Text: "shop7#12345"}) },
		"search for what many say": func() { lists.List(Query{Set: AllGates, Text: "critical migrations bo"}) }, "later": func() { lists.List(Query{After: middle}) },
		"repository": func() { lists.List(Query{Repository: "acme/shop7"}) },
		"agents":     func() { lists.Agents(all) }, "trends": func() { lists.Trends(all) },
		"environments": func() { _, _ = lists.Environments(context.Background(), "", all) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				look()
			}
		})
	}
}

// TestClosedGatesTakeLittleMemory: 100,000 of them, as many as are kept.
func TestClosedGatesTakeLittleMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	b := New(Config{Now: func() time.Time { return noon }})
	for i := range keptClosed {
		s := gateAt(i)
		s.Statement = fmt.Sprintf("devin, asked by @ana, wanted to merge #%d into main of acme/shop.", i)
		b.share(&s)
		b.put(&s)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := (after.HeapAlloc - before.HeapAlloc) / keptClosed
	t.Logf("%d bytes each, %d MB in all", each, each*keptClosed>>20)
	if each > mostOfAGate {
		t.Errorf("a closed gate takes %d bytes, and may take %d", each, mostOfAGate)
	}
	runtime.KeepAlive(b)
}

// mostOfAGate is what keptClosed is made for: some 120 MB in all.
const mostOfAGate = 1200
