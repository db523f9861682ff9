package when

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func vars() Vars {
	return Vars{
		Change: &Change{Title: "Fix it", Labels: []string{"a"}, Files: 3, Paths: []string{"a", "b"}, Author: Actor{Login: "ana"}},
		Agent:  &Agent{Is: true, Names: []string{"codex"}},
		File:   &File{Path: "db/1.sql", Ext: ".sql"},
	}
}

func TestEval(t *testing.T) {
	for text, want := range map[string]bool{
		`change.title == "Fix it" && change.author.login == "ana"`: true,
		`change.files > 3`: false,
		`change.labels.exists(l, l == "a") && !change.draft`:          true,
		`file.path.startsWith("db/") && file.ext == ".sql"`:           true,
		`agent.is && "codex" in agent.names`:                          true,
		`change.paths.all(p, p.matches("^[a-z]$"))`:                   true,
		`change.title.lowerAscii().split(" ").size() == 2`:            true,
		`has(change.title) && change.head_repository == ""`:           true,
		`change.pusher.login == "" ? file.status == "" : change.fork`: true,
	} {
		c, errs := Compile(text)
		if errs != nil {
			t.Errorf("%s: %v", text, errs)
			continue
		}
		budget := uint64(Budget)
		got, err := c.Eval(vars(), &budget)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		if budget >= Budget {
			t.Errorf("%s cost nothing", text)
		}
		if c.UsesFile != strings.Contains(text, "file.") || c.UsesObservation {
			t.Errorf("%s: uses file %v, observation %v", text, c.UsesFile, c.UsesObservation)
		}
	}
}

func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "empty",
		"change.titel == ''":  "undefined field 'titel'",
		"change.title":        "must be true or false",
		"1 +":                 "Syntax error",
		"foo":                 "undeclared reference",
		"change.files == 'a'": "no matching overload",
		"change.body.matches(change.title) && change.paths.exists(p, change.body.matches(p))": "could cost",
		strings.Repeat("a", MaxLength+1): "longer than",
	} {
		_, errs := Compile(text)
		if len(errs) == 0 || !strings.Contains(errs[0].Text, want) {
			t.Errorf("%.60q: %v, want %q", text, errs, want)
		}
	}
}

// A run that fails is an error, and a budget that is used up stays used up.
func TestFailing(t *testing.T) {
	c, errs := Compile(`change.labels[7] == "x"`)
	if errs != nil {
		t.Fatal(errs)
	}
	budget := uint64(Budget)
	if _, err := c.Eval(vars(), &budget); err == nil {
		t.Error("an index out of range is no error")
	}
	budget = 0
	if _, err := c.Eval(vars(), &budget); !errors.Is(err, ErrBudget) {
		t.Errorf("without a budget: %v", err)
	}
	costly, errs := Compile(`change.paths.all(p, p.size() > 0 && p != "zz")`)
	if errs != nil {
		t.Fatal(errs)
	}
	v := vars()
	v.Change.Paths = make([]string, 100_000)
	for i := range v.Change.Paths {
		v.Change.Paths[i] = "a"
	}
	budget = Budget
	if _, err := costly.Eval(v, &budget); err == nil || budget > Budget-MaxRun {
		t.Errorf("a run past its bound: %v, %d left", err, budget)
	}
}

func BenchmarkEval(b *testing.B) {
	c, errs := Compile(`file.path.startsWith("db/") && change.files > 2`)
	if errs != nil {
		b.Fatal(errs)
	}
	v := vars()
	for b.Loop() {
		budget := uint64(Budget)
		if _, err := c.Eval(v, &budget); err != nil {
			b.Fatal(err)
		}
	}
}

// TestLoginsThatAConditionNames: what may be one is whose account it was, and a text
// beside which nobody's login is asked for is none.
func TestLoginsThatAConditionNames(t *testing.T) {
	for text, want := range map[string][]string{
		`change.author.login == "Ana"`:                                               {"ana"},
		`!(change.pusher.login in ["bo", "renovate[bot]", "b c", "a/b", ""])`:        {"bo", "renovate[bot]"},
		`change.author.login != "Di_acme" && change.author.login != "e-"`:            {"di_acme", "e-"},
		`["cy", "cy"].exists(who, change.author.login.lowerAscii().startsWith(who))`: {"cy"},
		`change.title == "ana" || agent.names.exists(n, n == "devin")`:               nil,
	} {
		c, errs := Compile(text)
		if errs != nil {
			t.Fatal(errs)
		}
		if !slices.Equal(c.Logins, want) {
			t.Errorf("%s names %q, want %q", text, c.Logins, want)
		}
	}
}
