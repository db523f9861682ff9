package faults

import (
	"testing"
)

func TestPatternsMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"GET /a", "GET /a", true}, {"GET /a", "GET /ab", false}, {"GET *", "GET /ab", true}, {"*/b", "GET /a/b", true},
		{"*b*c", "abbc", true},
		{"a*a", "a", false}, {"*", "", true}, {"a*b*c", "a-c-b", false}, {"a**c", "abc", true},
	} {
		if got := Matches(c.pattern, c.text); got != c.want {
			t.Errorf("matches(%q, %q) is %v", c.pattern, c.text, got)
		}
	}
}
