package gate

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// told is one event of a pull request's life, and what was true after it.
type told struct {
	action string
	said   Said
}

// life draws what happens to a pull request, and what GitHub tells of it. pace is
// the least time between two changes.
func life(t *rapid.T, pace time.Duration) []told {
	now := Said{At: time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC), Head: "a", BaseRef: "main", Text: "t0"}
	out := []told{{"opened", now}}
	for i := range rapid.IntRange(1, 12).Draw(t, "changes") {
		next := now
		next.Before, next.BaseFrom, next.Label, next.Assignee = "", "", "", 0
		next.Labels, next.People = slices.Clone(now.Labels), slices.Clone(now.People)
		next.At = now.At.Add(pace)
		action := rapid.SampledFrom([]string{"synchronize", "retarget", "edited", "label", "assign", "draft", "close"}).Draw(t, "action")
		switch action {
		case "synchronize":
			next.Before, next.Head = now.Head, rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "head") // back and forth
		case "retarget":
			action, next.BaseFrom, next.BaseRef = "edited", now.BaseRef, rapid.SampledFrom([]string{"main", "sandbox"}).Draw(t, "base")
		case "edited":
			next.Text = fmt.Sprintf("t%d", i+1)
		case "label":
			next.Label = rapid.SampledFrom([]string{"prod", "docs"}).Draw(t, "label")
			if action = "labeled"; slices.Contains(now.Labels, next.Label) {
				action, next.Labels = "unlabeled", without(now.Labels, next.Label)
			} else {
				next.Labels = including(now.Labels, next.Label)
			}
		case "assign":
			next.Assignee = rapid.Int64Range(1, 3).Draw(t, "whom")
			if action = "assigned"; slices.Contains(now.People, next.Assignee) {
				action, next.People = "unassigned", without(now.People, next.Assignee)
			} else {
				next.People = including(now.People, next.Assignee)
			}
		case "draft":
			if action, next.Draft = "converted_to_draft", !now.Draft; now.Draft {
				action = "ready_for_review"
			}
		case "close":
			if action, next.Closed = "closed", !now.Closed; now.Closed {
				action = "reopened"
			}
		}
		if next.Head == now.Head && action == "synchronize" || next.BaseFrom != "" && next.BaseRef == now.BaseRef {
			continue
		}
		now = next
		out = append(out, told{action, now})
	}
	return out
}

// hear takes events into a state in some order, at a time.
func hear(s State, at time.Time, events ...told) State {
	for _, e := range events {
		s = s.After(Entry{Version: s.Version + 1, At: at, Event: Seen{
			Subject: Subject{Kind: PullRequest, Number: 1}, Event: "pull_request", Action: e.action,
			Head: e.said.Head, BaseRef: e.said.BaseRef, Closed: e.said.Closed, Said: &e.said,
		}})
	}
	return s
}

// TestWhatIsKnownIsInNoOrder: events come in any order, some twice and some never.
// The newest of those that came is what is known; no answer from before it covers
// it, but for one that says the same; and the answer that is true always does, so
// that nothing waits for ever.
func TestWhatIsKnownIsInNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := life(t, time.Second)
		taken := all[len(all)-1].said.At.Add(time.Second)
		heard := rapid.SliceOfN(rapid.SampledFrom(all), 1, 2*len(all)).Draw(t, "heard")
		s := hear(State{}, taken, heard...)
		newest := slices.MaxFunc(heard, func(a, b told) int { return a.said.At.Compare(b.said.At) }).said
		if what := s.Pull.Said.Differs(newest); what != "" || !s.Pull.Said.At.Equal(newest.At) {
			t.Fatalf("known is %+v, told was %+v: %s", s.Pull.Said, newest, what)
		}
		if s.Seen.Head != newest.Head || s.Seen.BaseRef != newest.BaseRef || s.Seen.Closed != newest.Closed {
			t.Fatalf("seen is %+v, told was %+v", s.Seen, newest)
		}
		for _, e := range all {
			stale := s.Stale(e.said, taken.Add(24*time.Hour)) != nil
			older := e.said.At.Before(newest.At) && newest.Differs(e.said) != ""
			if stale != older {
				t.Fatalf("known is %+v; of the answer %+v it is said %v", s.Pull.Said, e.said, stale)
			}
		}
		if truth := all[len(all)-1].said; s.Stale(truth, taken) != nil {
			t.Fatalf("what is true is called stale: %+v", truth)
		}
	})
}

// TestWithinASecondInOrder: GitHub's times are whole seconds. In their order
// events of one second come to what is true, and no answer from between them
// covers it while it can still be behind.
func TestWithinASecondInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := life(t, 0)
		truth := all[len(all)-1].said
		s := hear(State{}, truth.At, all...)
		if what := s.Pull.Said.Differs(truth); what != "" {
			t.Fatalf("known is %+v, true is %+v: %s", s.Pull.Said, truth, what)
		}
		for _, e := range all {
			what := truth.Differs(e.said)
			at := truth.At.Add(59 * time.Second)
			if stale := s.Stale(e.said, at) != nil; stale != (what != "") {
				t.Fatalf("of the answer %+v it is said %v: %s", e.said, stale, what)
			}
			if what != "" && s.Stale(e.said, truth.At.Add(31*time.Minute)) != nil {
				t.Fatalf("the answer %+v is never believed", e.said)
			}
		}
	})
}

// TestWithinASecondInAnotherOrder: what different events of one second changed,
// and pushes that name what they were made on, is known in any order.
func TestWithinASecondInAnotherOrder(t *testing.T) {
	at := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	opened := Said{At: at, Head: "a", BaseRef: "sandbox", Text: "t"}
	edit := func(change func(*Said)) Said { s := opened; change(&s); return s }
	events := []told{
		{"opened", opened},
		{"synchronize", edit(func(s *Said) { s.Head, s.Before = "b", "a" })},
		{"synchronize", edit(func(s *Said) { s.Head, s.Before = "c", "b" })},
		{"edited", edit(func(s *Said) { s.Head, s.BaseRef, s.BaseFrom = "c", "main", "sandbox" })},
		{"labeled", edit(func(s *Said) { s.Head, s.Label, s.Labels = "c", "prod", []string{"prod"} })},
		{"labeled", edit(func(s *Said) { s.Head, s.Label, s.Labels = "c", "docs", []string{"docs", "prod"} })},
		{"edited", edit(func(s *Said) { s.Head, s.Text = "c", "another" })},
	}
	want := Said{At: at, Head: "c", BaseRef: "main", Text: "another", Labels: []string{"docs", "prod"}}
	rapid.Check(t, func(t *rapid.T) {
		order := append([]told{events[0]}, rapid.Permutation(events[1:]).Draw(t, "order")...)
		if s := hear(State{}, at, order...); s.Pull.Said.Differs(want) != "" {
			t.Fatalf("known is %+v, want %+v", s.Pull.Said, want)
		}
	})
}

// TestMissed: the comparison with GitHub looks at what was judged.
func TestMissed(t *testing.T) {
	at := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	now := Said{At: at, Head: "b", BaseRef: "main", Text: "t", Labels: []string{"prod"}}
	judged := func(of Said) State {
		s := hear(State{}, at, told{"labeled", now})
		return s.After(Entry{Version: 2, At: at,
			Event: Judged{Covers: 1, Head: of.Head, BaseRef: of.BaseRef, Of: &of, Digest: "d",
				Verdict: &Verdict{Head: of.Head, Digest: "d"}}})
	}
	edit := func(change func(*Said)) Said { s := now; change(&s); return s }
	for name, c := range map[string]struct {
		s      State
		listed Said
		missed bool
	}{
		"nothing is known":        {State{}, now, true},
		"it is as it was judged":  {judged(now), now, false},
		"another head was judged": {judged(edit(func(s *Said) { s.Head = "a" })), now, true},
		"another base was judged": {judged(edit(func(s *Said) { s.BaseRef = "sandbox" })), now, true},
		"without its label":       {judged(edit(func(s *Said) { s.Labels = nil })), now, true},
		"as it was before":        {judged(edit(func(s *Said) { s.At, s.Labels = at.Add(-time.Hour), nil })), now, true},
		"the list is behind":      {judged(now), edit(func(s *Said) { s.At, s.Head = at.Add(-time.Second), "a" }), false},
		"the list is newer":       {judged(now), edit(func(s *Said) { s.At, s.Draft = at.Add(time.Second), true }), true},
		"newer, and the same":     {judged(now), edit(func(s *Said) { s.At = at.Add(time.Second) }), false},
		"it waits to be judged":   {hear(State{}, at, told{"labeled", now}), now, false},
		"it waits, and it has moved": {hear(State{}, at, told{"labeled", now}),
			edit(func(s *Said) { s.At, s.Head = at.Add(time.Second), "c" }), true},
	} {
		if got := c.s.Missed(c.listed); got != c.missed {
			t.Errorf("%s: %v", name, got)
		}
	}
}
