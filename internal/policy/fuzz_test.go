package policy

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/rules"
	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzParse: no text makes the parser panic or hang; what it takes compiles
// and judges; what it refuses names its places.
func FuzzParse(f *testing.F) {
	f.Add([]byte(everything))
	for _, name := range packNames() {
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
		file, err := parse(Source{Name: "fuzz", Text: text}, toys, packRuleIDs)
		if err != nil {
			var problems Problems
			if !errors.As(err, &problems) || len(problems) == 0 || len(problems) > MaxProblems+1 {
				t.Fatalf("an error without problems: %v", err)
			}
			for _, p := range problems {
				if p.Code == "" || p.Text == "" || p.Line < 0 || p.Column < 0 || strings.Contains(p.Text, "%!") {
					t.Fatalf("an empty problem: %+v", p)
				}
			}
			return
		}
		r, err := compile(nil, file, toys)
		if err != nil {
			t.Fatal(err)
		}
		if v := r.Judge(c); len(v.Digest) != 64 || v.Reason == "" {
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
	file, err := parse(Source{Name: "fuzz",
		Text: []byte("version: 1\nextends: [intent]\nrules:\n  - { id: a, title: A, paths: [\"db/**\"], risk: 30 }\n")}, toys, packRuleIDs)
	if err != nil {
		f.Fatal(err)
	}
	r, err := compile(nil, file, toys)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body, issue, editor string) {
		c := manyFiles(10)
		c.Body = ""
		silent := r.Judge(c)
		c.Body = body
		if issue != "" || editor != "" {
			by := actor(editor)
			c.Issues = []change.Issue{{Number: 1, Body: issue, Author: actor("ana"), Editor: &by}, {Number: 2, Body: issue, Author: by}}
		}
		if declared := r.Judge(c); declared.Score < silent.Score || declared.Level.Rank() < silent.Level.Rank() {
			t.Fatalf("%q and %q lowered the score from %d to %d", body, issue, silent.Score, declared.Score)
		}
	})
}

// Hostile files are refused in bounded time.
func TestHostileFiles(t *testing.T) {
	for name, text := range map[string]string{
		"a large file":  strings.Repeat("# x\n", MaxFileSize/4+1),
		"deep flow":     "version: 1\nrules: " + strings.Repeat("[", 100_000),
		"deep blocks":   deepBlocks(2000),
		"an alias bomb": "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b]\n",
		"many rules":    "version: 1\nrules:\n" + strings.Repeat("  - {}\n", MaxRules+1),
		"many problems": "version: 1\nrules:\n" + strings.Repeat("  - { a: 1, b: 2, c: 3 }\n", MaxRules),
		"a long list":   "version: 1\nextends: [" + strings.Repeat("default, ", MaxList+1) + "]\n",
		"a costly condition": "version: 1\nrules: [{ id: a, title: A, risk: 1, when: \"change.paths.exists(a, " +
			"change.paths.exists(b, change.paths.exists(c, a == b && b == c)))\" }]\n",
		"a long condition": "version: 1\nrules: [{ id: a, title: A, risk: 1, when: \"" + strings.Repeat("true && ", 600) + "true\" }]\n",
		"a deep condition": "version: 1\nrules: [{ id: a, title: A, risk: 1, when: \"" + strings.Repeat("(", 500) + "true" +
			strings.Repeat(")", 500) + "\" }]\n",
		"a condition of text": "version: 1\nrules: [{ id: a, title: A, risk: 1, when: change.title }]\n",
	} {
		_, err := parse(Source{Name: name, Text: []byte(text)}, toys, packRuleIDs)
		var problems Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s was taken: %v", name, err)
		} else if len(problems) > MaxProblems+1 {
			t.Errorf("%s: %d problems", name, len(problems))
		}
	}
}

func deepBlocks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i%500) + "a:\n")
	}
	return b.String()
}

// The message of a problem in a block of CEL has the line of the block.
func TestConditionPlaces(t *testing.T) {
	for text, want := range map[string]string{
		"version: 1\nrules:\n  - id: a\n    title: A\n    risk: 1\n    when: file.pat == ''\n":                                 "f:6:15",
		"version: 1\nrules:\n  - id: a\n    title: A\n    risk: 1\n    when: \"file.pat == ''\"\n":                             "f:6:16",
		"version: 1\nrules:\n  - id: a\n    title: A\n    risk: 1\n    when: |\n      change.draft &&\n      file.pat == ''\n": "f:8:11",
	} {
		_, err := parse(Source{Name: "f", Text: []byte(text)}, toys, packRuleIDs)
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
	if len(Builtin().Digest()) != 64 || EnforcedDefault().Mode() != Enforce || Builtin().Mode() != Observe {
		t.Error("the built-in rules are not what they should be")
	}
	if !Builtin().Wants(&change.File{Path: ".github/workflows/ci.yml", Status: change.Modified}) {
		t.Error("the built-in rules do not ask for the text of a workflow")
	}
}
