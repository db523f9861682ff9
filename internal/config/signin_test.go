package config

import (
	"strings"
	"testing"
)

var clientSecret = strings.Repeat("0123456789", 4)

func TestSigningInInABrowser(t *testing.T) {
	for name, c := range map[string]struct {
		id, secret, public string
		callback           string // "": nobody signs in in a browser
	}{
		"nothing":             {},
		"a command line":      {id: "Iv1.aaaa", public: "https://gate.example"},
		"a browser":           {"Iv1.aaaa", clientSecret, "https://gate.example/", "https://gate.example/sign-in/callback"},
		"below a path":        {"Iv1.aaaa", clientSecret, "https://Example.com/gate", "https://example.com/gate/sign-in/callback"},
		"on the same machine": {"Iv1.aaaa", clientSecret, "http://127.0.0.1:8080", "http://127.0.0.1:8080/sign-in/callback"},
		"on localhost":        {"Iv1.aaaa", clientSecret, "http://localhost:8080", "http://localhost:8080/sign-in/callback"},
	} {
		w := enough()
		w.env["GATEHOLD_CLIENT_ID"], w.env["GATEHOLD_CLIENT_SECRET"], w.env["GATEHOLD_PUBLIC_URL"] = c.id, c.secret, c.public
		got, err := w.load(Flags{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.CallbackURL() != c.callback || got.SignIn() != (c.callback != "") {
			t.Errorf("%s: %t, %q; want %q", name, got.SignIn(), got.CallbackURL(), c.callback)
		}
	}
}

func TestASecretIsReadFromItsFile(t *testing.T) {
	w := enough()
	w.env["GATEHOLD_CLIENT_ID"], w.env["GATEHOLD_PUBLIC_URL"] = "Iv1.aaaa", "https://gate.example"
	w.env["GATEHOLD_CLIENT_SECRET_FILE"], w.files["s"] = "s", "  "+clientSecret+"\n"
	if got, err := w.load(Flags{}); err != nil || got.ClientSecret != clientSecret {
		t.Errorf("the secret is %q, %v", got.ClientSecret, err)
	}
}

// One sentence each for what does not go together, and for what is none of it.
func TestWhatASignInLacks(t *testing.T) {
	const id = "CLIENT_ID=Iv1.aaaa"
	public, secret := "PUBLIC_URL=https://gate.example", "CLIENT_SECRET="+clientSecret
	for _, c := range []struct {
		env  []string
		want string
	}{
		{[]string{secret, public}, "set GATEHOLD_CLIENT_ID"},
		{[]string{secret, id}, "set GATEHOLD_PUBLIC_URL"},
		{[]string{secret, id, "PUBLIC_URL=http://gate.example"}, "use https"},
		{[]string{secret, id, "PUBLIC_URL=gate.example"}, "whole address"},
		{[]string{secret, public, "CLIENT_ID=4711"}, "GATEHOLD_CLIENT_ID must be the Client ID"},
		{[]string{id, public, "CLIENT_SECRET=Iv1.aaaa"}, "GATEHOLD_CLIENT_SECRET is the client id."},
		{[]string{id, public, "CLIENT_SECRET=hush"}, "GATEHOLD_CLIENT_SECRET must be the one client secret"},
		{[]string{id, public, secret + "\n" + clientSecret}, "in one line"},
		{[]string{id, public, secret + "\u00e9"}, "in one line"},
		{[]string{id, public, "CLIENT_SECRET=" + testKey()}, "neither a private key"},
		{[]string{id, public, secret, "CLIENT_SECRET_FILE=s"}, "are both given"},
		{[]string{id, public, "CLIENT_SECRET_FILE=nowhere"}, "nowhere: file does not exist"},
	} {
		w := enough()
		for _, one := range c.env {
			name, value, _ := strings.Cut(one, "=")
			w.env["GATEHOLD_"+name] = value
		}
		_, err := w.load(Flags{})
		if text := problems(t, err); !strings.Contains(text, c.want) || strings.Contains(text, "\n") {
			t.Errorf("%.60q:\n%s\nwant only %q", c.env, text, c.want)
		}
	}
}

func TestTrustedProxies(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "",
		" 10.0.0.1 , 192.168.0.0/16\n::1\t": "10.0.0.1/32, 192.168.0.0/16, ::1/128",
		"::ffff:10.0.0.1":                   "10.0.0.1/32",
		"fd00::/8":                          "fd00::/8",
	} {
		w := enough()
		w.env["GATEHOLD_TRUSTED_PROXIES"] = text
		if c, err := w.load(Flags{}); err != nil || showPrefixes(c.TrustedProxies) != want {
			t.Errorf("%q: %v, %v; want %q", text, c.TrustedProxies, err, want)
		}
	}
	w := enough()
	w.files["f.yml"] = "trusted_proxies:\n  - 10.0.0.0/8\n  - \"::1\"\n"
	if c, err := w.load(Flags{Config: "f.yml"}); err != nil || showPrefixes(c.TrustedProxies) != "10.0.0.0/8, ::1/128" {
		t.Errorf("%v, %v", c.TrustedProxies, err)
	}
	for text, want := range map[string]string{
		"proxy.example":                      "as in 10.1.2.3",
		"10.0.0.0/8,x":                       "not all that stands there is one",
		"10.0.0.0/33":                        "not all that stands there is one",
		"::ffff:10.0.0.0/104":                "not all that stands there is one",
		"fe80::1%eth0":                       "not all that stands there is one",
		"10.1.2.3/8":                         "write 10.0.0.0/8 for the network, or 10.1.2.3 for the address",
		"0.0.0.0/0":                          "with 0.0.0.0/0 anybody could say",
		"::/0":                               "with ::/0 anybody could say",
		strings.Repeat("::1 ", maxProxies+1): "lists more than 64",
	} {
		w := enough()
		w.env["GATEHOLD_TRUSTED_PROXIES"] = text
		_, err := w.load(Flags{})
		if got := problems(t, err); !strings.Contains(got, want) || strings.Contains(got, "\n") {
			t.Errorf("%.40q:\n%s\nwant only %q", text, got, want)
		}
	}
}
