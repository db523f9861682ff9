package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"pgregory.net/rapid"
)

// Small alphabets, so that rules, files and people meet often.
var (
	somePaths = []string{"a", "b", "db/1.sql", "db/2.sql", "db/README.md", "envs/prod/x", "envs/stage/x",
		".github/workflows/ci.yml", "docs/x.md", "DB/3.SQL"}
	somePatterns = []string{"**", "a", "b", "db/**", "**/*.sql", "envs/**", "**/*.md", "envs/{prod,stage}/*", "[a-c]"}
	somePeople   = []string{"@ana", "@acme/dev", "@acme/sre", "role:write", "role:maintain", "codeowners"}
	someLevels   = []string{"low", "medium", "high", "critical"}
)

func oneOf(t *rapid.T, label string, words ...string) string {
	return rapid.SampledFrom(words).Draw(t, label)
}

func chance(t *rapid.T, label string, percent int) bool {
	return rapid.IntRange(1, 100).Draw(t, label) <= percent
}

func drawNeed(t *rapid.T, depth int) string {
	if depth < 2 && chance(t, "group", 20) {
		var members []string
		for range rapid.IntRange(1, 2).Draw(t, "members") {
			members = append(members, drawNeed(t, depth+1))
		}
		return fmt.Sprintf("{ %s: [%s] }", oneOf(t, "kind", "all", "any"), strings.Join(members, ", "))
	}
	out := fmt.Sprintf("{ approvals: %d", rapid.IntRange(1, 2).Draw(t, "approvals"))
	if chance(t, "from", 50) {
		out += fmt.Sprintf(", from: [%q, %q]", oneOf(t, "who", somePeople...), oneOf(t, "or", somePeople...))
	}
	channel := ""
	if chance(t, "via", 30) {
		channel = oneOf(t, "channel", "button", "passkey", "cli")
		out += ", via: [" + channel + "]"
	}
	if chance(t, "expires", 30) {
		out += ", expires: " + oneOf(t, "after", "1h", "24h")
	}
	if chance(t, "reason", 30) && channel != "button" { // which carries none
		out += ", reason: required"
	}
	return out + " }"
}

func drawRule(t *rapid.T, id string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  - id: %s\n    title: Rule %s\n", id, id)
	kind := oneOf(t, "sort", "paths", "detect", "both", "change")
	if kind == "paths" || kind == "both" {
		fmt.Fprintf(&b, "    paths: [%q, %q]\n", oneOf(t, "path", somePatterns...), oneOf(t, "path too", somePatterns...))
	}
	if kind == "detect" || kind == "both" {
		fmt.Fprintf(&b, "    detect: [%q]\n", oneOf(t, "detect", "sql/*", "sql/drop-table", "shape/*"))
	}
	if kind == "change" {
		b.WriteString("    branches: [\"**\"]\n")
	}
	if kind == "paths" || kind == "change" || chance(t, "own risk", 40) {
		fmt.Fprintf(&b, "    risk: %d\n", rapid.IntRange(1, 100).Draw(t, "risk"))
	}
	if chance(t, "level", 20) {
		fmt.Fprintf(&b, "    level: %s\n", oneOf(t, "floor", someLevels...))
	}
	if chance(t, "everyone", 30) {
		b.WriteString("    for: everyone\n")
	}
	if chance(t, "observe", 15) {
		b.WriteString("    mode: observe\n")
	}
	if chance(t, "need", 20) {
		fmt.Fprintf(&b, "    need: %s\n", oneOf(t, "need", "high", drawNeed(t, 1)))
	}
	return b.String()
}

// drawFile writes a rules file. Ids begin with who, and adjustments name rules
// of packs and of the other file.
func drawFile(t *rapid.T, who string) string {
	var b strings.Builder
	b.WriteString("version: 1\n")
	if chance(t, "extends", 70) {
		fmt.Fprintf(&b, "extends: [%s]\n", oneOf(t, "packs", "", "migrations", "default", "minimal, shape"))
	}
	if chance(t, "mode", 50) {
		fmt.Fprintf(&b, "mode: %s\n", oneOf(t, "which mode", "observe", "enforce"))
	}
	if chance(t, "presume", 30) {
		fmt.Fprintf(&b, "agents: { presume: %s }\n", oneOf(t, "whom", "agent", "human"))
	}
	if chance(t, "boundaries", 30) {
		b.WriteString("boundaries: { prod: { paths: [\"envs/prod/**\"] }, data: { detect: [\"sql/*\"], paths: [\"db/**\"] } " +
			"}\nseparate: [[prod, data]]\n")
	}
	if n := rapid.IntRange(0, 4).Draw(t, "rules"); n > 0 {
		b.WriteString("rules:\n")
		for i := range n {
			b.WriteString(drawRule(t, fmt.Sprintf("%s%d", who, i)))
		}
	}
	if chance(t, "adjust", 50) {
		b.WriteString("adjust:\n  secrets/files: { risk: 30 }\n")
		for _, id := range []string{"org0", "org1", "migrations/sql", "migrations/files", "gate/rules-file"} {
			if strings.HasPrefix(id, who) || !chance(t, "adjust "+id, 40) {
				continue
			}
			switch rapid.IntRange(1, 4).Draw(t, "what") {
			case 1:
				fmt.Fprintf(&b, "  %s: { mode: %s }\n", id, oneOf(t, "to", "observe", "enforce"))
			case 2:
				fmt.Fprintf(&b, "  %s: { risk: %d }\n", id, rapid.IntRange(1, 100).Draw(t, "to risk"))
			case 3:
				fmt.Fprintf(&b, "  %s: { level: %s, for: everyone }\n", id, oneOf(t, "to level", someLevels...))
			default:
				fmt.Fprintf(&b, "  %s: { need: %s }\n", id, drawNeed(t, 1))
			}
		}
	}
	if chance(t, "needs", 60) {
		b.WriteString("needs:\n")
		held := false
		for _, level := range someLevels {
			switch {
			case chance(t, "need of "+level, 40):
				held = true
				fmt.Fprintf(&b, "  %s: %s\n", level, drawNeed(t, 0))
			case !held:
				fmt.Fprintf(&b, "  %s: none\n", level)
			}
		}
	}
	return b.String()
}

func drawChange(t *rapid.T) *change.Change {
	c := &change.Change{Repository: "acme/shop", BaseRef: "main", Author: change.Actor{Login: "ana", ID: 1, Type: change.User}}
	if chance(t, "agent", 70) {
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
	if c.Owners.State = change.RulesAbsent; chance(t, "code owners", 80) {
		c.Owners = drawOwners(t)
	}
	if chance(t, "gap", 10) {
		c.Gaps = []string{"something"}
	}
	return c
}

func drawFileChange(t *rapid.T) change.File {
	f := change.File{Path: oneOf(t, "file", somePaths...), Mode: change.ModeFile, PreviousMode: change.ModeFile}
	f.Status = rapid.SampledFrom([]change.Status{change.Added, change.Modified, change.Removed, change.Renamed}).Draw(t, "status")
	f.Before, f.After = change.TextOf("x\n"),
		change.TextOf(oneOf(t, "text", "y\n", "DROP TABLE users\n", "CREATE INDEX i\nDROP TABLE a\n", "PANIC\n"))
	switch f.Status {
	case change.Added:
		f.Before = change.NoText()
	case change.Removed:
		f.After = change.NoText()
	case change.Renamed:
		f.PreviousPath = oneOf(t, "old", somePaths...)
	}
	return f
}

func mustParse(t interface{ Fatalf(string, ...any) }, name, text string) *File {
	f, err := parse(Source{Name: name, Text: []byte(text)}, toys, packRuleIDs)
	if err != nil {
		t.Fatalf("%v\nin:\n%s", err, text)
	}
	return f
}

func mustCompile(t interface{ Fatalf(string, ...any) }, org, repo *File) *Rules {
	r, err := compile(org, repo, toys)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return r
}

// The organisation's file is a floor: whatever a repository writes, no verdict
// is weaker than by the organisation's file alone. Where the repository's rules
// raise the level, what the organisation asks for at that level is the floor.
func TestRepositoryNeverWeakens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		orgText, repoText := drawFile(t, "org"), drawFile(t, "repo")
		org := mustParse(t, "organisation", orgText)
		repo := mustParse(t, "repository", repoText)
		c := drawChange(t)
		orgRules := mustCompile(t, org, nil)
		alone, merged := orgRules.Judge(c), mustCompile(t, org, repo).Judge(c)
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
			if merged.Needs == nil || !meetsBoth(*merged.Needs, *need) {
				fail("less is needed than " + sayNeed(need))
			}
		}
	})
}

// needsAt are the needs that rules ask for, had their findings been of this
// level: the level's, and each rule's.
func needsAt(r *Rules, v gate.Verdict, level gate.Level) []*gate.Need {
	if v.Needs == nil {
		return nil
	}
	needs := []*gate.Need{r.needs[level.Rank()]}
	if len(v.Problems) > 0 {
		needs = append(needs, r.incomplete)
	}
	for _, f := range v.Findings {
		for _, rule := range r.rules {
			if rule.id != f.Rule || f.Observe {
				continue
			}
			needs = append(needs, rule.Need)
			if rule.NeedOf != "" {
				needs = append(needs, r.needs[rule.NeedOf.Rank()])
			}
		}
	}
	return slices.DeleteFunc(needs, func(n *gate.Need) bool { return n == nil })
}

// Adding a file never lowers the score or the level, and never releases.
func TestMoreIsNeverLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawFile(t, "repo")
		r := mustCompile(t, nil, mustParse(t, "repository", text))
		c := drawChange(t)
		less := r.Judge(c)
		bigger := *c
		f := drawFileChange(t)
		if slices.ContainsFunc(c.Files, func(x change.File) bool { return x.Path == f.Path }) {
			f.Path = "new/" + f.Path
		}
		bigger.Files = append(slices.Clone(c.Files), f)
		more := r.Judge(&bigger)
		if more.Score < less.Score || more.Level.Rank() < less.Level.Rank() || less.Held && !more.Held {
			t.Fatalf("with %s: %d %s, without: %d %s\n%s", f.Path, more.Score, more.Level, less.Score, less.Level, text)
		}
	})
}

// The same input gives the same bytes, whatever the order of the files; and
// the input is left as it was.
func TestDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawFile(t, "repo")
		c := drawChange(t)
		before := fmt.Sprintf("%+v", c)
		first := fmt.Sprintf("%+v", printable(mustCompile(t, nil, mustParse(t, "repository", text)).Judge(c)))
		if after := fmt.Sprintf("%+v", c); after != before {
			t.Fatalf("judging altered the change:\n%s\n%s", before, after)
		}
		shuffled := *c
		shuffled.Files = rapid.Permutation(c.Files).Draw(t, "order")
		second := fmt.Sprintf("%+v", printable(mustCompile(t, nil, mustParse(t, "repository", text)).Judge(&shuffled)))
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
		b.Write(encodeNeed(*v.Needs))
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
		{nil, 0}, {[]int{1}, 1}, {[]int{100}, 100}, {[]int{100, 100}, 100}, {[]int{30, 30, 30}, 66},
		{[]int{50, 50}, 75}, {[]int{5, 10}, 15}, // 14.5, halves up
		{slices.Repeat([]int{1}, 500), 99}, {slices.Repeat([]int{99}, 100), 100},
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
	})
}
