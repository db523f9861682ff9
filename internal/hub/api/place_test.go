package api_test

import (
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/lag"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// TestRulesOfAnOrganisationThatWasRenamed: whichever name is told, and whatever name
// GitHub gave while it was behind, the organisation's rules are those of the owner
// that the repository has, and another's that took the old name count for nothing.
func TestRulesOfAnOrganisationThatWasRenamed(t *testing.T) {
	for _, behind := range []bool{false, true} {
		w := hubtest.NewWorld(t)
		w.Acme.CreateRepo(".github", fakehub.Files{wire.RulesPath: "version: 1\n# ours\n"})
		base, head := w.Shop.Tip("main"), w.Commit("main", fakehub.NewCommit{Files: fakehub.Files{"a.txt": "a\n"}})
		_, seen := w.Open(fakehub.NewPull{Files: fakehub.Files{"b.txt": "b\n"}})
		told := w.At()
		lag := w.Fake.Lag(lag.Lag{Times: 1 << 20})
		w.Must(w.Acme.Rename("emca"))
		taken := w.Fake.CreateOrg("acme")
		taken.CreateRepo(".github", fakehub.Files{wire.RulesPath: "version: 1\nmode: observe\n"})
		if behind {
			told.Repo.Owner, seen.Subject.Repo.Owner = "emca", "emca"
			_, _ = w.Hub.RulesOn(t.Context(), told.Repo, "main") // by the name of before, which is what GitHub tells
		}
		lag.CatchUp()
		for name, read := range map[string]func() (change.RulesFile, error){
			"a pull request": func() (change.RulesFile, error) {
				f, err := w.Hub.Facts(t.Context(), seen.Subject, change.Hint{})
				return f.Org, err
			},
			"a branch": func() (change.RulesFile, error) {
				f, err := w.Hub.RulesOn(t.Context(), told.Repo, "main")
				return f.Org, err
			},
			"the default branch": func() (change.RulesFile, error) {
				f, err := w.Hub.Trunk(t.Context(), told.Repo)
				return f.Org, err
			},
			"the workflows": func() (change.RulesFile, error) {
				f, err := w.Hub.Workflows(t.Context(), told.Repo)
				return f.Org, err
			},
			"what goes out": func() (change.RulesFile, error) {
				o, err := w.Hub.Outgoing(t.Context(), told, base, head)
				return o.Org, err
			},
		} {
			if org, err := read(); err != nil || string(org.Text) != "version: 1\n# ours\n" {
				t.Errorf("%s, behind %v: %v %q, %v", name, behind, org.State, org.Text, err)
			}
		}
	}
}
