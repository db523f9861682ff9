// Package detecttest runs a detector over cases that are written as text, so
// that what it sees can be read and added to by people who do not write Go.
package detecttest

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// Relevant is the risk from which a finding counts in the default rules.
const Relevant = 20

// File is a changed file; an empty text is a side that does not exist.
func File(path, before, after string) change.File {
	f := change.File{Path: path, Status: change.Modified, Mode: change.ModeFile, Before: change.TextOf(before), After: change.TextOf(after)}
	if before == "" {
		f.Status, f.Before = change.Added, change.NoText()
	}
	if after == "" {
		f.Status, f.After = change.Removed, change.NoText()
	}
	return f
}

// Observe runs a detector over files as one change.
func Observe(d detect.Detector, files ...change.File) []detect.Observation {
	r := detect.NewReport(files[0].Path)
	for i := range files {
		one := detect.NewReport(files[i].Path)
		if d.Wants(&files[i]) {
			d.Detect(&files[i], one)
		}
		for _, o := range one.Observations() {
			r.Add(o)
		}
	}
	if w, ok := d.(detect.Whole); ok {
		w.DetectChange(&change.Change{Repository: "acme/shop", Files: files}, r)
	}
	return r.Observations()
}

// IDs are the distinct kinds that files give, without the detector's name.
func IDs(d detect.Detector, files ...change.File) []string {
	seen := map[string]bool{}
	out := []string{}
	for _, o := range Observe(d, files...) {
		if id := strings.TrimPrefix(o.Kind.ID, d.Name()+"/"); !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	sort.Strings(out)
	return out
}

// Pairs runs every *.txtar in dir. Each of its sections is named
// "PATH: KIND: TITLE" and holds two texts with a line "===" between them. From
// the first to the second KIND must be seen; back again, and for the first as
// a new file, nothing may be. A KIND of "-" is a pair with nothing to see in
// either direction; "KIND!" is one of which only the way there is looked at.
func Pairs(t *testing.T, d detect.Detector, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases in %s: %v", dir, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range txtar.Parse(data).Files {
			t.Run(filepath.Base(name)+"/"+section.Name, func(t *testing.T) { pair(t, d, section) })
		}
	}
}

func pair(t *testing.T, d detect.Detector, section txtar.File) {
	parts := strings.SplitN(section.Name, ": ", 3)
	good, bad, ok := strings.Cut(string(section.Data), "===\n")
	if len(parts) != 3 || !ok {
		t.Fatalf("the section %q is not PATH: KIND: TITLE with a line === in it", section.Name)
	}
	path, kind, oneWay := parts[0], strings.TrimSuffix(parts[1], "!"), strings.HasSuffix(parts[1], "!")
	there := IDs(d, File(path, good, bad))
	if kind == "-" {
		if len(there) > 0 {
			t.Errorf("there is nothing to see, but %v", there)
		}
	} else if !contains(there, kind) {
		t.Errorf("%s is not seen, only %v", kind, there)
	}
	if oneWay {
		return
	}
	for _, o := range Observe(d, File(path, bad, good)) {
		if o.Kind.Risk >= Relevant && bad != "" {
			t.Errorf("on the way back: %s %s %s", o.Kind.ID, o.Object, o.Detail)
		}
	}
	if good == "" {
		return
	}
	for _, o := range Observe(d, File(path, "", good)) {
		if o.Kind.Risk >= Relevant && kind != "-" {
			t.Errorf("the good one as a new file: %s %s %s", o.Kind.ID, o.Object, o.Detail)
		}
	}
}

// Changes runs every *.txtar in dir, of changes of several files. A section
// "want: IDS: TITLE" starts a case and says which kinds the whole change gives,
// in order, with spaces between; its text is for people. Each section after it
// is a file: "PATH", or "PATH < OLD" where it was renamed, holding its text
// before and after with a line "===" between them; an empty one does not exist.
func Changes(t *testing.T, d detect.Detector, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases in %s: %v", dir, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sections := txtar.Parse(data).Files
		for len(sections) > 0 {
			head, ok := strings.CutPrefix(sections[0].Name, "want: ")
			want, title, both := strings.Cut(head, ": ")
			if !ok || !both {
				t.Fatalf("%s: the section %q is not want: IDS: TITLE", name, sections[0].Name)
			}
			end := 1
			for end < len(sections) && !strings.HasPrefix(sections[end].Name, "want: ") {
				end++
			}
			files := filesOf(t, sections[1:end])
			t.Run(filepath.Base(name)+"/"+title, func(t *testing.T) {
				if got := strings.Join(IDs(d, files...), " "); got != strings.TrimPrefix(want, "-") {
					t.Errorf("want %q, got %q", want, got)
				}
			})
			sections = sections[end:]
		}
	}
}

func filesOf(t *testing.T, sections []txtar.File) []change.File {
	t.Helper()
	var out []change.File
	for _, s := range sections {
		before, after, ok := strings.Cut("\n"+string(s.Data), "\n===\n")
		if !ok {
			t.Fatalf("the section %q has no line ===", s.Name)
		}
		path, old, renamed := strings.Cut(s.Name, " < ")
		f := File(path, strings.TrimPrefix(before, "\n"), after)
		if renamed {
			f.Status, f.PreviousPath = change.Renamed, old
		}
		out = append(out, f)
	}
	return out
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// Seed adds the examples of every kind to a fuzz test's corpus.
func Seed(f *testing.F, d detect.Detector) {
	for _, k := range d.Kinds() {
		f.Add(k.FiresBefore, k.Fires)
		f.Add(k.QuietBefore, k.Quiet)
	}
}

// Fuzz judges two texts at each path, and fails where no change is one.
func Fuzz(t *testing.T, d detect.Detector, paths []string, before, after string) {
	for _, path := range paths {
		Observe(d, File(path, before, after))
		if after == "" {
			continue
		}
		f := File(path, after, after)
		if got := Observe(d, f); len(got) != 0 {
			t.Fatalf("%s did not change, but %s was seen", path, got[0].Kind.ID)
		}
	}
}
