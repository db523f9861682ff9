package judge

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

func layered(t testing.TB, org, repo string) *policy.Rules {
	t.Helper()
	var files [2]*rulesfile.File
	for i, text := range []string{org, repo} {
		if text == "" {
			continue
		}
		f, err := rulesfile.Parse(rulesfile.Source{Name: "rules", Text: []byte(text)})
		if err != nil {
			t.Fatal(err)
		}
		files[i] = f
	}
	r, err := policy.Compile(files[0], files[1])
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// bringing is a person's change that makes the rules file what text says; no
// text removes it.
func bringing(text string) *change.Change {
	f := change.File{Path: policy.FileName, Status: change.Modified, Mode: change.ModeFile, PreviousMode: change.ModeFile,
		Before: change.TextOf("version: 1\n"), After: change.TextOf(text)}
	if text == "" {
		f.Status, f.Mode, f.After = change.Removed, "", change.NoText()
	}
	return &change.Change{Repository: "acme/shop", BaseRef: "main",
		Author: change.Actor{Login: "ana", ID: 1, Type: change.User}, Files: []change.File{f}}
}

func TestProposalSaysWhatChanges(t *testing.T) {
	const base = `version: 1
extends: []
rules:
  - { id: db, title: Database, paths: ["db/**"], risk: 60, level: high }
  - { id: old, title: Gone soon, paths: ["old/**"], risk: 10 }
needs: { high: { approvals: 1, from: ["@acme/sre"] } }
environments: { production: { hold: agent_changes, need: high }, staging: { hold: never } }
`
	for name, test := range map[string]struct {
		org, from, to string
		want          []string
	}{
		"nothing": {from: base, to: "# only words\n" + base, want: []string{"Nothing of what is in force changes."}},
		"mode":    {from: base, to: base + "mode: observe\n", want: []string{"The mode becomes `observe`: nothing is held any more."}},
		"rules": {from: base, to: strings.NewReplacer("risk: 60, level: high",
			"risk: 30, level: critical, mode: observe, for: everyone, need: high",
			"id: old, title: Gone soon", "id: new, title: New one").Replace(base),
			want: []string{"Lowers the rule `db` from risk 60 to risk 30.", "only observes from then on",
				"Raises the least level of the rule `db` from high to critical.",
				"The rule `db` is for everyone", "needs what high needs", "Adds the rule `new` (risk 10): New one.",
				"Removes the rule `old` (risk 10): Gone soon."}},
		"conditions": {from: base, to: strings.Replace(base, `"db/**"`, `"db/**", "sql/**"`, 1),
			want: []string{"looks at other `paths`: `db/**` and `sql/**`; it was `db/**`"}},
		"words": {from: base, to: strings.Replace(base, "Database", "The database", 1),
			want: []string{"Changes the words of the rule `db`."}},
		"pack": {from: base, to: strings.Replace(base, "[]", "[migrations]", 1),
			want: []string{"Adds the pack `migrations` with its "}},
		"needs": {from: base, to: strings.Replace(base, "approvals: 1", "approvals: 2", 1),
			want: []string{"A change of high risk needs 2 approvals from @acme/sre; it needs 1 approval from @acme/sre now."}},
		"environments": {from: base, to: strings.Replace(base, "production: { hold: agent_changes",
			"eu: { hold: always }, production: { wait: 1h, hold: never", 1),
			want: []string{"Adds the environment `eu`: hold always",
				"The environment `production` holds never; it held agent_changes.", "other conditions"}},
		"removed environment": {from: base, to: strings.Replace(base, ", staging: { hold: never }", "", 1),
			want: []string{"Removes the environment `staging`, which held never."}},
		"boundaries": {from: base,
			to: base + "boundaries: { a: { paths: [a/**] }, b: { paths: [b/**], environments: [staging] } }\nseparate: [[a, b]]\n",
			want: []string{"Adds the boundary `a`: a/**.", "Adds the boundary `b`: b/**, environment staging.",
				"Adds the group of separate `a and b`."}},
		"lanes": {from: base + "branches: [a, b]\n", to: base + "branches: [b, c]\n",
			want: []string{"The branches `c` become a lane with the check `gatehold: c`.", "The branches `a` are no lane any more"}},
		"order of lanes": {from: base + "branches: [\"a/*\", \"*/b\"]\n", to: base + "branches: [\"*/b\", \"a/*\"]\n",
			want: []string{"the order changes"}},
		"agents": {from: base, to: base + "agents: { presume: agent, known: [{ name: fixer, login: fixer }] }\n",
			want: []string{"counts as an agent's", "Adds the known agent"}},
		"others": {from: base,
			to: base +
				"workflows: { deploy: [\".github/workflows/deploy.yml\"] }\nbreak_glass: { from: [\"@acme/oncall\"], via: " +
				"[passkey], reason: required }\n",
			want: []string{"Adds the set of workflows `deploy`",
				"(`break_glass`) becomes @acme/oncall by passkey with a reason; it was nobody."}},
		"removed": {from: base, to: "", want: []string{"No rules file is left", "Removes the rule `db`"}},
		"first":   {to: base + "mode: observe\n", want: []string{"gets a rules file; it only observes"}},
		"floor holds": {org: "version: 1\nextends: []\nmode: enforce\n", from: base, to: base + "mode: observe\n",
			want: []string{"Nothing of what is in force changes.", "Without effect: `mode observe`: the organisation enforces."}},
	} {
		t.Run(name, func(t *testing.T) {
			current := layered(t, test.org, test.from)
			v := Change(current, bringing(test.to))
			if v.Proposed == nil || !v.Proposed.Valid || len(v.Proposed.Problems) > 0 || len(v.Problems) > 0 {
				t.Fatalf("%+v, problems %v", v.Proposed, v.Problems)
			}
			said := strings.Join(v.Proposed.Changes, "\n")
			for _, want := range test.want {
				if !strings.Contains(said, want) {
					t.Errorf("%q is not said in:\n%s", want, said)
				}
			}
		})
	}
}

func TestInvalidProposalHolds(t *testing.T) {
	const invalid = "version: 1\nrulez: []\nrules:\n  - { id: Db, risk: 600 }\n"
	enforced, observed := layered(t, "", "version: 1\nextends: []\n"), layered(t, "", "version: 1\nextends: []\nmode: observe\n")
	v := Change(enforced, bringing(invalid))
	if !v.Held || v.Proposed == nil || v.Proposed.Valid || v.Agent.Is ||
		!strings.HasPrefix(v.Reason, "Held: The rules file that this change brings cannot be used") {
		t.Errorf("a person's broken rules file: held %v, %q, %+v", v.Held, v.Reason, v.Proposed)
	}
	if p := v.Proposed.Problems; len(p) < 2 || !strings.Contains(p[0], policy.FileName+":2:1: ") {
		t.Errorf("without their places: %q", p)
	}
	if v.Needs == nil {
		t.Error("nobody can release it")
	}
	v = Change(observed, bringing(invalid))
	if v.Held || !v.WouldHold || v.Proposed.Valid || !strings.Contains(v.Reason, "enforced, it would be held: The rules file") {
		t.Errorf("observed: held %v, %q", v.Held, v.Reason)
	}
	if !enforced.Wants(&change.File{Path: policy.FileName, Status: change.Modified}) {
		t.Error("nobody would read the proposed file")
	}
	if v := Change(enforced, &change.Change{Files: []change.File{{Path: "a", Status: change.Added, After: change.TextOf("a"),
		Before: change.NoText()}}}); v.Proposed != nil {
		t.Errorf("a change without a rules file proposes %+v", v.Proposed)
	}
}

// TestProposalIsWhatWouldBeInForce: what is told of is what a merge brings.
func TestProposalIsWhatWouldBeInForce(t *testing.T) {
	const org, from, to = "version: 1\nextends: [secrets]\n", "version: 1\nextends: []\n", "version: 1\nextends: [minimal]\nmode: observe\n"
	_, next := Propose(layered(t, org, from), bringing(to))
	if want := layered(t, org, to); next.Digest() != want.Digest() {
		t.Error("the proposed rules are not those that the gate would load")
	}
	_, next = Propose(layered(t, org, from).AsAgents(), bringing(to))
	if want := layered(t, org, to); next.Digest() != want.Digest() {
		t.Error("a presumption of the caller was taken for one of the file")
	}
	own := bringing(to)
	own.Repository = "acme/.GitHub"
	if _, next = Propose(layered(t, from, from), own); next.Digest() != layered(t, to, to).Digest() {
		t.Error("the organisation's own file is not its floor")
	}
}

func TestProposalIsNoPartOfTheDigest(t *testing.T) {
	r := layered(t, "", "version: 1\nextends: []\n")
	v := Change(r, bringing("version: 1\nextends: [minimal]\n"))
	plain := v
	plain.Proposed = nil
	again := Change(r, bringing("version: 1\nextends: [minimal]\n"))
	if v.Digest == "" || v.Digest != again.Digest || plain.Digest != v.Digest {
		t.Error("the digest moves")
	}
	broken := Change(r, bringing("version: 2\n"))
	if broken.Digest == v.Digest {
		t.Error("a broken proposal has the digest of a valid one")
	}
}

func TestComparePast(t *testing.T) {
	current := layered(t, "",
		"version: 1\nextends: []\nrules: [{ id: db, title: Database, paths: [\"db/**\"], risk: 10, for: everyone }]\n")
	proposed := layered(t, "",
		"version: 1\nextends: []\nrules: [{ id: db, title: Database, paths: [\"db/**\"], risk: 60, for: everyone }]\nneeds: "+
			"{ high: { approvals: 1 } }\n")
	touching := func(number int, path string, gaps ...string) change.Change {
		return change.Change{Number: number, Title: "A \u202e change", Gaps: gaps,
			Files: []change.File{{Path: path, Status: change.Added, Before: change.NoText(), After: change.TextOf("x\n")}}}
	}
	judged, different := Compare(current, proposed,
		[]change.Change{touching(1, "db/1"), touching(2, "src/a"), touching(3, "db/2", "not whole")})
	want := []gate.Difference{{Subject: `#1 A \u202e change`, From: "passes: low risk, score 10",
		To: "held: high risk, score 60, needs 1 approval"}}
	if judged != 2 || !slices.Equal(different, want) {
		t.Errorf("judged %d, different %+v", judged, different)
	}
	many := make([]change.Change, 3*maxDifferent)
	for i := range many {
		many[i] = touching(i+1, "db/x")
	}
	if judged, different = Compare(current, proposed, many); judged != len(many) || len(different) != maxDifferent {
		t.Errorf("judged %d, %d different", judged, len(different))
	}
}
