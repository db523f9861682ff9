package policy

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/rulesfile"
)

func keysFile(t *testing.T, text string) *rulesfile.File {
	t.Helper()
	f, err := rulesfile.Parse(rulesfile.Source{Name: text, Text: []byte("version: 1\n" + text)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A repository can ask more of passkeys than its organisation, and not less; what it asks
// in vain is said.
func TestARepositoryAsksNoLessOfPasskeys(t *testing.T) {
	org := keysFile(t, `passkeys: { wait: 48h, vouch: { from: ["@acme/sre"], approvals: 2 }, attestation: required, keys: 3, notices: acme/people }`)
	weaker := keysFile(t, `passkeys: { wait: 2h, vouch: { from: ["@acme/sre", "@acme/dev"], approvals: 1 }, attestation: none, keys: 9, notices: acme/void }`)
	r, err := Compile(org, weaker)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := asText(r.Passkeys()), asText(*org.Passkeys); got != want {
		t.Errorf("in force is %s, want %s", got, want)
	}
	text := r.Explain().Text()
	for _, says := range []string{"passkeys.wait                48h  (passkeys", "passkeys.notices             acme/people", "passkeys.attestation none"} {
		if !strings.Contains(text, says) {
			t.Errorf("it is explained without %q:\n%s", says, text)
		}
	}
	r, err = Compile(org, keysFile(t, `passkeys: { wait: 72h, vouch: { from: ["@acme/dev"] }, keys: 1 }`))
	if err != nil {
		t.Fatal(err)
	}
	if alone, err := Compile(keysFile(t, "mode: enforce"), weaker); err != nil || len(alone.Passkeys().VouchFrom) > 0 {
		t.Errorf("a repository names who vouches: %v", err)
	}
	if k := r.Passkeys(); k.Wait != "72h0m0s" || k.Keys != 1 || k.VouchFrom[0] != nobodyVouches || k.Vouches != 2 {
		t.Errorf("in force is %+v", k)
	}
}

// Whatever two files ask, together they ask no less than each, in whatever order.
func TestPasskeysOfTwoFilesAreNoWeakerThanEither(t *testing.T) {
	draw := func(t *rapid.T) rulesfile.Passkeys {
		some := func(label string, from ...string) []string {
			return rapid.SampledFrom([][]string{nil, {from[0]}, {from[1]}, from}).Draw(t, label)
		}
		return rulesfile.Passkeys{
			Wait:      rapid.SampledFrom([]string{"", "1h0m0s", "48h0m0s"}).Draw(t, "wait"),
			VouchFrom: some("from", "@a/a", "@a/b"), Models: some("models", "1", "2"),
			Vouches: rapid.IntRange(0, 3).Draw(t, "vouches"), Keys: rapid.IntRange(0, 3).Draw(t, "keys"),
			Attestation: rapid.SampledFrom(rulesfile.Attestations).Draw(t, "attestation"),
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t), draw(t)
		together := StricterPasskeys(a, b)
		if other := StricterPasskeys(b, a); asText(other) != asText(together) {
			t.Errorf("%s, and in the other order %s", asText(together), asText(other))
		}
		for _, one := range []rulesfile.Passkeys{a, b} {
			w := &weaker{from: &Rules{passkeys: one}, to: &Rules{passkeys: together}}
			w.passkeys()
			for _, f := range w.found {
				gone := strings.HasSuffix(f.Detail, nobodyVouches) || strings.HasSuffix(f.Detail, "to none") // it takes nobody, or nothing
				if named := strings.HasPrefix(f.Detail, "nothing said to @"); !gone && !named {
					t.Errorf("%s is weaker than %s: %v", asText(together), asText(one), f)
				}
			}
		}
	})
}
