package policy

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/rulesfile"
)

// A repository has more people told than the organisation does, and nobody less; it is
// explained, told where it changes, and no part of what an approval is for.
func TestWhoIsTold(t *testing.T) {
	parse := func(text string) *rulesfile.File {
		t.Helper()
		f, err := rulesfile.Parse(rulesfile.Source{Name: "a.yml", Text: []byte("version: 1\n" + text)})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	compile := func(org, repo string) *Rules {
		t.Helper()
		r, err := Compile(parse(org), parse(repo))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	both := compile("tell: [{ to: [siem] }, { to: [oncall], after: 2h, level: critical }]", "tell: [{ to: [ops], when: [decided, held] }, { to: [siem] }]")
	told := both.Tell()
	if len(told) != 3 || told[0].To[0] != "siem" || !slices.Equal(told[0].When, []string{"held", "decided"}) ||
		told[1].After != "2h0m0s" || !slices.Equal(told[1].When, []string{"held"}) || told[2].To[0] != "ops" {
		t.Errorf("told are %+v", told)
	}
	if text := both.Explain().Text(); !strings.Contains(text, "oncall when held for longer than 2h, from critical on") {
		t.Errorf("it is explained as\n%s", text)
	}
	one := compile("tell: [{ to: [siem] }]", "")
	if one.Digest() != both.Digest() {
		t.Error("who is told is part of the digest")
	}
	said := strings.Join(Differences(one, both), "\n")
	back := strings.Join(Differences(both, one), "\n")
	if !strings.Contains(said, "Tells oncall when held") || !strings.Contains(back, "No longer tells oncall") {
		t.Errorf("what differs:\n%s\n%s", said, back)
	}
	for text, code := range map[string]string{
		"tell: []": "bad_value", "tell: [{ when: [held] }]": "missing_key", "tell: [{ to: ['https://x.y'] }]": "bad_value",
		"tell: [{ to: ['#ops'] }]": "bad_value", "tell: [{ to: [a], when: [often] }]": "bad_value",
		"tell: [{ to: [a, a] }]": "duplicate_key", "tell: [{ to: [a], after: 1h, when: [decided] }]": "bad_value",
	} {
		_, err := rulesfile.Parse(rulesfile.Source{Name: "a.yml", Text: []byte("version: 1\n" + text)})
		if problems, is := err.(rulesfile.Problems); !is || problems[0].Code != code {
			t.Errorf("%s: %v", text, err)
		}
	}
}
