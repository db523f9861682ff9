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

// drawOwners writes a CODEOWNERS in which files share owners, have several, one
// or none, or only such as GitHub cannot be asked about.
func drawOwners(t *rapid.T) change.RulesFile {
	var b strings.Builder
	patterns := append(slices.Clone(somePaths), "*", "/db/", "*.md", "/envs/")
	for range rapid.IntRange(0, 6).Draw(t, "lines") {
		b.WriteString(oneOf(t, "owned", patterns...))
		for range rapid.IntRange(0, 2).Draw(t, "owners") {
			b.WriteString(" " + oneOf(t, "owner", "@ana", "@Bo", "@acme/dev", "@acme/sre", "x@acme.example", "@other/team"))
		}
		b.WriteByte('\n')
	}
	return change.RulesFile{State: change.RulesFound, Text: []byte(b.String())}
}

// A file more never makes easier what code owners have to approve; the order of
// files does not matter.
func TestCodeOwnersOfMoreFilesAreNeverLess(t *testing.T) {
	grown := 0
	rapid.Check(t, func(t *rapid.T) {
		text := drawNeed(t, 1)
		if chance(t, "owners alone", 50) {
			text = "{ approvals: 1, from: [codeowners] }"
		}
		file := mustParse(t, "rules", "version: 1\nneeds: { low: "+text+" }\n")
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
		if turned := named(rapid.Permutation(c.Files).Draw(t, "order")); string(encodeNeed(turned)) != string(encodeNeed(whole)) {
			t.Fatalf("%s in one order, %s in another", encodeNeed(whole), encodeNeed(turned))
		}
		less := named(c.Files[:len(c.Files)-1])
		if len(c.Files) == 1 {
			return // a change without files is nobody's: whatever comes is more
		}
		if len(parts(whole)) <= 16 && !covers(whole, less) {
			t.Fatalf("with %+v: %s\nwithout: %s\n%s", c.Files[len(c.Files)-1], sayNeed(&whole), sayNeed(&less), owned.Text)
		}
		if !covers(less, whole) {
			grown++
		}
	})
	if grown == 0 {
		t.Error("no file ever asked for more: the property was not tried")
	}
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
	got, problem := j.ownedNeed(&gate.Need{Approvals: 2, From: []string{owners}}, &gate.Verdict{})
	if problem != nil || len(got.All) != maxOwners+1 {
		t.Fatalf("%v: %d parts: %s", problem, len(got.All), sayNeed(got))
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
		if got := mustCompile(t, nil, mustParse(t, "rules", "version: 1\nextends: [migrations]\n"+text)).UsesOwners(); got != want {
			t.Errorf("%v for\n%s", got, text)
		}
	}
}

func TestOwnersThatNobodyLookedForHold(t *testing.T) {
	r := mustCompile(t, nil,
		mustParse(t, "rules",
			"version: 1\nextends: []\nrules:\n  - { id: x, title: x, paths: [a], risk: 60 }\nneeds: { medium: { approvals: "+
				"1, from: [codeowners] } }\n"))
	c := &change.Change{HeadRef: "copilot/x",
		Files: []change.File{{Path: "a", Status: change.Modified, Before: change.TextOf("x\n"), After: change.TextOf("y\n")}}}
	v := r.Judge(c)
	if !v.Held || len(v.Problems) != 1 || v.Problems[0].Code != "owners_unreadable" || sayNeed(v.Needs) != "1 approval from role:admin" {
		t.Errorf("%+v, needs %s", v.Problems, sayNeed(v.Needs))
	}
	c.Files[0].Path = "harmless"
	if v := r.Judge(c); v.Held || len(v.Problems) > 0 {
		t.Errorf("what needs nobody is held for its owners: %+v", v)
	}
	c.Files[0].Path, c.Owners.State = "a", change.RulesFound
	before := r.Judge(c).Digest
	c.Owners.Text = []byte("* @ana\n")
	if after := r.Judge(c); after.Digest == before || sayNeed(after.Needs) != "1 approval from @ana" {
		t.Errorf("another owner is not another verdict: %s", after.Reason)
	}
}
