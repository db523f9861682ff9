package program

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

func TestCases(t *testing.T) {
	detecttest.Pairs(t, New(), "../../../testdata/detect/program")
}

// Each row of the table is what its examples come to, and nothing of the others.
func TestRowsHoldWhatTheySay(t *testing.T) {
	for _, l := range known().libraries {
		for _, w := range l.Calls {
			examples(t, l.Library+": "+w.Call, w.Kind, w.Fires, w.Quiet, "x.")
		}
	}
	for _, s := range known().settings {
		examples(t, s.Key, s.Kind, s.Fires, s.Quiet, "")
	}
}

func examples(t *testing.T, what, kind string, fires, quiet []string, name string) {
	t.Helper()
	if kind != "none" && (named[kind] == nil || len(fires) == 0) || len(quiet) == 0 {
		t.Errorf("%s: the kind %q is unknown, or an example is missing", what, kind)
	}
	seen := func(example string) bool {
		file, text, _ := strings.Cut(example, ": ")
		for _, id := range detecttest.IDs(New(), detecttest.File(name+file, "", text)) {
			if id == kind {
				return true
			}
		}
		return false
	}
	for _, e := range fires {
		if !seen(e) {
			t.Errorf("%s: %q must fire as %s", what, e, kind)
		}
	}
	for _, e := range quiet {
		if seen(e) {
			t.Errorf("%s: %q must not fire", what, e)
		}
	}
}

func FuzzDetect(f *testing.F) {
	detecttest.Seed(f, New())
	paths := []string{"a.py", "a.ts", "a.rb", "A.java", "a.go", "a.php", "application.yml", "application.properties", "persistence.xml"}
	f.Fuzz(func(t *testing.T, before, after string) {
		detecttest.Fuzz(t, New(), paths, before, after)
	})
}
