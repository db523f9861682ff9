package judge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
)

func drawChange(t *rapid.T) *change.Change {
	c := &change.Change{Repository: "acme/shop", BaseRef: "main", Author: change.Actor{Login: "ana", ID: 1, Type: change.User}}
	if rulestest.Chance(t, "agent", 70) {
		c.HeadRef = "copilot/x"
	}
	seen := map[string]bool{}
	for range rapid.IntRange(0, 6).Draw(t, "files") {
		f := drawFileChange(t)
		if !seen[f.Path] {
			seen[f.Path] = true
			c.Files = append(c.Files, f)
		}
	}
	if c.Owners.State = change.RulesAbsent; rulestest.Chance(t, "code owners", 80) {
		c.Owners = drawOwners(t)
	}
	if rulestest.Chance(t, "gap", 10) {
		c.Gaps = []string{"something"}
	}
	return c
}

func drawFileChange(t *rapid.T) change.File {
	f := change.File{Path: rulestest.OneOf(t, "file", rulestest.SomePaths...), Mode: change.ModeFile, PreviousMode: change.ModeFile}
	f.Status = rapid.SampledFrom([]change.Status{change.Added, change.Modified, change.Removed, change.Renamed}).Draw(t, "status")
	f.Before, f.After = change.TextOf("x\n"),
		change.TextOf(rulestest.OneOf(t, "text", "y\n", "DROP TABLE users\n", "CREATE INDEX i\nDROP TABLE a\n", "PANIC\n"))
	switch f.Status {
	case change.Added:
		f.Before = change.NoText()
	case change.Removed:
		f.After = change.NoText()
	case change.Renamed:
		f.PreviousPath = rulestest.OneOf(t, "old", rulestest.SomePaths...)
	}
	return f
}

// The organisation's file is a floor: whatever a repository writes, no verdict
// is weaker than by the organisation's file alone. Where the repository's rules
// raise the level, what the organisation asks for at that level is the floor.
func TestRepositoryNeverWeakens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		orgText, repoText := rulestest.DrawFile(t, "org"), rulestest.DrawFile(t, "repo")
		org := rulestest.MustParse(t, "organisation", orgText)
		repo := rulestest.MustParse(t, "repository", repoText)
		c := drawChange(t)
		orgRules := mustCompile(t, org, nil)
		alone, merged := Change(orgRules, c), Change(mustCompile(t, org, repo), c)
		fail := func(what string) {
			t.Fatalf("%s\norganisation alone: %+v\nmerged: %+v\n--- organisation\n%s--- repository\n%s", what, alone, merged,
				orgText, repoText)
		}
		switch {
		case merged.Score < alone.Score:
			fail("the score fell")
		case merged.Level.Rank() < alone.Level.Rank():
			fail("the level fell")
		case alone.Held && !merged.Held:
			fail("it is not held any more")
		case alone.Agent.Is && !merged.Agent.Is:
			fail("it is not an agent's any more")
		}
		for _, need := range needsAt(orgRules, alone, merged.Level) {
			need, _ = (&judgement{change: c}).ownedNeed(need, &alone)
			if merged.Needs == nil || !rulestest.MeetsBoth(*merged.Needs, *need) {
				fail("less is needed than " + report.Need(need))
			}
		}
	})
}

// needsAt are the needs that rules ask for, had their findings been of this
// level: the level's, and each rule's.
func needsAt(r *policy.Rules, v gate.Verdict, level gate.Level) []*gate.Need {
	if v.Needs == nil {
		return nil
	}
	needs := []*gate.Need{r.Needs[level.Rank()]}
	if len(v.Problems) > 0 {
		needs = append(needs, r.Incomplete)
	}
	for _, f := range v.Findings {
		for _, rule := range r.Active {
			if rule.FullID != f.Rule || f.Observe {
				continue
			}
			needs = append(needs, rule.Need)
			if rule.NeedOf != "" {
				needs = append(needs, r.Needs[rule.NeedOf.Rank()])
			}
		}
	}
	return slices.DeleteFunc(needs, func(n *gate.Need) bool { return n == nil })
}

// Adding a file never lowers the score or the level, and never releases.
func TestMoreIsNeverLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rulestest.DrawFile(t, "repo")
		r := mustCompile(t, nil, rulestest.MustParse(t, "repository", text))
		c := drawChange(t)
		less := Change(r, c)
		bigger := *c
		f := drawFileChange(t)
		if slices.ContainsFunc(c.Files, func(x change.File) bool { return x.Path == f.Path }) {
			f.Path = "new/" + f.Path
		}
		bigger.Files = append(slices.Clone(c.Files), f)
		more := Change(r, &bigger)
		if more.Score < less.Score || more.Level.Rank() < less.Level.Rank() || less.Held && !more.Held {
			t.Fatalf("with %s: %d %s, without: %d %s\n%s", f.Path, more.Score, more.Level, less.Score, less.Level, text)
		}
	})
}

// The same input gives the same bytes, whatever the order of the files; and
// the input is left as it was.
func TestDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rulestest.DrawFile(t, "repo")
		c := drawChange(t)
		before := fmt.Sprintf("%+v", c)
		first := fmt.Sprintf("%+v", printable(Change(mustCompile(t, nil, rulestest.MustParse(t, "repository", text)), c)))
		if after := fmt.Sprintf("%+v", c); after != before {
			t.Fatalf("judging altered the change:\n%s\n%s", before, after)
		}
		shuffled := *c
		shuffled.Files = rapid.Permutation(c.Files).Draw(t, "order")
		second := fmt.Sprintf("%+v", printable(Change(mustCompile(t, nil, rulestest.MustParse(t, "repository", text)), &shuffled)))
		if first != second {
			t.Fatalf("two verdicts on one change:\n%s\n%s", first, second)
		}
	})
}

// printable follows the pointers of a verdict.
func printable(v gate.Verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %d %s %v %s %v\n", v.Digest, v.Rules.Digest, v.Score, v.Level, v.Held, v.Reason, v.Problems)
	if v.Needs != nil {
		fmt.Fprintf(&b, "%+v", *v.Needs)
	}
	for _, f := range v.Findings {
		fmt.Fprintf(&b, "\n%s %s %d %s", f.Rule, observationOf(f), f.Risk, f.Message)
	}
	return b.String()
}

// The score is what the formula says, whatever the order.
func TestScore(t *testing.T) {
	for _, c := range []struct {
		risks []int
		want  int
	}{
		{nil, 0}, {[]int{1}, 1}, {[]int{100}, 100}, {[]int{100, 100}, 100}, {[]int{30, 30, 30}, 49}, {[]int{39, 39, 39, 39}, 49}, {[]int{40, 30}, 58}, {[]int{40, 15}, 49},
		{[]int{50, 50}, 75}, {[]int{5, 10}, 15}, // 14.5, halves up
		{slices.Repeat([]int{1}, 500), 49}, {slices.Repeat([]int{99}, 100), 100},
	} {
		if got := scoreOf(c.risks); got != c.want {
			t.Errorf("%v: %d, want %d", c.risks, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		risks := rapid.SliceOfN(rapid.IntRange(1, 100), 0, 30).Draw(t, "risks")
		score := scoreOf(risks)
		if turned := scoreOf(rapid.Permutation(risks).Draw(t, "order")); turned != score {
			t.Fatalf("%d in one order, %d in another", score, turned)
		}
		if more := scoreOf(append(risks, rapid.IntRange(1, 100).Draw(t, "one more"))); more < score || more > 100 {
			t.Fatalf("%d became %d with one rule more", score, more)
		}
		if len(risks) > 0 && score < slices.Max(risks) {
			t.Fatalf("%d is less than the highest of %v", score, risks)
		}
		if len(risks) > 0 && slices.Max(risks) < gate.GraveFrom && score >= HighFrom {
			t.Fatalf("%v comes to %d, and none of it is grave", risks, score)
		}
	})
}

func mustCompile(t interface{ Fatalf(string, ...any) }, org, repo *rulesfile.File) *policy.Rules {
	r, err := policy.CompileWith(org, repo, rulestest.Toys)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return r
}
