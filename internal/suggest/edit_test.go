package suggest

import (
	"errors"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/rulesfile"
)

func TestEditsInPlace(t *testing.T) {
	adjust := edit{section: "adjust", rule: "shape/shape", key: "mode", value: "observe", note: "why"}
	own := edit{section: "rules", rule: "a", key: "level", value: "high", note: "why"}
	for _, c := range []struct {
		name, text, want string
		edit             edit
	}{
		{"no section yet", "version: 1\n", "version: 1\n\nadjust:\n  shape/shape: { mode: observe } # why\n", adjust},
		{"no line end", "version: 1", "version: 1\n\nadjust:\n  shape/shape: { mode: observe } # why\n", adjust},
		{"CRLF", "version: 1\r\n", "version: 1\r\n\r\nadjust:\r\n  shape/shape: { mode: observe } # why\r\n", adjust},
		{"the file in braces", "{ version: 1, mode: enforce }\n",
			"{ version: 1, adjust: { shape/shape: { mode: observe } }, mode: enforce }\n", adjust},
		{"beside others", "adjust:\n    # c\n    ci/files: { risk: 3 } # d\n\nversion: 1\n",
			"adjust:\n    # c\n    ci/files: { risk: 3 } # d\n    shape/shape: { mode: observe } # why\n\nversion: 1\n", adjust},
		{"a section in braces", "adjust: { ci/files: { risk: 3 } }\nversion: 1\n",
			"adjust: { shape/shape: { mode: observe }, ci/files: { risk: 3 } }\nversion: 1\n", adjust},
		{"an empty section", "adjust: {}\nversion: 1\n", "adjust: { shape/shape: { mode: observe } }\nversion: 1\n", adjust},
		{"over a value", "adjust:\n  shape/shape: { mode: \"enf\\u006frce\", risk: 3 } # d\n",
			"adjust:\n  shape/shape: { mode: observe, risk: 3 } # d\n", adjust},
		{"over a value in quotes", "adjust: { shape/shape: { mode: 'enforce' } }\n",
			"adjust: { shape/shape: { mode: observe } }\n", adjust},
		{"a second setting", "adjust:\n  shape/shape:\n    risk: 3\n    # last\n",
			"adjust:\n  shape/shape:\n    risk: 3\n    mode: observe # why\n    # last\n", adjust},
		{"a rule", "rules:\n- id: a\n  why: >-\n    many\n    lines\n- id: b\n",
			"rules:\n- id: a\n  level: high # why\n  why: >-\n    many\n    lines\n- id: b\n", own},
		{"a rule in braces", "rules: [{ id: b }, { id: a, ü: 'ö', risk: 3 }]\n",
			"rules: [{ id: b }, { id: a, level: high, ü: 'ö', risk: 3 }]\n", own},
		{"a rule over lines", "rules:\n  - {id: a,\n     level: low}\n", "rules:\n  - {id: a,\n     level: high}\n", own},
	} {
		got, err := c.edit.apply(c.text)
		if err != nil || got != c.want {
			t.Errorf("%s: %v\n%s\nwant:\n%s", c.name, err, got, c.want)
		}
	}
	if _, err := own.apply("rules: []\n"); err == nil {
		t.Error("a rule that is not there was edited")
	}
}

// Whatever a rules file looks like, an edit keeps it one that parses, or is
// left to people.
func FuzzEdit(f *testing.F) {
	for _, text := range []string{
		"version: 1\n", "{version: 1, adjust: {shape/shape: {risk: 3}}}",
		"version: 1\r\nadjust:\r\n  shape/shape:\r\n    mode: enforce\r\n",
		"version: 1\nrules:\n  - id: a\n    title: |\n      x\n    paths:\n      - a\n    risk: 5\n",
		"? version\n: 1\nmode: \"obs\\\n  erve\"\n",
		"version: 1\nrules: [{ id: a, title: ü, paths: [\"x\"], risk: 3, mode: 'enforce' }] # c",
	} {
		f.Add(text)
	}
	edits := []edit{
		{section: "adjust", rule: "shape/shape", key: "mode", value: "observe", note: "why"},
		{section: "rules", rule: "a", key: "level", value: "high", note: "why"},
		{key: "mode", value: "enforce"},
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := rulesfile.Parse(rulesfile.Source{Text: []byte(text)}); err != nil {
			return
		}
		for _, e := range edits {
			got, err := e.apply(text)
			if e.section == "rules" && err != nil && !errors.Is(err, errByHand) && strings.Contains(err.Error(), "no rule") {
				continue
			}
			if err != nil && !errors.Is(err, errByHand) {
				t.Fatalf("%v in:\n%s", err, text)
			}
			if err != nil {
				continue
			}
			if _, err := rulesfile.Parse(rulesfile.Source{Text: []byte(got)}); err != nil {
				t.Fatalf("%v in:\n%s\nfrom:\n%s", err, got, text)
			}
		}
	})
}
