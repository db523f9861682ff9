package config

import (
	"strings"
	"testing"
)

// TestTheAppForCredentials: it is another one, and whole; its key is shown to nobody.
func TestTheAppForCredentials(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string // a problem; "": none
		does bool
	}{
		{map[string]string{}, "", false},
		{map[string]string{"GATEHOLD_CREDENTIAL_APP_ID": "8", "GATEHOLD_CREDENTIAL_PRIVATE_KEY": testKey()}, "", true},
		{map[string]string{"GATEHOLD_CREDENTIAL_APP_ID": "8"}, "without its private key", false},
		{map[string]string{"GATEHOLD_CREDENTIAL_PRIVATE_KEY": testKey()}, "set GATEHOLD_CREDENTIAL_APP_ID", false},
		{map[string]string{"GATEHOLD_CREDENTIAL_APP_ID": "7", "GATEHOLD_CREDENTIAL_PRIVATE_KEY": testKey()}, "is the App that holds the gates", false},
		{map[string]string{"GATEHOLD_CREDENTIAL_APP_ID": "8", "GATEHOLD_CREDENTIAL_PRIVATE_KEY": "x"}, "no usable private key", false},
	} {
		w := enough()
		for name, value := range c.env {
			w.env[name] = value
		}
		got, err := w.load(Flags{})
		switch {
		case c.want == "" && (err != nil || got.Mints() != c.does):
			t.Errorf("%v: %v, %v", c.env, got.Mints(), err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%v: %v", c.want, err)
		case c.does && strings.Contains(got.String(), "BEGIN"):
			t.Error("the key is shown")
		}
	}
}
