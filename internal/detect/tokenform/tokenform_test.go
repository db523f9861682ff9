package tokenform

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
)

var month = regexp.MustCompile(`^20[0-9]{2}-(0[1-9]|1[0-2])$`)

// Every form parses, captures nothing, holds one of its prefixes, and says when
// it was written down and where the form is documented.
func TestForms(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Forms() {
		tree, err := syntax.Parse(f.Regex, syntax.Perl)
		if err != nil {
			t.Errorf("%s: %v", f.ID, err)
			continue
		}
		if tree.MaxCap() != 0 {
			t.Errorf("%s: its expression captures a part", f.ID)
		}
		if seen[f.ID] {
			t.Errorf("%s is there twice", f.ID)
		}
		seen[f.ID] = true
		if len(f.Prefixes) == 0 || slices.Contains(f.Prefixes, "") {
			t.Errorf("%s has no prefix and is never tried", f.ID)
		}
		if !month.MatchString(f.Date) || !strings.HasPrefix(f.Source, "https://") {
			t.Errorf("%s: date %q, source %q", f.ID, f.Date, f.Source)
		}
	}
}

func TestNames(t *testing.T) {
	for _, n := range allNames() {
		if n.Name != strings.ToUpper(n.Name) || !month.MatchString(n.Date) || !strings.HasPrefix(n.Source, "https://") {
			t.Errorf("%+v", n)
		}
	}
	for _, c := range []struct {
		name string
		want bool
	}{
		{"RAILWAY_TOKEN", true}, {"railway_token", true}, {"PROD_RAILWAY_TOKEN", true}, {"RAILWAY_TOKEN_URL", false},
		{"TOKEN", false}, {"", false}, {"MYRAILWAY_TOKEN", false},
	} {
		if got := Named(c.name); got != c.want {
			t.Errorf("%q: %v", c.name, got)
		}
	}
}
