package gate

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var (
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
