package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/glob"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
)

// TestDifferencesAreSaid: rules that are not the same never look the same.
func TestDifferencesAreSaid(t *testing.T) {
	pieces := []string{
		"mode: observe\n", "agents: { presume: agent }\n", "agents: { known: [{ login: x, owner: \"@a\" }] }\n",
		"agents: { known: [{ login: x, id: 7 }] }\n",
		"needs: { low: none, high: { approvals: 3 } }\n", "needs: { critical: { approvals: 1, keep: same_findings } }\n",
		"environments: { p: { hold: always, freeze: [{ cron: \"0 1 * * *\", lasts: 1h }] } }\n",
		"environments: { P: { hold: always, concurrent: 2 } }\n",
		"boundaries: { a: { paths: [a/**] } }\n", "boundaries: { a: { paths: [b/**] }, b: { detect: [\"sql/*\"] } }\nseparate: [[a, b]]\n",
		"workflows: { d: [x] }\n", "workflows: { d: [y] }\n", "break_glass: { from: [\"@a\"] }\n",
		"break_glass: { from: [\"@a\"], reason: required }\n",
		"adjust: { migrations/sql: { risk: 99 } }\n", "adjust: { migrations/files: { risk: 99, level: critical, for: everyone } }\n",
		"rules: [{ id: x, title: X, detect: [\"sql/*\"] }]\n",
		"rules: [{ id: x, title: X, detect: [\"sql/*\"], risk: 7, controls: [c] }]\n",
	}
	rapid.Check(t, func(t *rapid.T) {
		var rules [2]*Rules
		for i := range rules {
			text, used := "version: 1\nextends: [migrations]\n", map[string]bool{}
			for range rapid.IntRange(0, 4).Draw(t, "pieces") {
				piece := rapid.SampledFrom(pieces).Draw(t, "piece")
				key, _, _ := strings.Cut(piece, ":")
				if !used[key] {
					used[key] = true
					text += piece
				}
			}
			f, err := rulesfile.Parse(rulesfile.Source{Name: fmt.Sprint(i), Text: []byte(text)})
			if err != nil {
				t.Fatalf("%v in\n%s", err, text)
			}
			if rules[i], err = Compile(nil, f); err != nil {
				t.Fatal(err)
			}
		}
		said := Differences(rules[0], rules[1])
		same := rules[0].digest == rules[1].digest
		if same != slices.Contains(said, "Nothing of what is in force changes.") || len(said) == 0 {
			t.Fatalf("the same: %v, said %q", same, said)
		}
		if !same && slices.Contains(said, "What is in force changes in other settings.") {
			t.Fatalf("nobody can see what differs between\n%s\nand\n%s", asText(rules[0].Explain()), asText(rules[1].Explain()))
		}
	})
}

// TestWhatIsInForceIsCompared: a field that is new in the rules in force has to
// be compared, or counted as unknown.
func TestWhatIsInForceIsCompared(t *testing.T) {
	for _, c := range []struct {
		of   any
		want string
	}{
		{wholeInForce{},
			"Mode Presume Known Rules Needs Boundaries Separate Environments Workflows BreakGlass Problems OwnersOut Helpers Branches Commands " +
				"Passkeys Credentials Identities"},
		{Rules{},
			"Registry Org repo Builtin mode sources Agents ownersOut Plain Active Needs Incomplete Boundaries Separate " +
				"branches commands own environments workflows breakGlass tell passkeys credentials identities Problems explanation Plan digest before"},
		{rulesfile.Boundary{}, "Name Paths Detect Environments"},
		{rulesfile.BreakGlass{}, "From Via Reason"},
		{rulesfile.Passkeys{}, "Wait VouchFrom Vouches Attestation Models Keys Notices"},
		{rulesfile.Freeze{}, "From Until Cron Lasts Zone Except Reason"},
		{After{}, "Environment Healthy"},
		{Credential{}, "ID For Gate Mode Permissions Repositories Audience Claims Lifetime Chain OwnOnly"},
		{rulesfile.CredentialFor{}, "Repositories Workflow JobWorkflow Environment Branches Runner Issuer Subject Claims Agent"},
		{rulesfile.AgentIdentity{}, "Agent Issuer Subject Claims"},
		{gate.Need{}, "Approvals From Via Expires Reason Keep All Any"},
	} {
		var names []string
		for i := range reflect.TypeOf(c.of).NumField() {
			names = append(names, reflect.TypeOf(c.of).Field(i).Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%T has %s: see that weaknesses compares what is new", c.of, got)
		}
	}
}

// TestWidensIsSound: where a list is said to widen another, nothing that the
// other matches escapes it.
func TestWidensIsSound(t *testing.T) {
	patterns := []string{"a/**", "!a/**", "a/b", "!a/b", "**", "b/*", "!**/c", "**/c", "a/b/**", "A/b"}
	names := []string{"a/b", "a/c", "b/c", "a/b/c", "c", "A/b", "a"}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) []string {
			return append([]string{rapid.SampledFrom([]string{"a/**", "b/*", "**"}).Draw(t, label)},
				rapid.SliceOfN(rapid.SampledFrom(patterns), 0, 4).Draw(t, label)...)
		}
		old, now := draw("old"), draw("now")
		if !widens(now, old, pathWithin) {
			return
		}
		a, err1 := glob.CompileSet(old)
		b, err2 := glob.CompileSet(now)
		if err1 != nil || err2 != nil {
			return // one that can never match, which no file may hold
		}
		for _, name := range names {
			if a.Match(name, glob.Fold(name)) && !b.Match(name, glob.Fold(name)) {
				t.Fatalf("%v is said to widen %v, and does not match %s", now, old, name)
			}
		}
	})
}

// TestRulesDigestsAreKnownAgain: by the digest that the version before gave them.
func TestRulesDigestsAreKnownAgain(t *testing.T) {
	r := EnforcedDefault()
	old := gate.RulesRef{Digest: hashed(wholeOf(r))}
	if !r.Ref().Same(old) || !old.Same(r.Ref()) || r.Ref().Same(Builtin().Ref()) || old.Same(Builtin().Ref()) {
		t.Error("rules are not known again by the digest that they had")
	}
}

// reworded are rules that say all that they say in other words, as a later
// version or whoever mends a typing error in them does.
func reworded(r *Rules, other string) *Rules {
	out := *r
	out.Active = nil
	for _, rule := range r.Active {
		said := *rule
		said.Title, said.Why = other+said.Title, other+said.Why
		if said.Message != "" {
			said.Message = other + said.Message
		}
		said.Controls = append([]string{"reference-" + strings.TrimSpace(other)}, said.Controls...)
		out.Active = append(out.Active, &said)
	}
	out.explanation.Rules = nil
	for _, rule := range out.Active {
		out.explanation.Rules = append(out.explanation.Rules, rule.inForce())
	}
	out.Problems = nil
	for _, p := range r.Problems {
		p.Text = other + p.Text
		out.Problems = append(out.Problems, p)
	}
	out.digest, out.before = digested(&out)
	return &out
}

// TestRewordedRulesHaveOneDigest: those of the packs too.
func TestRewordedRulesHaveOneDigest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, err := CompileWith(nil, rulestest.MustParse(t, "repository", rulestest.DrawFile(t, "repo")), rulestest.Toys)
		if err != nil {
			t.Fatal(err)
		}
		if other := reworded(r, "Put otherwise: "); other.digest != r.digest {
			t.Fatal("rules in other words have another digest")
		}
	})
}
