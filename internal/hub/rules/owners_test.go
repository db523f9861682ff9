package rules_test

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

var ownersPlaces = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

func TestOwnersAreReadInGitHubsOrder(t *testing.T) {
	w := hubtest.NewWorld(t)
	at := func() change.RulesFile {
		t.Helper()
		f, err := w.Hub.Owners(t.Context(), w.Repo(), w.Shop.Tip("main"), ownersPlaces)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if f := at(); f.State != change.RulesAbsent || f.Text != nil {
		t.Errorf("nothing is there: %+v", f)
	}
	for _, step := range []struct{ path, text string }{
		{"docs/CODEOWNERS", "* @docs\n"}, {"CODEOWNERS", "* @root\n"}, {".github/CODEOWNERS", "* @dot\n"},
	} {
		if _, err := w.Shop.Commit("main", fakehub.NewCommit{Files: fakehub.Files{step.path: step.text}}); err != nil {
			t.Fatal(err)
		}
		if f := at(); f.State != change.RulesFound || string(f.Text) != step.text ||
			!strings.HasPrefix(f.Name, "acme/shop/"+step.path+"@") {
			t.Errorf("%s: %+v", step.path, f)
		}
	}
	w.Asked()
	at()
	if sent := w.Asked(); len(sent) != 0 {
		t.Errorf("what a commit says was asked again: %v", sent)
	}
	if _, err := w.Shop.Commit("main",
		fakehub.NewCommit{Files: fakehub.Files{".github/CODEOWNERS": fakehub.Symlink("../docs/CODEOWNERS")}}); err != nil {
		t.Fatal(err)
	}
	if f := at(); f.State != change.RulesRefused || f.Text != nil || !strings.Contains(f.Reason, "120000") {
		t.Errorf("a link was followed, or passed over: %+v", f)
	}
	if sent := w.Asked(); len(sent) != 1 {
		t.Errorf("sent %v", sent)
	}
	long := strings.Repeat("/a-folder/with/a/name @acme/team\n", 20_000) // more than GraphQL shows
	if _, err := w.Shop.Commit("main", fakehub.NewCommit{Files: fakehub.Files{".github/CODEOWNERS": long}}); err != nil {
		t.Fatal(err)
	}
	if f := at(); f.State != change.RulesFound || string(f.Text) != long {
		t.Errorf("state %d, %d bytes: %s", f.State, len(f.Text), f.Reason)
	}
	if _, err := w.Shop.Commit("main", fakehub.NewCommit{Files: fakehub.Files{".github/CODEOWNERS": strings.Repeat(long, 5)}}); err != nil {
		t.Fatal(err)
	}
	if f := at(); f.State != change.RulesAbsent || !strings.Contains(f.Reason, "ignores") {
		t.Errorf("GitHub ignores it, gatehold says %d %s", f.State, f.Reason)
	}
	w.Asked()
	at()
	if sent := w.Asked(); len(sent) != 0 {
		t.Errorf("what a commit says was asked again: %v", sent)
	}
	if _, err := w.Hub.Owners(t.Context(), w.Repo(), strings.Repeat("0", 40), ownersPlaces); err == nil {
		t.Error("a commit that is not there has an answer")
	}
}
