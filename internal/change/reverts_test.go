package change_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
)

func TestReverts(t *testing.T) {
	commit := func(messages ...string) (out []change.Commit) {
		for _, m := range messages {
			out = append(out, change.Commit{Message: m})
		}
		return out
	}
	for _, c := range []struct {
		name, title, body string
		commits           []change.Commit
		want              []int
	}{
		{name: "GitHub's button", title: `Revert "Add a column"`, body: "Reverts acme/shop#12", want: []int{12}},
		{name: "after a squash", title: `Revert "Add a column (#12)"`, want: []int{12}},
		{name: "a merge", title: `Revert "Merge pull request #12 from acme/devin/1"`, want: []int{12}},
		{name: "the squash of the revert",
			commits: commit("Revert \"Add a column (#12)\" (#15)\n\nThis reverts commit 3f2a91c."), want: []int{12}},
		{name: "the revert of a revert", title: `Revert "Revert "Add a column (#12)" (#15)"`, want: []int{15}},
		{name: "the revert of a revert, not squashed", title: `Revert "Revert "Add a column (#12)""`, want: []int{12}},
		{name: "the address", body: "This reverts https://github.com/Acme/Shop/pull/12.", want: []int{12}},
		{name: "several", body: "Reverts #12, #14 and acme/shop#13\nreverting PR #3", want: []int{3, 12, 13, 14}},
		{name: "in a message", commits: commit("Undo", "Take it back\n\nReverts acme/shop#7"), want: []int{7}},
		{name: "another repository", body: "Reverts acme/pay#12, https://github.com/other/shop/pull/3"},
		{name: "itself", body: "Reverts #99"},
		{name: "only a SHA", title: `Revert "Add a column"`,
			commits: commit("Revert \"Add a column\"\n\nThis reverts commit 3f2a91c00000.")},
		{name: "other words", title: `Reapply "Add a column (#12)"`, body: "Fixes #12. Introverts #13."},
		{name: "numbers too large", body: "Reverts #99999999999999999999"},
		{name: "no number", body: "Reverts #0 #x"},
	} {
		got := change.Reverts(&change.Change{Repository: "acme/shop", Number: 99, Title: c.title, Body: c.body, Commits: c.commits})
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestRevertsAreBounded(t *testing.T) {
	var body strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&body, "Reverts #%d\n", i+1)
	}
	if got := change.Reverts(&change.Change{Body: body.String()}); len(got) != 50 {
		t.Errorf("%d numbers were taken, want 50", len(got))
	}
}

func FuzzReverts(f *testing.F) {
	f.Add(`Revert "Revert "Add a column (#12)" (#15)"`, "Reverts acme/shop#12, #14 and #13",
		"Revert \"x (#3)\" (#4)\n\nreverts https://github.com/acme/shop/pull/5")
	f.Add(`Revert "`, "revert #", "Revert \"Merge pull request #12 from a")
	f.Fuzz(func(t *testing.T, title, body, message string) {
		c := change.Change{Repository: "acme/shop", Number: 9, Title: title, Body: body, Commits: []change.Commit{{Message: message}}}
		got := change.Reverts(&c)
		all := title + body + message
		for i, n := range got {
			if n <= 0 || n == 9 || i > 0 && got[i-1] >= n || !strings.Contains(all, fmt.Sprint(n)) {
				t.Fatalf("%v of %q", got, all)
			}
		}
		c.Body = "Reverts Acme/SHOP#4242\n" + body
		if got := change.Reverts(&c); len(got) < 50 && !slices.Contains(got, 4242) {
			t.Fatalf("%v lacks what the body begins with", got)
		}
	})
}
