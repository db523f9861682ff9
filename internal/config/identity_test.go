package config

import (
	"strings"
	"testing"
)

// TestIdentities: they are signed where somebody says so, or gives a key; the key is shown
// to nobody.
func TestIdentities(t *testing.T) {
	const at = "https://gate.acme.example"
	for _, c := range []struct {
		url, on, key string
		want         string // a problem; "": none
		does         bool
	}{
		{at, "", "", "", false},
		{at, "true", "", "", true},
		{at, "", testKey(), "", true},
		{at, "", testKey() + "\n" + testKey(), "", true},
		{at, "", strings.ReplaceAll(testKey(), "\n", `\n`), "", true},
		{at, "false", testKey(), "", false},
		{"", "true", "", "set GATEHOLD_PUBLIC_URL", false},
		{at, "perhaps", "", "neither true nor false", false},
		{at, "", "x", "no usable private keys", false},
		{at, "", testKey() + "\nx", "no usable private keys", false},
	} {
		w := enough()
		w.env["GATEHOLD_PUBLIC_URL"], w.env["GATEHOLD_IDENTITIES"], w.env["GATEHOLD_IDENTITY_KEY"] = c.url, c.on, c.key
		got, err := w.load(Flags{})
		switch {
		case c.want == "" && (err != nil || got.Identities != c.does || len(got.IdentityKeys) > 0 != (c.key != "")):
			t.Errorf("%v: %v, %v", c.on, got.Identities, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%v: %v", c.want, err)
		case strings.Contains(got.String(), "BEGIN"):
			t.Error("the key is shown")
		}
	}
}
