package suggest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

var update = flag.Bool("update", false, "write what the tests expect from what they get")

// TestCases tells the histories of testdata/suggest and compares what is
// proposed. The lines of a history are explained at tale.line; `options` are
// "clean N", "since N" days, "repository NAME" and "owner NAME".
func TestCases(t *testing.T) {
	names, err := filepath.Glob("../../testdata/suggest/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases found: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { runCase(t, name) })
	}
}

func runCase(t *testing.T, name string) {
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var files Files
	var lines []string
	o := Options{Now: now, Since: days(t, "30d"), Clean: 20, Repository: "acme/shop"}
	for i := range a.Files {
		f := &a.Files[i]
		switch f.Name {
		case "organisation.yml":
			files.Org = &rulesfile.Source{Name: f.Name, Text: f.Data}
		case "repository.yml":
			files.Repo = &rulesfile.Source{Name: policy.FileName, Text: f.Data}
		case "options":
			o = options(t, o, string(f.Data))
		case "history":
			for line := range strings.Lines(string(f.Data)) {
				if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
					lines = append(lines, line)
				}
			}
		case "report":
			told := newTale(compiled(t, files))
			for _, line := range lines {
				told.line(t, line)
			}
			report, err := Suggest(told.history, files, o)
			if err != nil {
				t.Fatal(err)
			}
			if got := report.Print(true); *update {
				f.Data = []byte(got)
			} else if got != string(f.Data) {
				t.Errorf("got:\n%s\nwant:\n%s", got, f.Data)
			}
		default:
			t.Fatalf("%s: no such part", f.Name)
		}
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func options(t *testing.T, o Options, text string) Options {
	for line := range strings.Lines(text) {
		word, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "clean":
			o.Clean = number(t, value)
		case "since":
			o.Since = days(t, value)
		case "repository":
			o.Repository, o.Owner = value, ""
		case "owner":
			o.Repository, o.Owner = "", value
		default:
			t.Fatalf("no option %q", word)
		}
	}
	return o
}

func compiled(t interface{ Fatal(...any) }, files Files) *policy.Rules {
	var parsed [2]*rulesfile.File
	for i, f := range []*rulesfile.Source{files.Org, files.Repo} {
		if f == nil {
			continue
		}
		var err error
		if parsed[i], err = rulesfile.Parse(*f); err != nil {
			t.Fatal(err)
		}
	}
	rules, err := policy.Compile(parsed[0], parsed[1])
	if err != nil {
		t.Fatal(err)
	}
	return rules
}
