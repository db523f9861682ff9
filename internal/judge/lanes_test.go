package judge

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/rulesfile"
)

func TestLanesInRules(t *testing.T) {
	const head = "version: 1\nextends: []\n"
	plain, named := layered(t, "", head), layered(t, "", head+"branches: [develop, \"release/**\"]\n")
	if plain.Digest() == named.Digest() || !named.Usable() {
		t.Error("lanes are no part of what is in force")
	}
	both := layered(t, head+"branches: [\"release/**\", trunk]\n", head+"branches: [develop, \"Release/**\", trunk]\n")
	if got := both.Branches(); !slices.Equal(got, []string{"release/**", "trunk", "develop"}) {
		t.Errorf("%q", got)
	}
	if text := both.Explain().Text(); !strings.Contains(text, "branches                     develop") {
		t.Errorf("it does not explain the lanes:\n%s", text)
	}
	for text, code := range map[string]string{
		"[\"a b\"]": "bad_glob", "[\"release**\"]": "bad_glob", "[\"refs/heads/x\"]": "bad_glob", "[x, X]": "duplicate_key",
		"[\"release/*\", release/1]": "unreachable", "[" + strings.Repeat("\"a*\", ", 1) + "\"b\", ab]": "unreachable", "x": "",
	} {
		_, err := rulesfile.Parse(rulesfile.Source{Name: "f", Text: []byte(head + "branches: " + text + "\n")})
		if err == nil {
			t.Errorf("%s is taken", text)
			continue
		}
		if faults, ok := err.(rulesfile.Problems); code != "" && (!ok || faults[0].Code != code) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
