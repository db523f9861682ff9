package deploys

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCommentsAreCutBetweenCharacters(t *testing.T) {
	for _, s := range []string{"", "short", strings.Repeat("\u00e4", 1024), strings.Repeat("\U0001F512", 1025),
		"bad \xff\x00 bytes", strings.Repeat("a\xff", 2000)} {
		got := cutRunes(s, maxComment)
		if n := utf8.RuneCountInString(got); n > maxComment || !utf8.ValidString(got) || strings.Contains(got, "\x00") ||
			n < min(utf8.RuneCountInString(s), maxComment) {
			t.Errorf("%.20q came out with %d characters", s, n)
		}
	}
	if got := cutRunes(strings.Repeat("\u00e4", 1024), maxComment); strings.HasSuffix(got, "\u2026") {
		t.Error("a text that fits is cut")
	}
}
