package trial

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
)

const caseRules = `version: 1
extends: []
rules:
  - { id: db, title: Database, paths: ["db/**"], risk: 60 }
  - { id: drops, title: Drops, detect: ["sql/drop-table"], risk: 80, for: everyone }
  - { id: seen, title: Seen, paths: ["**"], risk: 5, mode: observe }
needs:
  high: { approvals: 1, from: ["@acme/sre"] }
`

const goodCases = `version: 1
description: What must stay so.
cases:
  - name: an agent drops a table
    change:
      author: { login: "devin-ai-integration[bot]", id: 158243242, type: Bot }
      repository: acme/shop
      head_ref: devin/1
      base_ref: main
      title: Clean up
      body: |
        Removes what is old.
      labels: [cleanup]
      commits:
        - Remove users
        - { message: Again, author: { name: Ana, email: ana@acme.example, login: ana }, verified: true }
      files:
        - { path: db/1.sql, before: "", after: "DROP TABLE users;\n", status: modified }
        - { path: db/2.sql, after: { from: two.sql } }
        - { path: new.md, previous_path: old.md }
        - src/a.go
    expect:
      held: true
      would_hold: false
      level: critical
      score: { min: 90 }
      needs: 1 approval from @acme/sre
      rules: [db, drops, seen]
      observations: [sql/drop-table]
      no_observations: [sql/truncate]
      agent: { is: true, strength: verified }
  - name: a person writes documentation
    change: { author: ana, files: [{ path: docs/a.md, after: "x\n" }] }
    expect: { held: false, score: 0, level: low, needs: none, no_rules: [db, drops], agent: false }
  - name: nothing at all
    expect: { score: { max: 0 } }
`

func rulesOf(t *testing.T, text string) *policy.Rules {
	t.Helper()
	f, err := rulesfile.Parse(rulesfile.Source{Name: "rules", Text: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := policy.Compile(nil, f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func beside(name string) ([]byte, error) {
	if name == "two.sql" {
		return []byte("DROP TABLE orders;\n"), nil
	}
	return nil, fs.ErrNotExist
}

func TestCasesPass(t *testing.T) {
	cases, err := rulesfile.ParseCases(rulesfile.Source{Name: "a.test.yml", Text: []byte(goodCases)}, beside)
	if err != nil {
		t.Fatal(err)
	}
	rules := rulesOf(t, caseRules)
	for i := range cases {
		if o := Try(rules, &cases[i]); !o.Passed || len(o.Differences) > 0 || o.Line == 0 || o.File != "a.test.yml" || o.Verdict == nil {
			t.Errorf("%s: %q", o.Name, o.Differences)
		}
	}
	files := cases[0].Change.Files
	if len(files) != 4 || files[1].Status != change.Added || files[1].After.Body != "DROP TABLE orders;\n" ||
		files[2].Status != change.Renamed || files[3].Status != change.Modified {
		t.Errorf("files %+v", files)
	}
}

// TestCasesFail: every expectation can fail, and says what came instead.
func TestCasesFail(t *testing.T) {
	rules := rulesOf(t, caseRules)
	agent := `author: "devin-ai-integration[bot]", files: [{ path: db/1.sql, after: "DROP TABLE users;\n" }]`
	for expect, want := range map[string]string{
		"held: false": "want not held, got held: critical risk, score 92, needs 1 approval from " +
			"@acme/sre; findings: drops (sql/drop-table, risk 80), db (risk 60), seen (risk 5) only watched",
		"would_hold: true":                    "want that only `mode: observe` lets it pass, got held: critical",
		"level: low":                          "want low risk, got held: critical risk",
		"score: 15":                           "want a score of 15, got held: critical risk, score 92",
		"score: { max: 50 }":                  "want a score from 0 to 50, got held",
		"needs: none":                         `want it to need "none", got "1 approval from @acme/sre"`,
		"no_rules: [db]":                      "want the rule db not to match, and it did: db/1.sql was added",
		"rules: [dbs]":                        `no rule "dbs" is in force: did you mean "db"?`,
		"no_rules: [dbs]":                     `no rule "dbs" is in force`,
		"observations: [sql/truncate]":        "want sql/truncate to be observed, and it was not; findings:",
		"no_observations: [sql/drop-table]":   "want sql/drop-table not to be observed, and it was: db/1.sql line 1",
		"problems: [rules_invalid]":           "want the problem rules_invalid",
		"agent: false":                        "want a human's change, got an agent's: devin",
		"agent: { strength: verified }":       "want evidence that is verified, got an agent's: devin, evidence ",
		"agent: { strength: none, is: true }": "want evidence that is none",
	} {
		text := "version: 1\ncases:\n  - name: x\n    change: { " + agent + " }\n    expect: { " + expect + " }\n"
		cases, err := rulesfile.ParseCases(rulesfile.Source{Name: "x", Text: []byte(text)}, beside)
		if err != nil {
			t.Errorf("%s: %v", expect, err)
			continue
		}
		o := Try(rules, &cases[0])
		if expect == "agent: { strength: verified }" && o.Passed {
			continue // the login alone proves it
		}
		if o.Passed || !strings.Contains(strings.Join(o.Differences, "\n"), want) {
			t.Errorf("%s:\n%q\nwant %q", expect, o.Differences, want)
		}
	}
	quiet := "version: 1\ncases:\n  - name: x\n    change: { author: ana, files: [a] }\n    expect: { held: true, rules: [db] }\n"
	cases, err := rulesfile.ParseCases(rulesfile.Source{Name: "x", Text: []byte(quiet)}, beside)
	if err != nil {
		t.Fatal(err)
	}
	if o := Try(rules, &cases[0]); o.Passed || o.Differences[0] != "want held, got passes: low risk, score 0; no findings" ||
		len(o.Differences) != 2 {
		t.Errorf("%q", o.Differences)
	}
}

// TestCaseWithProblems: what was not judged for certain never passes unsaid.
func TestCaseWithProblems(t *testing.T) {
	text := "version: 1\ncases:\n  - name: x\n    change: { files: [{ path: .github/gatehold.yml, after: \"version: 2\\n\", " +
		"status: modified }] }\n    expect: { held: true }\n"
	cases, err := rulesfile.ParseCases(rulesfile.Source{Name: "x", Text: []byte(text)}, beside)
	if err != nil {
		t.Fatal(err)
	}
	rules := rulesOf(t, caseRules)
	if o := Try(rules, &cases[0]); o.Passed || !strings.Contains(o.Differences[0], "not judged for certain (proposed_rules_invalid)") {
		t.Errorf("%q", o.Differences)
	}
	cases[0].Expect.Problems = []string{"proposed_rules_invalid"}
	if o := Try(rules, &cases[0]); !o.Passed {
		t.Errorf("%q", o.Differences)
	}
}

func TestCasesAreStrict(t *testing.T) {
	head := "version: 1\ncases:\n  - name: x\n    expect: { held: true }\n"
	for text, want := range map[string]string{
		"":                        "empty: a test file begins",
		"- a\n":                   "x:1:1: a test file must be a mapping",
		"version: 1\n":            "holds no cases",
		"version: 1\ncases: []\n": "holds no cases",
		"cases: []\n":             "does not say `version: 1`",
		"version: 2\ncases: []\n": "version must be 1",
		head + "    chnge: {}\n":  `x:5:5: a case has no key "chnge": did you mean "change"?`,
		head + "  - name: x\n    expect: { held: true }\n":                            `x:5:5: the name "x" stands here twice`,
		head + "  - expect: { held: true }\n":                                         "a case needs a `name`",
		head + "  - name: y\n":                                                        "does not say what to `expect`",
		head + "  - name: y\n    expect: {}\n":                                        "cannot fail",
		head + "  - name: y\n    expect: { held: maybe }\n":                           "held must be true or false",
		head + "  - name: y\n    expect: { score: { min: 9, max: 3 } }\n":             "no score lies from 9 to 3",
		head + "  - name: y\n    expect: { score: 101 }\n":                            "whole number from 0 to 100",
		head + "  - name: y\n    expect: { observations: [sql/drop-tabel] }\n":        `did you mean "sql/drop-table"?`,
		head + "    change: { files: [{ before: a }] }\n":                             "a file needs a `path`",
		head + "    change: { files: [a, a] }\n":                                      "stands here twice",
		head + "    change: { files: [{ path: a, status: added, before: x }] }\n":     "is added and has a `before`",
		head + "    change: { files: [{ path: a, status: removed, after: x }] }\n":    "is removed and has an `after`",
		head + "    change: { files: [{ path: a, status: renamed }] }\n":              "no `previous_path`",
		head + "    change: { files: [{ path: a, after: { from: ../secret } }] }\n":   "relative path of a file beside",
		head + "    change: { files: [{ path: a, after: { from: /etc/passwd } }] }\n": "relative path of a file beside",
		head + "    change: { files: [{ path: a, after: { from: none.sql } }] }\n":    `x:5:49: the file "none.sql" cannot be read`,
		head + "    change: { files: [{ path: a, after: 7 }] }\n":                     "put it in quotes",
		head + "    change: { files: [{ path: a, after: {} }] }\n":                    "give it a text",
		head + "    change: { author: { login: a, type: Robot } }\n":                  "type must be one of",
		head + "    change: &a { title: x }\n":                                        "anchors and aliases are not allowed in a test file",
	} {
		_, err := rulesfile.ParseCases(rulesfile.Source{Name: "x", Text: []byte(text)}, beside)
		var problems rulesfile.Problems
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\n%v\nwant %q", text, err, want)
		}
	}
}

// FuzzParseCases: no text makes the reader panic; what it takes can be tried,
// and what it refuses names its places.
func FuzzParseCases(f *testing.F) {
	f.Add([]byte(goodCases))
	f.Add([]byte("version: 1\ncases: [{ name: a, expect: { held: true } }]\n"))
	f.Add([]byte("version: 1\ncases: [{ name: a, change: { files: [{ path: a, before: {from: two.sql}, after: \"\\0\" }] }, " +
		"expect: { agent: true } }]\n"))
	rules, err := rulesfile.Parse(rulesfile.Source{Name: "rules", Text: []byte(caseRules)})
	if err != nil {
		f.Fatal(err)
	}
	compiled, err := policy.Compile(nil, rules)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		cases, err := rulesfile.ParseCases(rulesfile.Source{Name: "x", Text: text}, beside)
		var problems rulesfile.Problems
		if err != nil && (!errors.As(err, &problems) || len(problems) == 0 || len(cases) > 0) {
			t.Fatalf("%d cases and %v", len(cases), err)
		}
		if err == nil && len(cases) == 0 {
			t.Fatal("no case and no problem")
		}
		for i := range cases {
			if o := Try(compiled, &cases[i]); o.Passed != (len(o.Differences) == 0) || cases[i].Name == "" || cases[i].Line < 1 {
				t.Fatalf("%+v", o)
			}
		}
	})
}

// TestPageCases: the example of a test passes under the example of rules.
func TestPageCases(t *testing.T) {
	_, block, found := strings.Cut(rulestest.ReadPage(t, "testing.md"), "```yaml\n# .github/gatehold.test.yml\n")
	block, _, _ = strings.Cut(block, "```")
	var rules *policy.Rules
	for _, example := range rulestest.ReadmeExamples(t) {
		if strings.Contains(example, "id: billing-schema") {
			rules = rulesOf(t, example)
		}
	}
	if !found || rules == nil {
		t.Fatal("the example of a test, or the rules that it is for, has gone from the pages of rules/")
	}
	cases, err := rulesfile.ParseCases(rulesfile.Source{Name: "example", Text: []byte(block)},
		func(string) ([]byte, error) { return []byte("SELECT 1;\n"), nil })
	if err != nil {
		t.Fatal(err)
	}
	for i := range cases {
		if o := Try(rules, &cases[i]); !o.Passed {
			t.Errorf("%s: %q", o.Name, o.Differences)
		}
	}
}
