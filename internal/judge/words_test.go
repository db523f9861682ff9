package judge

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
)

// otherKinds has every kind of observation called otherwise until the test ends.
func otherKinds(t *testing.T, other string) (reword, restore func()) {
	t.Helper()
	kinds := rulestest.Toys.Kinds
	said := make([]detect.Kind, len(kinds))
	for i, k := range kinds {
		said[i] = *k
	}
	restore = func() {
		for i, k := range kinds {
			k.Title, k.Why = said[i].Title, said[i].Why
		}
	}
	t.Cleanup(restore)
	return func() {
		for _, k := range kinds {
			k.Title, k.Why = other+k.Title, other+k.Why
		}
	}, restore
}

// titled is a rules file that calls its rules otherwise.
func titled(text, other string) string {
	return strings.ReplaceAll(text, "title: ", "title: "+other)
}

// TestAReleaseThatRewordsVoidsNothing: with other sentences in every rule, kind
// and problem, in a repository that is called otherwise, the digests of verdict
// and rules are the same, whatever is judged by whatever rules.
func TestAReleaseThatRewordsVoidsNothing(t *testing.T) {
	const other = "Put otherwise - "
	reword, restore := otherKinds(t, other)
	said := 0
	rapid.Check(t, func(t *rapid.T) {
		text, broken := rulestest.DrawFile(t, "repo"), rapid.Bool().Draw(t, "broken")
		rules := func(text, other string) *policy.Rules {
			r := mustCompile(t, nil, rulestest.MustParse(t, "repository", text))
			if broken {
				r = r.Holding(gate.Problem{Code: "rules_invalid", Subject: "repository, 3:1 unknown_key", Text: other + "It does not parse."})
			}
			return r
		}
		c := drawChange(t)
		c.Repository = "acme/shop"
		if rapid.Bool().Draw(t, "gaps") {
			c.Gaps = []string{"It has too many files."}
		}
		before := Change(rules(text, ""), c)
		reword()
		defer restore()
		c.Repository = "acme/store"
		for i := range c.Gaps {
			c.Gaps[i] = other + c.Gaps[i]
		}
		after := Change(rules(titled(text, other), other), c)
		if before.Rules.Digest != after.Rules.Digest {
			t.Fatal("the rules have another digest")
		}
		if before.Digest != after.Digest {
			t.Fatalf("the verdict has another digest:\n%s\n%s", asJSON(t, before), asJSON(t, after))
		}
		if !before.Says(&after) && strings.Contains(asJSON(t, after), strings.TrimSpace(other)) {
			said++
		}
	})
	if said == 0 {
		t.Error("nothing was put otherwise")
	}
}

// TestADeploymentSaidOtherwiseIsTheSame: likewise of what goes out.
func TestADeploymentSaidOtherwiseIsTheSame(t *testing.T) {
	const other = "Put otherwise - "
	reword, restore := otherKinds(t, other)
	rapid.Check(t, func(t *rapid.T) {
		text := drawDeployRules(t)
		d := drawDeployment(t)
		before := Deploy(mustCompile(t, nil, rulestest.MustParse(t, "repository", text)), d)
		reword()
		defer restore()
		for i := range d.Parts {
			d.Parts[i].Title, d.Parts[i].Worst, d.Parts[i].Why = other, other, other
		}
		after := Deploy(mustCompile(t, nil, rulestest.MustParse(t, "repository", titled(text, other))), d)
		if before.Digest != after.Digest {
			t.Fatalf("the verdict has another digest:\n%s\n%s", asJSON(t, before), asJSON(t, after))
		}
	})
}

// TestWhatIsFoundIsInTheDigest: at one and the same line another table is dropped,
// of one and the same commit as far as anybody tells.
func TestWhatIsFoundIsInTheDigest(t *testing.T) {
	r := policy.EnforcedDefault()
	digests := map[string]string{}
	for _, text := range []string{"DROP TABLE users;\n", "DROP TABLE orders;\n", "ALTER TABLE users DROP COLUMN a;\n",
		"DROP TABLE users;\nDROP TABLE orders;\n"} {
		c := &change.Change{Repository: "acme/shop", Base: "b", Head: "h", HeadRef: "copilot/fix",
			Author: change.Actor{Login: "Copilot", ID: 198982749, Type: change.Bot}}
		c.Files = []change.File{{Path: "db/migrations/1.sql", Status: change.Added, Mode: change.ModeFile,
			Before: change.NoText(), After: change.TextOf(text)}}
		v := Change(r, c)
		v.FindingsDigest, v.Score, v.Level, v.Needs = "", 0, "", nil // what is found has to speak for itself
		v.Seal()
		if was, known := digests[v.Digest]; known {
			t.Errorf("%q and %q have one digest", was, text)
		}
		digests[v.Digest] = text
	}
}
