package redact

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLinesKeepTheirPlaces(t *testing.T) {
	text := "a\npassword: Sw0rdf1sh!9\n-----BEGIN RSA PRIVATE KEY-----\nMIISw0rdf1sh\n\nMIIEpAIBAAKC\n-----END RSA PRIVATE KEY-----\nz"
	got := Lines(text, nil)
	want := []string{"a", "password: " + Mark, Mark, Mark, "", Mark, Mark, "z"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := Lines("the word is xK9#mQ2vLp7w\n", Of("password=xK9mQ2vLp7wZ")); len(got) != 1 {
		t.Errorf("%q", got)
	}
	if got := Lines("now xK9mQ2vLp7wZ stands here\r\n", Of("password=xK9mQ2vLp7wZ")); !slices.Equal(got, []string{"now " + Mark + " stands here"}) {
		t.Errorf("a secret of the other side is shown: %q", got)
	}
}

// Of what Text takes out of a whole, its lines show nothing.
func TestLinesShowNoMoreThanText(t *testing.T) {
	pieces := rapid.SampledFrom([]string{"password=", "Sw0rdf1sh99", "\n", "\r\n", " ", "token: ", "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
		"-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "AKIA", "\"", "'", "+", "https://u:Sw0rdf1sh99@h/", "é", "\x00"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(pieces, 0, 30).Draw(t, "pieces"), "")
		lines := Lines(text, nil)
		if want := len(slices.Collect(strings.Lines(text))); len(lines) != want {
			t.Fatalf("%d lines, want %d", len(lines), want)
		}
		whole := Text(text)
		for _, secret := range []string{"Sw0rdf1sh99", "ghp_0123456789abcdefghijklmnopqrstuvwxyz"} {
			if shown := strings.Join(lines, "\n"); strings.Contains(shown, secret) && !strings.Contains(whole, secret) {
				t.Errorf("the lines of %q show %s: %q", text, secret, shown)
			}
		}
	})
}
