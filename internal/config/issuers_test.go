package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

const someIssuers = `actions: { kind: actions }
gitlab: { url: "https://gitlab.acme.example", audience: gatehold, private: true, ca_file: ca }
cluster:
  url: https://kubernetes.default.svc.cluster.local
  jwks: https://10.96.0.1/openid/v1/jwks
  algorithms: [RS256, ES256]
  max_age: 1h
  max_life: 2h
spire: { url: "https://Spire.acme.example/", jwks_file: keys, algorithms: ES256 }
here: { url: "http://127.0.0.1:8081/_services/token", kind: actions }
`

// certificate is one of a key that nobody has.
const certificate = `-----BEGIN CERTIFICATE-----
MIIBdDCCARugAwIBAgIUD07ZFopa3dfQESH4RO1vlD/GTMgwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMzAyMzQ3MjBaGA8yMTI2MTEwNjIzNDcy
MFowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEMi
s7/tBYoX1EJh79EJPgi05T4xb0UJXMWx6sSG9VF7SykB/sxA6fjSTncM1fWgNYnj
dyh5VdreoaYYKKokyACjUzBRMB0GA1UdDgQWBBTxHsEoG5xBmYWgIP/aWFN0hG2I
zjAfBgNVHSMEGDAWgBTxHsEoG5xBmYWgIP/aWFN0hG2IzjAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0cAMEQCIC0D+HatK/h4fFCq0an2JkQ4sDjpFh4UzPve
uwXrWKEbAiBU4BF9peXsXHl4xktv3m+EXkioApmvjHR11f1b21H+yA==
-----END CERTIFICATE-----
`

func withIssuers(text string) world {
	w := enough()
	w.env["GATEHOLD_PUBLIC_URL"] = "https://gate.acme.example"
	w.env["GATEHOLD_ISSUERS"] = text
	w.files["ca"], w.files["keys"], w.files["issuers.yml"] = certificate, `{"keys":[]}`, someIssuers
	return w
}

// Issuers are read from the file, the variable, or a file of their own.
func TestIssuers(t *testing.T) {
	own, inFile := withIssuers(""), withIssuers("")
	own.env["GATEHOLD_ISSUERS_FILE"] = "issuers.yml"
	inFile.files["c.yml"] = "issuers:\n  " + strings.ReplaceAll(strings.TrimSpace(someIssuers), "\n", "\n  ") + "\n"
	const gate = "https://gate.acme.example"
	want := []Issuer{
		{Name: "actions", Kind: "actions", URL: "https://token.actions.githubusercontent.com", Audience: gate},
		{Name: "gitlab", URL: "https://gitlab.acme.example", Audience: "gatehold", Private: true, CA: strings.TrimSpace(certificate)},
		{Name: "cluster", URL: "https://kubernetes.default.svc.cluster.local", Audience: gate, JWKS: "https://10.96.0.1/openid/v1/jwks",
			Algorithms: []string{"RS256", "ES256"}, Age: time.Hour, Life: 2 * time.Hour},
		{Name: "spire", URL: "https://Spire.acme.example/", Audience: gate, JWKS: "keys", Algorithms: []string{"ES256"}},
		{Name: "here", Kind: "actions", URL: "http://127.0.0.1:8081/_services/token", Audience: gate, Local: true},
	}
	for where, load := range map[string]func() (Config, error){
		"variable":      func() (Config, error) { return withIssuers(someIssuers).load(Flags{}) },
		"file":          func() (Config, error) { return own.load(Flags{}) },
		"configuration": func() (Config, error) { return inFile.load(Flags{Config: "c.yml"}) },
	} {
		c, err := load()
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		if !reflect.DeepEqual(c.TokenIssuers(), want) {
			text, _ := json.Marshal(c.TokenIssuers())
			t.Errorf("%s: they are %s", where, text)
		}
		if shown := c.String() + fmt.Sprintf("%v %+v", c.Issuers, c); !strings.Contains(shown, "gitlab (https://gitlab.acme.example)") ||
			strings.Contains(shown, "CERTIFICATE") {
			t.Errorf("%s: it shows %s", where, shown)
		}
	}
}

// Where none is configured it is GitHub's own, once tokens have an audience to name.
func TestGitHubsOwnIssuer(t *testing.T) {
	for api, want := range map[string]Issuer{
		"https://api.github.com":                       {URL: "https://token.actions.githubusercontent.com"},
		"https://api.acme.ghe.com":                     {URL: "https://token.actions.acme.ghe.com"},
		"https://git.acme.example/api/v3":              {URL: "https://git.acme.example/_services/token", Private: true},
		"https://git.acme.example:8443/api/v3":         {URL: "https://git.acme.example:8443/_services/token", Private: true},
		"http://127.0.0.1:4000":                        {URL: "http://127.0.0.1:4000/_services/token", Private: true, Local: true},
		"https://api.acme.ghe.com.evil.example/api/v3": {URL: "https://api.acme.ghe.com.evil.example/_services/token", Private: true},
	} {
		w := withIssuers("")
		w.env["GATEHOLD_GITHUB_URL"] = api
		c, err := w.load(Flags{})
		want.Name, want.Kind, want.Audience = "actions", "actions", "https://gate.acme.example"
		if err != nil || !reflect.DeepEqual(c.TokenIssuers(), []Issuer{want}) {
			t.Errorf("%s: %+v, %v", api, c.TokenIssuers(), err)
		}
	}
	w := withIssuers("")
	delete(w.env, "GATEHOLD_PUBLIC_URL")
	if c, err := w.load(Flags{}); err != nil || len(c.TokenIssuers()) != 0 {
		t.Errorf("without a public address: %v, %v", c.TokenIssuers(), err)
	}
}

func TestIssuersThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"[a]":                                                "mapping of issuers by name",
		"a: https://x.example":                               "mapping with `url`",
		"A b: {url: 'https://x.example'}":                    "small letters",
		"a: {}":                                              "url must be a whole address",
		"a: {kind: github}":                                  "kind must be actions",
		"a: {url: x.example}":                                "whole address",
		"a: {url: 'http://x.example'}":                       "must be https",
		"a: {url: 'https://u:s3cr3t@x.example'}":             "without user",
		"a: {url: 'https://x.example?a'}":                    "without user",
		"a: {url: 'https://x.example#'}":                     "without user",
		"a: {url: 'https://x.example', audience: ''}":        "one value",
		"a: {url: 'https://x.example', audience: [a, b]}":    "one value",
		"a: {url: 'https://x.example', algorithms: [HS256]}": "algorithms may hold RS256",
		"a: {url: 'https://x.example', algorithms: none}":    "algorithms may hold RS256",
		"a: {url: 'https://x.example', algorithms: []}":      "algorithms is empty",
		"a: {url: 'https://x.example', jwks: 'https://x.example', jwks_file: keys}": "keep one of them",
		"a: {url: 'https://x.example', jwks: /etc/keys}":                            "jwks must be a whole address",
		"a: {url: 'https://x.example', jwks_file: nowhere}":                         "cannot be read",
		"a: {url: 'https://x.example', ca_file: keys}":                              "no certificate",
		"a: {url: 'https://x.example', max_age: 25h}":                               "a time from 1m to 24h",
		"a: {url: 'https://x.example', max_life: soon}":                             "a time from 1m to 48h",
		"a: {url: 'https://x.example', private: maybe}":                             "neither true nor false",
		"a: {url: 'https://x.example', secret: s3cr3t}":                             "each key stands there once",
		"a: {url: 'https://x.example'}\nb: {url: 'https://x.example'}":              "stands there twice",
		"a: {kind: actions}\nb: {kind: actions}":                                    "stands there twice",
	} {
		_, err := withIssuers(text).load(Flags{})
		if said := problems(t, err); !strings.Contains(said, want) || strings.Contains(said, "s3cr3t") {
			t.Errorf("%s:\n%s", text, said)
		}
	}
	w := withIssuers("a: {url: 'https://x.example'}")
	delete(w.env, "GATEHOLD_PUBLIC_URL")
	if _, err := w.load(Flags{}); !strings.Contains(problems(t, err), "audience is missing") {
		t.Errorf("without an audience: %v", err)
	}
	many := ""
	for i := range 21 {
		many += fmt.Sprintf("i%d: {url: 'https://x%d.example'}\n", i, i)
	}
	if _, err := withIssuers(many).load(Flags{}); !strings.Contains(problems(t, err), "at most 20") {
		t.Errorf("many: %v", err)
	}
}
