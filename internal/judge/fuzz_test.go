package judge

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
	"github.com/gatehold/gatehold/rules"
)

// FuzzParse: no text makes the parser panic or hang; what it takes compiles
// and judges; what it refuses names its places.
func FuzzParse(f *testing.F) {
	f.Add([]byte(rulestest.Everything))
	for _, name := range rulesfile.PackNames() {
		text, err := rules.Packs.ReadFile("packs/" + name + ".yml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	cases, err := filepath.Glob("../../testdata/rules/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range cases {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if strings.HasSuffix(file.Name, ".yml") {
				f.Add(file.Data)
			}
		}
	}
	for _, text := range []string{"", "{", "[", "version: 1\nrules: [[[[[", "a: &a [*a]", "? ? ? a", "version: !!int 1",
		"\xff\xfe\x00", "version: 1\n\trules:"} {
		f.Add([]byte(text))
	}
	c := manyFiles(10)
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := rulesfile.ParseWith(rulesfile.Source{Name: "fuzz", Text: text}, rulestest.Toys, rulesfile.PackRuleIDs)
		if err != nil {
			var problems rulesfile.Problems
			if !errors.As(err, &problems) || len(problems) == 0 || len(problems) > rulesfile.MaxProblems+1 {
				t.Fatalf("an error without problems: %v", err)
			}
			for _, p := range problems {
				if p.Code == "" || p.Text == "" || p.Line < 0 || p.Column < 0 || strings.Contains(p.Text, "%!") {
					t.Fatalf("an empty problem: %+v", p)
				}
			}
			return
		}
		r, err := policy.CompileWith(nil, file, rulestest.Toys)
		if err != nil {
			t.Fatal(err)
		}
		if v := Change(r, c); len(v.Digest) != 64 || v.Reason == "" {
			t.Fatalf("a verdict without a digest or a reason: %+v", v)
		}
		if r.Explain().Text() == "" {
			t.Fatal("nothing is explained")
		}
	})
}

// FuzzIntent: no text of a pull request or an issue makes judging fail, and
// declaring something never lowers what is found, whoever wrote it.
func FuzzIntent(f *testing.F) {
	f.Add("```gatehold-intent\npaths: [docs/**]\nkinds: [sql]\nenvironments: [staging]\n```\n", "", "")
	f.Add("gatehold:\n  paths: docs\n", "", "")
	f.Add("~~~ gatehold-intent\n{}\n~~~", "", "")
	f.Add("```yaml gatehold-intent\npaths: [\"[\"]\n```", "", "")
	f.Add("gatehold:\n  - a\n  - {b: [c]}\n", "", "")
	f.Add("Closes #1", "```gatehold-intent\npaths: [docs/**]\n```\n", "ana")
	f.Add("gatehold:\n  paths: ['**']\n", "gatehold:\n  paths: docs\n", "a[bot]")
	file, err := rulesfile.ParseWith(rulesfile.Source{Name: "fuzz",
		Text: []byte("version: 1\nextends: [intent]\nrules:\n  - { id: a, title: A, paths: [\"db/**\"], risk: 30 }\n")},
		rulestest.Toys, rulesfile.PackRuleIDs)
	if err != nil {
		f.Fatal(err)
	}
	r, err := policy.CompileWith(nil, file, rulestest.Toys)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body, issue, editor string) {
		c := manyFiles(10)
		c.Body = ""
		silent := Change(r, c)
		c.Body = body
		if issue != "" || editor != "" {
			by := actor(editor)
			c.Issues = []change.Issue{{Number: 1, Body: issue, Author: actor("ana"), Editor: &by}, {Number: 2, Body: issue, Author: by}}
		}
		if declared := Change(r, c); declared.Score < silent.Score || declared.Level.Rank() < silent.Level.Rank() {
			t.Fatalf("%q and %q lowered the score from %d to %d", body, issue, silent.Score, declared.Score)
		}
	})
}

// The message of a problem in a block of CEL has the line of the block.
func TestConditionPlaces(t *testing.T) {
	for text, want := range map[string]string{
		"version: 1\nrules:\n  - id: a\n    title: A\n    risk: 1\n    when: file.pat == ''\n":                                 "f:6:15",
		"version: 1\nrules:\n  - id: a\n    title: A\n    risk: 1\n    when: \"file.pat == ''\"\n":                             "f:6:16",
		"version: 1\nrules:\n  - id: a\n    title: A\n    risk: 1\n    when: |\n      change.draft &&\n      file.pat == ''\n": "f:8:11",
	} {
		_, err := rulesfile.ParseWith(rulesfile.Source{Name: "f", Text: []byte(text)}, rulestest.Toys, rulesfile.PackRuleIDs)
		if err == nil || !strings.HasPrefix(err.Error(), want+": ") {
			t.Errorf("want it at %s: %v", want, err)
		}
	}
}

// The packs of this repository and its schema are in the binary.
func TestEmbedded(t *testing.T) {
	onDisk, err := os.ReadFile("../../rules/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(onDisk) != string(rules.Schema) {
		t.Error("the embedded schema is not the one on disk")
	}
	if len(policy.Builtin().Digest()) != 64 || policy.EnforcedDefault().Mode() != rulesfile.Enforce ||
		policy.Builtin().Mode() != rulesfile.Observe {
		t.Error("the built-in rules are not what they should be")
	}
	if !policy.Builtin().Wants(&change.File{Path: ".github/workflows/ci.yml", Status: change.Modified}) {
		t.Error("the built-in rules do not ask for the text of a workflow")
	}
}
