package inbox

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// TestWhatWasMergedIsHeardOf with the commit that it became, and nothing of what
// was only closed or names no commit of a branch.
func TestWhatWasMergedIsHeardOf(t *testing.T) {
	sha, head := strings.Repeat("a", 40), strings.Repeat("b", 40)
	for body, heard := range map[string]bool{
		`"merged":true,"merge_commit_sha":"` + sha + `","base":{"ref":"release/1"}`:  true,
		`"merged":false,"merge_commit_sha":"` + sha + `","base":{"ref":"release/1"}`: false, // GitHub's own try
		`"merged":true,"merge_commit_sha":null,"base":{"ref":"release/1"}`:           false,
		`"merged":true,"merge_commit_sha":"` + sha + `","base":{"ref":""}`:           false,
		`"merged":"yes","merge_commit_sha":7,"base":{"ref":"release/1"}`:             false,
	} {
		text := fmt.Appendf(nil, `{"action":"closed","repository":{"id":42,"name":"shop","owner":{"login":"acme"}},
			"pull_request":{"number":7,"merged_at":"2031-03-03T09:00:00Z","head":{"sha":"%s"},%s}}`, head, body)
		p, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got := pushedBy("pull_request", p, text)
		want := &gate.Pushed{Merged: []gate.Merge{{SHA: sha, Number: 7, Head: head, At: time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)}},
			Branch: gate.Subject{Kind: gate.Branch, Repo: gate.Repo{ID: 42, Owner: "acme", Name: "shop"}, Name: "release/1"}}
		if heard != (got != nil) || heard && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", body, got)
		}
	}
}
