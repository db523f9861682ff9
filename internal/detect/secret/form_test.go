package secret

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// What stands around a token decides whether it is one, and whether it is whole.
func TestForms(t *testing.T) {
	github := token("gh", "p_5J6SC55afmZ3iEUmCG0ejem39zWFO9cNb22W")
	mailgun := token("ke", "y-9713174a8244a26df9e6459937f8b954")
	google := token("AI", "zaSyBk3Jd8Qm2Zr7Lx5Wv9Tn4Yc1Hs6Pf0GuA")
	slack := token("xo", "xb-123456789012-123456789012-")
	for _, c := range []struct{ name, text, want string }{
		{"alone", "t = '" + github + "'", "token"},
		{"behind an underscore", "x_" + github, "token"},
		{"behind a colour", "line \x1b[94m" + github + "\x1b[0m end", "token"},
		{"behind a colour that lost its escape", "line [94m" + mailgun + "[0m end", "token"},
		{"behind a percent code", "https://x.example.com/cb%3Ftoken%3D" + mailgun, "token"},
		{"behind an escape", `"first\n` + mailgun + `"`, "token"},
		{"a part of a word", "mon" + mailgun, ""},
		{"a code that is none", "94m" + mailgun, ""},
		{"the beginning of something longer", google + "hp1", ""},
		{"GitHub's installation token of 2026", token("gh", "s_43467613_ey", "JhOtqxBnkv5L2JCNwz.eyJdenJCAnpI2PE22p8W.BTFJxepOOniQkIwZMT5p"), "token"},
		{"masked by stars", token("sk-", "ant-oat01-") + strings.Repeat("*", 20), ""},
		{"its tail redacted", slack + "<redacted>", ""},
		{"its tail a format verb", "\"" + token("xo", "xp-381920384756-918273645546-564738291029-") + "%s\"", ""},
		{"counted up", token("gh", "p_0123456789abcdef0123456789abcdef0123") + " " + token("AKIA", "ABCDEFGHIJKLMNOP"), ""},
		{"cut short", github + "...", ""},
		{"in two pieces", "t = \"" + github[:2] + "\" + \"" + github[2:] + "\"", "token"},
		{"in pieces of a shell", "t=" + github[:2] + "''" + github[2:], "token"},
		{"as two arguments", "f(\"" + github[:2] + "\", \"" + github[2:] + "\")", ""},
		{"in base 64", "t: " + base64.StdEncoding.EncodeToString([]byte(github)), "token"},
		{"in base 64 with a name", "t: " + base64.URLEncoding.EncodeToString([]byte("TOKEN="+github+"\n")), "token"},
		{"a sentence in base 64", "t: " + base64.StdEncoding.EncodeToString([]byte("nothing is secret in this sentence")), ""},
		{"a tag behind it", "<b>" + github + "</b>", "token"},
		{"Supabase's secret of a machine of one's own", token("sb_", "secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz"), ""},
		{"Supabase's secret", token("sb_", "secret_Zk8vQ2mT9xLr4Wd7Hs6Jf0_gP3nB5yC"), "token"},
		{"Supabase's publishable key", token("sb_", "publishable_Zk8vQ2mT9xLr4Wd7Hs6Jf0_gP3nB5yC"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(detecttest.IDs(New(), detecttest.File("notes.log", "", c.text+"\n")), " ")
			if got != c.want {
				t.Errorf("want %q, got %q", c.want, got)
			}
		})
	}
}
