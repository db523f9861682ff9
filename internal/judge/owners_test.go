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
	"github.com/gatehold/gatehold/internal/proptest"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
)

// drawOwners writes a CODEOWNERS in which files share owners, have several, one
// or none, or only such as GitHub cannot be asked about.
func drawOwners(t *rapid.T) change.RulesFile {
	var b strings.Builder
	patterns := append(slices.Clone(rulestest.SomePaths), "*", "/db/", "*.md", "/envs/")
	for range rapid.IntRange(0, 6).Draw(t, "lines") {
		b.WriteString(rulestest.OneOf(t, "owned", patterns...))
		for range rapid.IntRange(0, 2).Draw(t, "owners") {
			b.WriteString(" " + rulestest.OneOf(t, "owner", "@ana", "@Bo", "@acme/dev", "@acme/sre", "x@acme.example", "@other/team"))
		}
		b.WriteByte('\n')
	}
	return change.RulesFile{State: change.RulesFound, Text: []byte(b.String())}
}

// A file more never makes easier what code owners have to approve; the order of
// files does not matter.
func TestCodeOwnersOfMoreFilesAreNeverLess(t *testing.T) {
	proptest.Check(t, func(t *rapid.T, came func(string)) {
		text := rulestest.DrawNeed(t, 1)
		if rulestest.Chance(t, "owners alone", 50) {
			text = "{ approvals: 1, from: [codeowners] }"
		}
		file := rulestest.MustParse(t, "rules", "version: 1\nneeds: { low: "+text+" }\n")
		need := *file.Needs[gate.Low].Need
		owned := drawOwners(t)
		c := &change.Change{Repository: "acme/shop", Owners: owned, Files: []change.File{drawFileChange(t)}}
		for range rapid.IntRange(0, 4).Draw(t, "more") {
			c.Files = append(c.Files, drawFileChange(t))
		}
		v := &gate.Verdict{Contributors: []gate.Contributor{{Login: "ANA"}}, Excluded: []gate.Exclusion{{Group: "@acme/dev"}}}
		named := func(files []change.File) gate.Need {
			seen := *c
			seen.Files = files
			got, _ := (&judgement{change: &seen}).ownedNeed(&need, v)
			return *got
		}
		whole := named(c.Files)
		if asksOwners(whole) {
			t.Fatalf("codeowners are left in %+v", whole)
		}
		if turned := named(rapid.Permutation(c.Files).Draw(t, "order")); asJSON(t, turned) != asJSON(t, whole) {
			t.Fatalf("%s in one order, %s in another", asJSON(t, whole), asJSON(t, turned))
		}
		less := named(c.Files[:len(c.Files)-1])
		if len(c.Files) == 1 {
			return // a change without files is nobody's: whatever comes is more
		}
		if len(whole.All) <= 12 && !policy.Covers(whole, less) {
			t.Fatalf("with %+v: %s\nwithout: %s\n%s", c.Files[len(c.Files)-1], report.Need(&whole), report.Need(&less), owned.Text)
		}
		if !policy.Covers(less, whole) {
			came("asks for more")
		}
	}, "asks for more")
}

func TestManySetsOfCodeOwners(t *testing.T) {
	var text strings.Builder
	c := &change.Change{Repository: "acme/shop"}
	for i := range maxOwners + 3 {
		fmt.Fprintf(&text, "/f%02d @acme/t%02d\n", i, i)
		c.Files = append(c.Files, change.File{Path: fmt.Sprintf("f%02d", i), Status: change.Modified})
	}
	c.Owners = change.RulesFile{State: change.RulesFound, Text: []byte(text.String())}
	j := &judgement{change: c}
	got, problem := j.ownedNeed(&gate.Need{Approvals: 2, From: []string{rulesfile.Owners}}, &gate.Verdict{})
	if problem != nil || len(got.All) != maxOwners+1 {
		t.Fatalf("%v: %d parts: %s", problem, len(got.All), report.Need(got))
	}
	last := got.All[maxOwners]
	if !slices.Equal(last.From, []string{standIn}) || last.Approvals != 2 || !strings.Contains(j.owners.say(), "15 sets") {
		t.Errorf("the rest is not the administrators': %+v, said %q", last, j.owners.say())
	}
}

func TestUsesOwners(t *testing.T) {
	for text, want := range map[string]bool{
		"needs: { high: { approvals: 1 } }\n": false,
		"needs: { high: { any: [{ approvals: 1, from: [\"@a\"] }, { all: [{ approvals: 1, from: [codeowners] }, { " +
			"approvals: 1 }] }] } }\n": true,
		"rules:\n  - { id: x, title: x, paths: [a], risk: 1, need: { approvals: 1, from: [codeowners] } }\n": true,
		"adjust: { migrations/sql: { need: { approvals: 1, from: [codeowners] } } }\n":                       true,
		"workflows: { deploy: { paths: [a], need: { approvals: 1, from: [codeowners] } } }\n":                true,
		"environments: { prod: { need: { approvals: 1, from: [codeowners] } } }\n":                           true,
	} {
		if got := UsesOwners(mustCompile(t, nil, rulestest.MustParse(t, "rules", "version: 1\nextends: [migrations]\n"+text))); got != want {
			t.Errorf("%v for\n%s", got, text)
		}
	}
}

func TestOwnersThatNobodyLookedForHold(t *testing.T) {
	r := mustCompile(t, nil,
		rulestest.MustParse(t, "rules",
			"version: 1\nextends: []\nrules:\n  - { id: x, title: x, paths: [a], risk: 60 }\nneeds: { medium: { approvals: "+
				"1, from: [codeowners] } }\n"))
	c := &change.Change{HeadRef: "copilot/x",
		Files: []change.File{{Path: "a", Status: change.Modified, Before: change.TextOf("x\n"), After: change.TextOf("y\n")}}}
	v := Change(r, c)
	if !v.Held || len(v.Problems) != 1 || v.Problems[0].Code != "owners_unreadable" || report.Need(v.Needs) != "1 approval from role:admin" {
		t.Errorf("%+v, needs %s", v.Problems, report.Need(v.Needs))
	}
	c.Files[0].Path = "harmless"
	if v := Change(r, c); v.Held || len(v.Problems) > 0 {
		t.Errorf("what needs nobody is held for its owners: %+v", v)
	}
	c.Files[0].Path, c.Owners.State = "a", change.RulesFound
	before := Change(r, c).Digest
	c.Owners.Text = []byte("* @ana\n")
	if after := Change(r, c); after.Digest == before || report.Need(after.Needs) != "1 approval from @ana" {
		t.Errorf("another owner is not another verdict: %s", after.Reason)
	}
}
