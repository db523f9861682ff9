package branch

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
)

var (
	day   = time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)
	human = gate.Actor{Login: "ana", ID: 1, Type: "User"}
	robot = gate.Actor{Login: "devin-ai-integration[bot]", ID: 158243242, Type: "Bot"}
)

func branchOf(pushes ...gate.Push) State {
	return State{}.After(gate.Entry{Version: 1, Event: gate.Pushed{Branch: gate.Subject{Kind: gate.Branch, Name: "b"}, Pushes: pushes}})
}

func TestPushersOfAChange(t *testing.T) {
	for name, c := range map[string]struct {
		pushes []gate.Push
		head   string
		of     []string
		want   []int64
		whole  bool
	}{
		"one": {[]gate.Push{{After: "c1", By: human}}, "c1", []string{"c1"}, []int64{1}, true},
		"an agent before": {[]gate.Push{{After: "c1", By: robot}, {Before: "c1", After: "c2", By: human}}, "c2",
			[]string{"c1", "c2"}, []int64{1, robot.ID}, true},
		"pushed over": {[]gate.Push{{After: "c1", By: robot}, {Before: "c1", After: "d1", By: human, Forced: true}}, "d1",
			[]string{"d1"}, []int64{1, robot.ID}, true},
		"before the change": {[]gate.Push{{Before: "b0", After: "c1", By: human}}, "c1", []string{"c1"}, []int64{1}, true},
		"not before the change": {[]gate.Push{{After: "b0", By: robot}, {Before: "b0", After: "c1", By: human}}, "c1",
			[]string{"c1"}, []int64{1}, true},
		"nothing known":        {nil, "c1", []string{"c1"}, nil, false},
		"the first is missing": {[]gate.Push{{Before: "c1", After: "c2", By: human}}, "c2", []string{"c1", "c2"}, []int64{1}, false},
		"forced over what?":    {[]gate.Push{{Before: "x9", After: "c1", By: human, Forced: true}}, "c1", []string{"c1"}, []int64{1}, false},
		"by nobody":            {[]gate.Push{{After: "c1", By: gate.Actor{Login: "ghost"}}}, "c1", []string{"c1"}, []int64{0}, false},
		"from another branch":  {[]gate.Push{{After: "c2", By: human, Commits: []string{"c2"}}}, "c2", []string{"c1", "c2"}, []int64{1}, false},
		"borrowed from main":   {[]gate.Push{{After: "c2", By: human, Commits: []string{"c2"}}}, "c2", []string{"c2"}, []int64{1}, true},
		"back and forth": {[]gate.Push{{After: "c1", By: human}, {Before: "c1", After: "c2", By: robot},
			{Before: "c2", After: "c1", By: human, Forced: true}},
			"c1", []string{"c1"}, []int64{1, robot.ID}, true},
		"deleted and made anew": {[]gate.Push{{After: "c1", By: robot}, {Before: "c1", By: robot},
			{After: "c1", By: human}}, "c1", []string{"c1"}, []int64{robot.ID, 1}, true},
		"forced, of a branch that began before the record": {[]gate.Push{{Before: "b0", After: "c1", By: human},
			{Before: "c1", After: "d1", By: human, Forced: true}}, "d1", []string{"d1"}, []int64{1}, false},
	} {
		for i, p := range c.pushes {
			c.pushes[i].Untold = p.Commits == nil
		}
		got := branchOf(c.pushes...).Pushers(c.head, c.of)
		var ids []int64
		for _, a := range got.By {
			ids = append(ids, a.ID)
		}
		if !slices.Equal(ids, c.want) || got.Whole != c.whole {
			t.Errorf("%s: %v, whole %v; want %v, %v", name, ids, got.Whole, c.want, c.whole)
		}
	}
}

// What is heard of twice is kept once, with what says more of it.
func TestAPushHeardOfAgain(t *testing.T) {
	s := branchOf(gate.Push{Before: "a", After: "b", By: human, Untold: true},
		gate.Push{Before: "a", After: "b", By: human, Commits: []string{"b"}}, gate.Push{Before: "a", After: "b", By: human, Untold: true})
	if len(s.Pushes) != 1 || s.Pushes[0].Untold || len(s.Pushes[0].Commits) != 1 {
		t.Errorf("%+v", s.Pushes)
	}
}

// Whatever is pushed by whom, in whatever order it is heard of: whoever pushed a
// commit of the change on the branch is found, or the record says that it is not
// whole; and it always ends.
func TestEveryPusherIsFoundOrMissed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pushes []gate.Push
		tip, n := "", 0
		change := []string{}
		by := map[string]bool{}
		for range rapid.IntRange(1, 8).Draw(t, "pushes") {
			n++
			who := rapid.SampledFrom([]gate.Actor{human, robot}).Draw(t, "who")
			after := fmt.Sprint("c", n)
			forced := tip != "" && rapid.IntRange(0, 3).Draw(t, "forced") == 0
			if forced {
				change = change[:rapid.IntRange(0, len(change)).Draw(t, "kept")]
			}
			change = append(change, after)
			pushes = append(pushes, gate.Push{Before: tip, After: after, By: who, Forced: forced, Commits: []string{after}})
			by[who.Login] = true
			tip = after
		}
		heard := rapid.Permutation(pushes).Draw(t, "heard")
		heard = heard[rapid.IntRange(0, len(heard)).Draw(t, "lost"):]
		got := branchOf(heard...).Pushers(tip, change)
		if got.Whole && len(got.By) != len(by) {
			t.Fatalf("of %v only %v are found, and it is said to be whole", by, got.By)
		}
		if !got.Whole && len(heard) == len(pushes) {
			t.Fatalf("every push is on record, and it is said not to be whole: %+v", heard)
		}
	})
}

// What was pushed to a branch that is gone is found by its commits, wherever they
// come again; what is kept of all such branches is bounded, the oldest goes first.
func TestWhatGoneBranchesLeave(t *testing.T) {
	gone := branchOf(gate.Push{After: "c1", By: robot, Commits: []string{"c1"}},
		gate.Push{Before: "c1", After: "c2", By: human, Commits: []string{"c2"}},
		gate.Push{Before: "c2", After: "c3", By: robot, Commits: []string{"c3"}}, gate.Push{Before: "c3", By: human}).Gone()
	any := State{}.After(gate.Entry{Version: 1, Event: gate.Pushed{Branch: gate.AnyBranch(gate.Repo{ID: 1}), Pushes: gone}})
	again := branchOf(gate.Push{After: "c3", By: human, Commits: []string{"c1", "c2", "c3"}})
	found := again.Pushers("c3", []string{"c1", "c2", "c3"})
	found.Lent([]string{"c1", "c2", "c3"}, Brought([]string{"c1", "c2", "c3"}, any, again))
	if !found.Whole || len(found.By) != 2 {
		t.Errorf("pushed by %v, whole %v", found.By, found.Whole)
	}
	lots := make([]string, keptCommits)
	for i := range lots {
		lots[i] = fmt.Sprint("x", i)
	}
	for n := range 2 * keptGone / keptCommits {
		any = any.After(gate.Entry{Event: gate.Pushed{Branch: gate.AnyBranch(gate.Repo{ID: 1}),
			Pushes: []gate.Push{{After: fmt.Sprint(n), By: human, Commits: lots}}}})
	}
	kept := 0
	for _, p := range any.Pushes {
		kept += len(p.Commits)
	}
	if kept != keptGone || any.Pushes[len(any.Pushes)-1].After != fmt.Sprint(2*keptGone/keptCommits-1) {
		t.Errorf("%d commits are kept", kept)
	}
	if first := Brought([]string{"c9"}, branchOf(gate.Push{After: "c9", By: human, Untold: true, At: day.Add(1)}),
		branchOf(gate.Push{After: "c9", By: robot, Untold: true, At: day})); len(first["c9"]) != 1 || first["c9"][0] != robot {
		t.Errorf("c9 was brought by %v", first["c9"])
	}
}
