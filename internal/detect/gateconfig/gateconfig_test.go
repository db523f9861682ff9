package gateconfig_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/gateconfig"
	"github.com/gatehold/gatehold/internal/policy"
)

// sample is a line of testdata/detect/gateconfig.jsonl: one file before and
// after, and the kinds of risk 20 or more that must be seen; none: none.
type sample struct {
	Path          string
	Before, After *string
	Want          []string
}

func (s *sample) file() *change.File {
	f := &change.File{Path: s.Path, Status: change.Modified, Before: change.NoText(), After: change.NoText()}
	if s.Before != nil {
		f.Before = change.TextOf(*s.Before)
	}
	if s.After != nil {
		f.After = change.TextOf(*s.After)
	}
	return f
}

func samples(t testing.TB) []sample {
	f, err := os.Open("../../../testdata/detect/gateconfig.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []sample
	for in := bufio.NewScanner(f); in.Scan(); {
		var s sample
		if err := json.Unmarshal(in.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func observe(f *change.File) []detect.Observation {
	d, r := gateconfig.New(policy.FileReader{}), detect.NewReport(f.Path)
	if d.Wants(f) {
		d.Detect(f, r)
	}
	return r.Observations()
}

func TestSamples(t *testing.T) {
	all := samples(t)
	if len(all) < 70 {
		t.Fatalf("only %d samples", len(all))
	}
	for _, s := range all {
		var got []string
		for _, o := range observe(s.file()) {
			if o.Kind.Risk >= 20 {
				got = append(got, o.Kind.ID)
			}
		}
		for _, want := range s.Want {
			if !slices.Contains(got, want) {
				t.Errorf("%s: saw %q, not %s, in\n%s", s.Path, got, want, text(s.After))
			}
		}
		if len(s.Want) == 0 && len(got) > 0 {
			t.Errorf("%s: saw %q in\n%s", s.Path, got, text(s.After))
		}
	}
}

func text(s *string) string {
	if s == nil {
		return "(no file)"
	}
	return *s
}

func TestHostileTexts(t *testing.T) {
	deep := "a: "
	for i := range 90 {
		deep = strings.Repeat(" ", i) + strings.Repeat("k", 50) + ":\n" + deep
	}
	for name, text := range map[string]string{
		"nesting":  strings.Repeat("[", 1<<18),
		"keys":     strings.Repeat("a: 1\n", 1<<14),
		"owners":   strings.Repeat("/a/b/c/d/e/f/g @x\n", 1<<13),
		"slashes":  strings.Repeat("/", 1<<18) + " @x\n",
		"deep":     deep,
		"invalid":  strings.Repeat("\xff\xfe", 1<<17),
		"one line": strings.Repeat("x", 1<<20+1),
	} {
		for _, path := range []string{"CODEOWNERS", ".github/gatehold.yml", ".github/settings.yml", ".github/rulesets/a.json",
			"app.yml", "renovate.json"} {
			old := "enforcement: active\nprotection: 1\ndefault_permissions: {}\n"
			f := &change.File{Path: path, Before: change.TextOf(old), After: change.TextOf(text)}
			if n := len(observe(f)); n > len(gateconfig.Kinds)*detect.MaxPerFile {
				t.Errorf("%s in %s: %d seen", name, path, n)
			}
			observe(&change.File{Path: path, Before: change.TextOf(text), After: change.TextOf(old)})
		}
	}
}

func TestRenamedAwayIsTakenAway(t *testing.T) {
	for _, path := range []string{"CODEOWNERS.old", "old/CODEOWNERS", "x/gatehold.yml"} {
		from := ".github/CODEOWNERS"
		if strings.HasSuffix(path, "yml") {
			from = ".github/gatehold.yml"
		}
		same := change.TextOf("* @acme/dev\n")
		found := observe(&change.File{Path: path, PreviousPath: from, Status: change.Renamed, Before: same, After: same})
		if len(found) != 1 || found[0].Kind.ID != "gateconfig/removed" {
			t.Errorf("%s: %+v", path, found)
		}
	}
}

func FuzzDetect(f *testing.F) {
	for _, s := range samples(f) {
		if s.After != nil && s.Before != nil {
			f.Add(s.Path, *s.Before, *s.After)
		}
	}
	f.Fuzz(func(t *testing.T, path, before, after string) {
		observe(&change.File{Path: path, Before: change.TextOf(before), After: change.TextOf(after)})
		for _, o := range observe(&change.File{Path: path, Before: change.TextOf(before), After: change.TextOf(before)}) {
			if o.Kind.ID != "gateconfig/unreadable" {
				t.Fatalf("nothing changed, and yet: %+v", o)
			}
		}
	})
}
