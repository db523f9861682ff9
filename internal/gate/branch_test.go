package gate

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	day   = time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)
	human = Actor{Login: "ana", ID: 1, Type: "User"}
	robot = Actor{Login: "devin-ai-integration[bot]", ID: 158243242, Type: "Bot"}
)

func branchOf(pushes ...Push) BranchState {
	return BranchState{}.After(Entry{Version: 1, Event: Pushed{Branch: Subject{Kind: Branch, Name: "b"}, Pushes: pushes}})
}

func TestPushersOfAChange(t *testing.T) {
	for name, c := range map[string]struct {
		pushes []Push
		head   string
		of     []string
		want   []int64
		whole  bool
	}{
		"one": {[]Push{{After: "c1", By: human}}, "c1", []string{"c1"}, []int64{1}, true},
		"an agent before": {[]Push{{After: "c1", By: robot}, {Before: "c1", After: "c2", By: human}}, "c2",
			[]string{"c1", "c2"}, []int64{1, robot.ID}, true},
		"pushed over": {[]Push{{After: "c1", By: robot}, {Before: "c1", After: "d1", By: human, Forced: true}}, "d1",
			[]string{"d1"}, []int64{1, robot.ID}, true},
		"before the change": {[]Push{{Before: "b0", After: "c1", By: human}}, "c1", []string{"c1"}, []int64{1}, true},
		"not before the change": {[]Push{{After: "b0", By: robot}, {Before: "b0", After: "c1", By: human}}, "c1",
			[]string{"c1"}, []int64{1}, true},
		"nothing known":        {nil, "c1", []string{"c1"}, nil, false},
		"the first is missing": {[]Push{{Before: "c1", After: "c2", By: human}}, "c2", []string{"c1", "c2"}, []int64{1}, false},
		"forced over what?":    {[]Push{{Before: "x9", After: "c1", By: human, Forced: true}}, "c1", []string{"c1"}, []int64{1}, false},
		"by nobody":            {[]Push{{After: "c1", By: Actor{Login: "ghost"}}}, "c1", []string{"c1"}, []int64{0}, false},
		"from another branch":  {[]Push{{After: "c2", By: human, Commits: []string{"c2"}}}, "c2", []string{"c1", "c2"}, []int64{1}, false},
		"borrowed from main":   {[]Push{{After: "c2", By: human, Commits: []string{"c2"}}}, "c2", []string{"c2"}, []int64{1}, true},
		"back and forth": {[]Push{{After: "c1", By: human}, {Before: "c1", After: "c2", By: robot},
			{Before: "c2", After: "c1", By: human, Forced: true}},
			"c1", []string{"c1"}, []int64{1, robot.ID}, true},
		"deleted and made anew": {[]Push{{After: "c1", By: robot}, {Before: "c1", By: robot},
			{After: "c1", By: human}}, "c1", []string{"c1"}, []int64{robot.ID, 1}, true},
		"forced, of a branch that began before the record": {[]Push{{Before: "b0", After: "c1", By: human},
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
	s := branchOf(Push{Before: "a", After: "b", By: human, Untold: true},
		Push{Before: "a", After: "b", By: human, Commits: []string{"b"}}, Push{Before: "a", After: "b", By: human, Untold: true})
	if len(s.Pushes) != 1 || s.Pushes[0].Untold || len(s.Pushes[0].Commits) != 1 {
		t.Errorf("%+v", s.Pushes)
	}
}

// Whatever is pushed by whom, in whatever order it is heard of: whoever pushed a
// commit of the change on the branch is found, or the record says that it is not
// whole; and it always ends.
func TestEveryPusherIsFoundOrMissed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pushes []Push
		tip, n := "", 0
		change := []string{}
		by := map[string]bool{}
		for range rapid.IntRange(1, 8).Draw(t, "pushes") {
			n++
			who := rapid.SampledFrom([]Actor{human, robot}).Draw(t, "who")
			after := fmt.Sprint("c", n)
			forced := tip != "" && rapid.IntRange(0, 3).Draw(t, "forced") == 0
			if forced {
				change = change[:rapid.IntRange(0, len(change)).Draw(t, "kept")]
			}
			change = append(change, after)
			pushes = append(pushes, Push{Before: tip, After: after, By: who, Forced: forced, Commits: []string{after}})
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
	gone := branchOf(Push{After: "c1", By: robot, Commits: []string{"c1"}},
		Push{Before: "c1", After: "c2", By: human, Commits: []string{"c2"}},
		Push{Before: "c2", After: "c3", By: robot, Commits: []string{"c3"}}, Push{Before: "c3", By: human}).Gone()
	any := BranchState{}.After(Entry{Version: 1, Event: Pushed{Branch: AnyBranch(Repo{ID: 1}), Pushes: gone}})
	again := branchOf(Push{After: "c3", By: human, Commits: []string{"c1", "c2", "c3"}})
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
		any = any.After(Entry{Event: Pushed{Branch: AnyBranch(Repo{ID: 1}),
			Pushes: []Push{{After: fmt.Sprint(n), By: human, Commits: lots}}}})
	}
	kept := 0
	for _, p := range any.Pushes {
		kept += len(p.Commits)
	}
	if kept != keptGone || any.Pushes[len(any.Pushes)-1].After != fmt.Sprint(2*keptGone/keptCommits-1) {
		t.Errorf("%d commits are kept", kept)
	}
	if first := Brought([]string{"c9"}, branchOf(Push{After: "c9", By: human, Untold: true, At: day.Add(1)}),
		branchOf(Push{After: "c9", By: robot, Untold: true, At: day})); len(first["c9"]) != 1 || first["c9"][0] != robot {
		t.Errorf("c9 was brought by %v", first["c9"])
	}
}
