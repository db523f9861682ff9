package policy

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/gate"
)

// reworded are rules that say all that they say in other words, as a later
// version or whoever mends a typing error in them does.
func reworded(r *Rules, other string) *Rules {
	out := *r
	out.rules = nil
	for _, rule := range r.rules {
		said := *rule
		said.Title, said.Why = other+said.Title, other+said.Why
		if said.Message != "" {
			said.Message = other + said.Message
		}
		said.Controls = append([]string{"reference-" + strings.TrimSpace(other)}, said.Controls...)
		out.rules = append(out.rules, &said)
	}
	out.explanation.Rules = nil
	for _, rule := range out.rules {
		out.explanation.Rules = append(out.explanation.Rules, rule.inForce())
	}
	out.problems = nil
	for _, p := range r.problems {
		p.Text = other + p.Text
		out.problems = append(out.problems, p)
	}
	out.plan = newPlan(&out)
	out.digest, out.before = digested(&out)
	return &out
}

// otherKinds has every kind of observation called otherwise until the test ends.
func otherKinds(t *testing.T, other string) (reword, restore func()) {
	t.Helper()
	kinds := toys.Kinds
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

// TestAReleaseThatRewordsVoidsNothing: with other sentences in every rule, kind
// and problem, in a repository that is called otherwise, the digests of verdict
// and rules are the same, whatever is judged by whatever rules.
func TestAReleaseThatRewordsVoidsNothing(t *testing.T) {
	const other = "Put otherwise: "
	reword, restore := otherKinds(t, other)
	said := 0
	rapid.Check(t, func(t *rapid.T) {
		r := mustCompile(t, nil, mustParse(t, "repository", drawFile(t, "repo")))
		if rapid.Bool().Draw(t, "broken") {
			r = r.Holding(gate.Problem{Code: "rules_invalid", Subject: "repository, 3:1 unknown_key", Text: "It does not parse."})
		}
		c := drawChange(t)
		c.Repository = "acme/shop"
		if rapid.Bool().Draw(t, "gaps") {
			c.Gaps = []string{"It has too many files."}
		}
		before := r.Judge(c)
		reword()
		defer restore()
		c.Repository = "acme/store"
		for i := range c.Gaps {
			c.Gaps[i] = other + c.Gaps[i]
		}
		after := reworded(r, other).Judge(c)
		if before.Rules.Digest != after.Rules.Digest {
			t.Fatal("the rules have another digest")
		}
		if before.Digest != after.Digest {
			t.Fatalf("the verdict has another digest:\n%s\n%s", asJSON(t, before), asJSON(t, after))
		}
		if len(before.Findings) > 0 {
			said++
			if before.Says(&after) || !strings.Contains(asJSON(t, after), strings.TrimSpace(other)) {
				t.Fatal("nothing was put otherwise")
			}
		}
	})
	if said == 0 {
		t.Error("no verdict found anything")
	}
}

// TestADeploymentSaidOtherwiseIsTheSame: likewise of what goes out.
func TestADeploymentSaidOtherwiseIsTheSame(t *testing.T) {
	const other = "Put otherwise: "
	reword, restore := otherKinds(t, other)
	rapid.Check(t, func(t *rapid.T) {
		r := mustCompile(t, nil, mustParse(t, "repository", drawDeployRules(t)))
		d := drawDeployment(t)
		before := r.JudgeDeployment(d)
		reword()
		defer restore()
		for i := range d.Parts {
			d.Parts[i].Title, d.Parts[i].Worst, d.Parts[i].Why = other, other, other
		}
		after := reworded(r, other).JudgeDeployment(d)
		if before.Digest != after.Digest {
			t.Fatalf("the verdict has another digest:\n%s\n%s", asJSON(t, before), asJSON(t, after))
		}
	})
}

// TestWhatIsFoundIsInTheDigest: at one and the same line another table is dropped,
// of one and the same commit as far as anybody tells.
func TestWhatIsFoundIsInTheDigest(t *testing.T) {
	r := EnforcedDefault()
	digests := map[string]string{}
	for _, text := range []string{"DROP TABLE users;\n", "DROP TABLE orders;\n", "ALTER TABLE users DROP COLUMN a;\n",
		"DROP TABLE users;\nDROP TABLE orders;\n"} {
		c := &change.Change{Repository: "acme/shop", Base: "b", Head: "h", HeadRef: "copilot/fix",
			Author: change.Actor{Login: "Copilot", ID: 198982749, Type: change.Bot}}
		c.Files = []change.File{{Path: "db/migrations/1.sql", Status: change.Added, Mode: change.ModeFile,
			Before: change.NoText(), After: change.TextOf(text)}}
		v := r.Judge(c)
		v.FindingsDigest, v.Score, v.Level, v.Needs = "", 0, "", nil // what is found has to speak for itself
		v.Seal()
		if was, known := digests[v.Digest]; known {
			t.Errorf("%q and %q have one digest", was, text)
		}
		digests[v.Digest] = text
	}
}

// TestRulesDigestsAreKnownAgain: by the digest that the version before gave them.
func TestRulesDigestsAreKnownAgain(t *testing.T) {
	r := EnforcedDefault()
	old := gate.RulesRef{Digest: hashed(wholeOf(r))}
	if !r.Ref().Same(old) || !old.Same(r.Ref()) || r.Ref().Same(Builtin().Ref()) || old.Same(Builtin().Ref()) {
		t.Error("rules are not known again by the digest that they had")
	}
}
