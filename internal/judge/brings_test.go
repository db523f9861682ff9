package judge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
)

var (
	mergedAt = time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)
	bo       = gate.Actor{Login: "bo", ID: 2, Type: "User"}
)

const strictHere = "version: 1\nextends: [default]\nmode: enforce\n" +
	"needs: { high: { approvals: 1, from: ['@acme/sre'] }, critical: { approvals: 1, from: ['@acme/sre'] } }\n"

// yes is an approval of somebody in some groups.
func yes(by gate.Actor, at time.Time, groups ...string) gate.Choice {
	return gate.Choice{Counted: gate.Counted{By: by, Answer: gate.Approve, Via: gate.ViaButton, Groups: groups}, At: at}
}

// brought is a pull request that brought files, with an agent's verdict.
func brought(number int, paths []string, choices ...gate.Choice) Brought {
	b := Brought{MergedAt: mergedAt, Paths: paths, Choices: choices, Verdict: &gate.Verdict{Agent: gate.Attribution{Is: true},
		Contributors: []gate.Contributor{{Login: "ana", ID: 1, Role: roleOpened}}}}
	b.Number = number
	return b
}

func file(path, text string) change.File {
	f := change.File{Path: path, Status: change.Added, Mode: change.ModeFile, Before: change.NoText(), After: change.TextOf(text)}
	f.After.Blob = path + text
	return f
}

func toRelease(files ...change.File) *change.Change {
	return &change.Change{Repository: "acme/shop", BaseRef: "release", HeadRef: "main", Base: "b", Head: "h",
		Author: change.Actor{Login: "devin-ai-integration[bot]", ID: 158243242, Type: change.Bot}, Files: files}
}

// What is left out is what the rules in force here would have let in as it was
// released; of everything else the reason is said.
func TestWhatIsBroughtAlong(t *testing.T) {
	drop, words := file("db/migrations/1.sql", "DROP TABLE users;\n"), file("docs/a.md", "# A\n")
	approved := yes(bo, mergedAt.Add(-time.Hour), "@acme/sre")
	paths := []string{drop.Path}
	with := func(b Brought, do func(*Brought)) Brought { do(&b); return b }
	for name, tc := range map[string]struct {
		rules  string
		part   Brought
		do     func(*Bringing, *change.Change)
		counts gate.FullWhy
	}{
		"approved":                     {part: brought(1, paths, approved)},
		"nobody approved":              {part: brought(1, paths), counts: gate.CountsMoreAsked},
		"somebody of another group":    {part: brought(1, paths, yes(bo, mergedAt.Add(-time.Hour), "@acme/dev")), counts: gate.CountsMoreAsked},
		"approved once it had gone in": {part: brought(1, paths, yes(bo, mergedAt.Add(time.Minute), "@acme/sre")), counts: gate.CountsMoreAsked},
		"approved in that second":      {part: brought(1, paths, yes(bo, mergedAt.Add(time.Second/2), "@acme/sre"))},
		"by who had a part": {part: brought(1, paths, yes(gate.Actor{Login: "ana", ID: 1}, mergedAt.Add(-time.Hour), "@acme/sre")),
			counts: gate.CountsMoreAsked},
		"an override": {part: brought(1, paths, with2(approved, gate.Override)), counts: gate.CountsMoreAsked},
		"more is asked here": {rules: strings.ReplaceAll(strictHere, "approvals: 1", "approvals: 2"), part: brought(1, paths, approved),
			counts: gate.CountsMoreAsked},
		"another channel is asked here": {rules: strings.ReplaceAll(strictHere, "approvals: 1", "via: [passkey], approvals: 1"),
			part: brought(1, paths, approved), counts: gate.CountsMoreAsked},
		"an approval lasts less here": {rules: strings.ReplaceAll(strictHere, "approvals: 1", "expires: 30m, approvals: 1"),
			part: brought(1, paths, approved), counts: gate.CountsMoreAsked},
		"a person's, which no rule is for": {part: with(brought(1, paths), func(b *Brought) { b.Verdict.Agent.Is = false })},
		"a person has to be proven here": {rules: strictHere + "agents: { presume: agent }\n",
			part: with(brought(1, paths), func(b *Brought) { b.Verdict.Agent.Is = false }), counts: gate.CountsMoreAsked},
		"no verdict":          {part: with(brought(1, paths, approved), func(b *Brought) { b.Verdict = nil }), counts: gate.CountsMoreAsked},
		"nobody knows when":   {part: with(brought(1, paths, approved), func(b *Brought) { b.MergedAt = time.Time{} }), counts: gate.CountsMoreAsked},
		"it is said to count": {part: with(brought(1, paths, approved), func(b *Brought) { b.Counts = gate.CountsHeld }), counts: gate.CountsHeld},
		"not its file":        {part: brought(1, []string{"docs/a.md", "db/migrations/2.sql"}, approved), counts: ""},
		"something else was done": {part: brought(1, paths, approved), counts: gate.CountsMixed,
			do: func(b *Bringing, _ *change.Change) { b.Whole = false }},
		"something else, elsewhere": {part: brought(1, paths, approved),
			do: func(b *Bringing, _ *change.Change) { b.Whole, b.Same = false, map[string]bool{drop.Path: true} }},
		"its mode may be another": {part: brought(1, paths, approved), counts: gate.CountsMixed, do: func(b *Bringing, c *change.Change) {
			b.Whole, b.Same, c.Files[0].Mode = false, map[string]bool{drop.Path: true}, change.ModeExecutable
		}},
		"its content is not known": {part: brought(1, paths, approved), counts: gate.CountsMixed,
			do: func(_ *Bringing, c *change.Change) { c.Files[0].After.Blob = "" }},
		"renamed from another's": {part: brought(1, paths, approved),
			do: func(_ *Bringing, c *change.Change) {
				c.Files[0].Status, c.Files[0].PreviousPath, c.Files[0].Before = change.Renamed, "x.sql", change.TextOf("x\n")
			}},
	} {
		if tc.rules == "" {
			tc.rules = strictHere
		}
		b, c := &Bringing{Parts: []Brought{tc.part}, Whole: true}, toRelease(drop, words)
		if tc.do != nil {
			tc.do(b, c)
		}
		r := layered(t, "", tc.rules)
		v := Bring(r, c, b)
		wantsNew, notTheirs := 2, name == "not its file" || name == "renamed from another's"
		switch {
		case name == "not its file":
			wantsNew = 1
		case tc.counts == "" && !notTheirs:
			wantsNew = 1
		}
		if v.Brings == nil || v.Brings.Pulls[0].Counts != tc.counts || v.Brings.New != wantsNew || len(v.Brings.Left) != 2-wantsNew {
			t.Errorf("%s: %+v", name, v.Brings)
			continue
		}
		if held := wantsNew == 2 || notTheirs; v.Held != held {
			t.Errorf("%s: held %v: %s", name, v.Held, v.Reason)
		}
		if full := Change(r, c); v.Digest == full.Digest || v.Read != full.Read || v.Agent.Is != full.Agent.Is ||
			!slices.Equal(names(v.Contributors), names(full.Contributors)) {
			t.Errorf("%s: it is not of the whole", name)
		}
	}
}

func names(all []gate.Contributor) (out []string) {
	for _, c := range all {
		out = append(out, c.Login)
	}
	return out
}

func with2(c gate.Choice, answer gate.Answer) gate.Choice {
	c.Answer = answer
	return c
}

// The rules that the gate goes by are never left out.
func TestRulesAreNeverLeftOut(t *testing.T) {
	rules := file(".github/gatehold.yml", "version: 1\nmode: observe\n")
	c := toRelease(rules)
	v := Bring(layered(t, "", strictHere), c, &Bringing{Whole: true,
		Parts: []Brought{brought(1, []string{rules.Path}, yes(bo, mergedAt.Add(-time.Hour), "@acme/sre"))}})
	if v.Brings.New != 1 || len(v.Brings.Left) != 0 || !v.Held {
		t.Errorf("%+v, held %v", v.Brings, v.Held)
	}
}

// Two releases, of staging and of production, are no crossing; what is new on one
// side is one, with what is left out on the other.
func TestBoundariesStaySeparate(t *testing.T) {
	r := layered(t, "", strictHere+"boundaries: { staging: { paths: ['envs/staging/**'] }, production: { paths: ['envs/production/**'] } }\n"+
		"separate: [[staging, production]]\n")
	staging, production, docs := file("envs/staging/a", "1\n"), file("envs/production/a", "1\n"), file("docs/a.md", "# A\n")
	crossed := func(v gate.Verdict) bool {
		return slices.ContainsFunc(v.Findings, func(f gate.Finding) bool { return strings.Contains(observationOf(f), "cross") })
	}
	one := func(f change.File, number int) Brought { return brought(number, []string{f.Path}) }
	if !crossed(Change(r, toRelease(staging, production))) {
		t.Fatal("what crosses is not seen to")
	}
	both := &Bringing{Whole: true, Parts: []Brought{one(staging, 1), one(production, 2)}}
	if v := Bring(r, toRelease(staging, production, docs), both); crossed(v) || len(v.Brings.Left) != 2 {
		t.Errorf("two that were released: %+v, %+v", v.Brings, v.Findings)
	}
	if v := Bring(r, toRelease(staging, production, docs), &Bringing{Whole: true, Parts: []Brought{one(staging, 1)}}); !crossed(v) {
		t.Errorf("production is new, beside what goes to staging: %+v", v.Findings)
	}
	together := brought(1, []string{staging.Path, production.Path})
	if v := Bring(r, toRelease(staging, production), &Bringing{Whole: true, Parts: []Brought{together}}); !crossed(v) {
		t.Errorf("one that crossed, and that nobody approved: %+v", v.Findings)
	}
}

// A merge group leaves out what its pull request did, where it is the very same.
func TestTheQueueLeavesOutTheSame(t *testing.T) {
	r := layered(t, "", strictHere)
	drop, words := file("db/migrations/1.sql", "DROP TABLE users;\n"), file("docs/a.md", "# A\n")
	pull := Bring(r, toRelease(drop, words), &Bringing{Whole: true,
		Parts: []Brought{brought(1, []string{drop.Path}, yes(bo, mergedAt.Add(-time.Hour), "@acme/sre"))}})
	if v := InQueue(r, toRelease(drop, words), pull.Brings); v.Held || len(v.Brings.Left) != 1 || v.Brings.New != 1 {
		t.Errorf("the same: %+v, %s", v.Brings, v.Reason)
	}
	if v := InQueue(r, toRelease(file(drop.Path, "DROP TABLE orders;\n"), words), pull.Brings); !v.Held || len(v.Brings.Left) != 0 {
		t.Errorf("another text: %+v, %s", v.Brings, v.Reason)
	}
	if v, full := InQueue(r, toRelease(drop), nil), Change(r, toRelease(drop)); v.Digest != full.Digest {
		t.Error("of a pull request that brings nothing, something is left out")
	}
}

// Whatever is left out, and by whatever rules: what is new comes to no less than
// alone, the whole to no more than in full, and whose it is stays the same.
func TestLeavingOutNeverLowersWhatIsNew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rulestest.DrawFile(t, "repo")
		r := mustCompile(t, nil, rulestest.MustParse(t, "repository", text))
		c := drawChange(t)
		for i := range c.Files {
			if f := &c.Files[i]; rulestest.Chance(t, "blob", 90) {
				f.Before.Blob, f.After.Blob = "b"+f.Before.Body, "b"+f.After.Body
			}
		}
		b := &Bringing{Whole: rulestest.Chance(t, "whole", 70), Same: map[string]bool{}}
		for n := range rapid.IntRange(0, 3).Draw(t, "parts") {
			p := brought(n+1, nil)
			p.Verdict.Agent.Is = rulestest.Chance(t, "part of an agent", 60)
			for _, f := range c.Files {
				if rulestest.Chance(t, "its file", 50) {
					p.Paths = append(p.Paths, f.Path)
				}
				b.Same[f.Path] = b.Same[f.Path] || rulestest.Chance(t, "same", 50)
			}
			for range rapid.IntRange(0, 2).Draw(t, "choices") {
				groups := []string{rulestest.OneOf(t, "group", rulestest.SomePeople...), gate.WriteAccess}
				p.Choices = append(p.Choices, yes(gate.Actor{Login: rulestest.OneOf(t, "who", "bo", "cy"), ID: 2}, mergedAt, groups...))
			}
			if rulestest.Chance(t, "counts", 20) {
				p.Counts = gate.CountsHeld
			}
			b.Parts = append(b.Parts, p)
		}
		full, got := Change(r, c), Bring(r, c, b)
		if len(b.Parts) == 0 {
			if got.Digest != full.Digest || got.Brings != nil {
				t.Fatalf("nothing is brought, and it is another verdict: %+v", got.Brings)
			}
			return
		}
		fresh := *c
		fresh.Files = slices.DeleteFunc(slices.Clone(c.Files), func(f change.File) bool { return slices.Contains(got.Brings.Left, leftPrint(&f)) })
		alone := Change(r, &fresh)
		switch {
		case got.Brings.New != len(fresh.Files):
			t.Fatalf("%d files are new, and %d are said to be", len(fresh.Files), got.Brings.New)
		case got.Score < alone.Score, got.Level.Rank() < alone.Level.Rank(), alone.Held && !got.Held:
			t.Fatalf("with what it brings %d %s, alone %d %s\n%s", got.Score, got.Level, alone.Score, alone.Level, text)
		case got.Score > full.Score, got.Held && !full.Held:
			t.Fatalf("left out %d %s, in full %d %s\n%s", got.Score, got.Level, full.Score, full.Level, text)
		case got.Agent.Is != full.Agent.Is, !slices.Equal(names(got.Contributors), names(full.Contributors)):
			t.Fatal("it is another's")
		}
	})
}
