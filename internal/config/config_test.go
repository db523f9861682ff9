package config

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
	"github.com/spf13/pflag"
)

// testKey is made once: a key takes a while.
var testKey = sync.OnceValue(func() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
})

// world is an environment with files.
type world struct {
	env, files map[string]string
}

func (w world) load(f Flags) (Config, error) {
	return Load(f, func(k string) string { return w.env[k] }, func(path string) ([]byte, error) {
		text, ok := w.files[path]
		if !ok {
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		}
		return []byte(text), nil
	})
}

// enough is the least that serve needs.
func enough() world {
	return world{
		env:   map[string]string{"GATEHOLD_APP_ID": "7", "GATEHOLD_PRIVATE_KEY": testKey(), "GATEHOLD_WEBHOOK_SECRET": "hush"},
		files: map[string]string{},
	}
}

func problems(t *testing.T, err error) string {
	t.Helper()
	var invalid *Invalid
	if !errors.As(err, &invalid) {
		t.Fatalf("error is %v, want an *Invalid", err)
	}
	return strings.Join(invalid.Problems, "\n")
}

func TestDefaults(t *testing.T) {
	c, err := enough().load(Flags{})
	if err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != ":8080" || c.GitHubURL != "https://api.github.com" || c.Store != "sqlite:gatehold.db" || c.AppID != 7 ||
		c.LogLevel != slog.LevelInfo || c.Pages || c.PublicURL != "" || c.Hostname != host || string(c.WebhookSecrets[0]) != "hush" {
		t.Errorf("defaults are:\n%v", c)
	}
}

// Each setting that is plain text, at each place: the nearer wins.
func TestTheStoreAlone(t *testing.T) {
	w := world{env: map[string]string{"GATEHOLD_STORE": "sqlite:a.db"}, files: map[string]string{"c.yml": "store: sqlite:b.db\n"}}
	read := func(f Flags) (Config, error) {
		return Store(f, func(k string) string { return w.env[k] }, func(path string) ([]byte, error) { return []byte(w.files[path]), nil })
	}
	for _, c := range []struct {
		flags Flags
		env   string
		want  string
	}{
		{Flags{}, "sqlite:a.db", "sqlite:a.db"},
		{Flags{Store: "sqlite:f.db"}, "sqlite:a.db", "sqlite:f.db"},
		{Flags{Config: "c.yml"}, "", "sqlite:b.db"},
		{Flags{}, "", "sqlite:gatehold.db"},
	} {
		w.env["GATEHOLD_STORE"] = c.env
		if got, err := read(c.flags); err != nil || got.Store != c.want {
			t.Errorf("%+v: %q, %v; want %q", c.flags, got.Store, err, c.want)
		}
	}
	if _, err := read(Flags{Store: "http://x"}); err == nil {
		t.Error("what is no store was taken")
	}
}

func TestPrecedence(t *testing.T) {
	show := map[string]func(Config) string{
		keyListen:    func(c Config) string { return c.Listen },
		keyPublicURL: func(c Config) string { return c.PublicURL },
		keyGitHubURL: func(c Config) string { return c.GitHubURL },
		keyAppID:     func(c Config) string { return fmt.Sprint(c.AppID) },
		keyClientID:  func(c Config) string { return c.ClientID },
		keyStore:     func(c Config) string { return c.Store },
		keyLogLevel:  func(c Config) string { return c.LogLevel.String() },
		keyPages:     func(c Config) string { return fmt.Sprint(c.Pages) },
		keyHostname:  func(c Config) string { return c.Hostname },

		keyGitHubWebURL: Config.WebURL,

		keyProxies: func(c Config) string { return showPrefixes(c.TrustedProxies) },

		keyClientSecret + fileKey:  func(c Config) string { return c.ClientSecret },
		keyPrivateKey + fileKey:    func(c Config) string { return string(c.PrivateKey) },
		keyWebhookSecret + fileKey: func(c Config) string { return string(c.WebhookSecrets[0]) },
		keyStore + fileKey:         func(c Config) string { return c.Store },
	}
	other := map[string]string{"x.pem": strings.Replace(testKey(), "-----BEGIN", "note\n-----BEGIN", 1), "x.secret": "other",
		"x.store": "redis://x", "x.client": strings.Repeat("x", 40), "k.client": strings.Repeat("k", 40)}
	for key, v := range map[string]struct {
		flag            string // the flag's name
		near, mid, far  string
		nearIs, midIs   string
		farIs, absentIs string
	}{
		keyListen:    {"--listen", ":1", ":2", ":3", ":1", ":2", ":3", ":8080"},
		keyPublicURL: {"--public-url", "https://a", "https://b/", "https://c", "https://a", "https://b", "https://c", ""},
		keyGitHubURL: {"--github-url", "https://A.example/api/v3/", "https://api.x.ghe.com", "https://b.example/api/v3",
			"https://a.example/api/v3", "https://api.x.ghe.com", "https://b.example/api/v3", "https://api.github.com"},
		keyAppID:    {"--app-id", "1", "2", "3", "1", "2", "3", "7"},
		keyClientID: {"--client-id", "Iv1.aaaa", "Iv1.bbbb", "Iv1.cccc", "Iv1.aaaa", "Iv1.bbbb", "Iv1.cccc", ""},
		keyStore:    {"--store", "sqlite:a", "redis://b", "rediss://c", "sqlite:a", "redis://b", "rediss://c", "sqlite:gatehold.db"},
		keyLogLevel: {"--log-level", "debug", "WARN", "error", "DEBUG", "WARN", "ERROR", "INFO"},
		keyPages:    {"--pages", "true", "false", "true", "true", "false", "true", "false"},
		keyHostname: {"--hostname", "a", "b", "c", "a", "b", "c", func() string { h, _ := os.Hostname(); return h }()},

		keyGitHubWebURL: {"--github-web-url", "https://A.example/", "https://b.example", "https://c.example",
			"https://a.example", "https://b.example", "https://c.example", "https://github.com"},

		keyProxies: {"--trusted-proxies", "10.0.0.0/8", "::1", "fd00::/8", "10.0.0.0/8", "::1/128", "fd00::/8", ""},

		keyClientSecret + fileKey: {"--client-secret-file", "x.client", "k.client", "x.client", other["x.client"], other["k.client"],
			other["x.client"], ""},
		keyPrivateKey + fileKey:    {"--private-key-file", "x.pem", "k.pem", "x.pem", other["x.pem"], testKey(), other["x.pem"], testKey()},
		keyWebhookSecret + fileKey: {"--webhook-secret-file", "x.secret", "k.secret", "x.secret", "other", "hush", "other", "hush"},
		keyStore + fileKey: {"--store-file", "x.store", "k.store", "x.store", "redis://x", "redis://k", "redis://x",
			"sqlite:gatehold.db"},
	} {
		t.Run(key, func(t *testing.T) {
			w := enough()
			w.files = map[string]string{"f.yml": fmt.Sprintf("%s: %q", key, v.far), "k.pem": testKey(), "k.secret": "hush",
				"k.store": "redis://k"}
			for name, text := range other {
				w.files[name] = text
			}
			base, isFile := strings.CutSuffix(key, fileKey)
			if base == keyClientSecret {
				w.env["GATEHOLD_CLIENT_ID"], w.env["GATEHOLD_PUBLIC_URL"] = "Iv1.aaaa", "https://a"
			}
			check := func(at, want string, args ...string) {
				t.Helper()
				c, err := w.load(parsed(t, args...))
				if err != nil {
					t.Fatalf("%s: %v", at, err)
				}
				if got := show[key](c); strings.TrimSpace(got) != strings.TrimSpace(want) {
					t.Errorf("%s: %q, want %q", at, got, want)
				}
			}
			check("nowhere", v.absentIs)
			if isFile || key == keyAppID {
				delete(w.env, variable(base)) // the variable itself would win over the file
			}
			check("file", v.farIs, "--config", "f.yml")
			w.env[variable(key)] = v.mid
			w.env["GATEHOLD_CONFIG"] = "f.yml"
			check("variable", v.midIs)
			check("flag", v.nearIs, v.flag, v.near)
		})
	}
	if len(show) != len(keys())-13 { // keys of their own, channels, issuers, credentials and identities have no flag
		t.Errorf("%d settings are tried, there are %d keys", len(show), len(keys()))
	}
}

// parsed reads flags the way the command line does.
func parsed(t *testing.T, args ...string) Flags {
	t.Helper()
	var f Flags
	set := pflag.NewFlagSet("gatehold", pflag.ContinueOnError)
	f.Define(set)
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWebhookSecrets(t *testing.T) {
	for _, c := range []struct {
		env, file, yaml string
		want            string
	}{
		{env: "one", want: "one"},
		{env: " one, two ,,three\n four\r\n", want: "one|two|three|four"},
		{file: "one\n\n two, with a comma \r\nthree\n", want: "one|two, with a comma|three"},
		{yaml: "webhook_secret: one,two", want: "one|two"},
		{yaml: "webhook_secret:\n  - one\n  - \"*two\"\n", want: "one|*two"},
		{yaml: "webhook_secret: |\n  one\n  two\n", want: "one|two"},
	} {
		w := enough()
		w.env["GATEHOLD_WEBHOOK_SECRET"] = c.env
		if c.file != "" {
			w.env["GATEHOLD_WEBHOOK_SECRET_FILE"], w.files["s"] = "s", c.file
		}
		w.files["f.yml"] = c.yaml
		got, err := w.load(Flags{Config: "f.yml"})
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		var all []string
		for _, s := range got.WebhookSecrets {
			all = append(all, string(s))
		}
		if strings.Join(all, "|") != c.want {
			t.Errorf("%+v: %q", c, all)
		}
	}
}

func TestPrivateKeyForms(t *testing.T) {
	der, _ := pem.Decode([]byte(testKey()))
	key, err := x509.ParsePKCS1PrivateKey(der.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"as downloaded":           testKey(),
		"in one line":             strings.ReplaceAll(strings.TrimSpace(testKey()), "\n", `\n`),
		"other line ends":         strings.ReplaceAll(testKey(), "\n", "\r\n"),
		"PKCS 8":                  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})),
		"spaces before and after": "\n  " + testKey() + "\n\n",
	} {
		w := enough()
		w.env["GATEHOLD_PRIVATE_KEY"] = text
		c, err := w.load(Flags{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got, err := parseKey(c.PrivateKey); err != nil || !got.Equal(key) {
			t.Errorf("%s: another key came out (%v)", name, err)
		}
	}
}

func TestURLs(t *testing.T) {
	for api, want := range map[string][2]string{
		"https://api.github.com":      {"https://api.github.com/graphql", "https://github.com"},
		"https://api.github.com/":     {"https://api.github.com/graphql", "https://github.com"},
		"https://ghe.acme.com/api/v3": {"https://ghe.acme.com/api/graphql", "https://ghe.acme.com"},
		"https://h:8443/api/v3/":      {"https://h:8443/api/graphql", "https://h:8443"},
		"https://api.octo.ghe.com":    {"https://api.octo.ghe.com/graphql", "https://octo.ghe.com"},
		"http://127.0.0.1:4000":       {"http://127.0.0.1:4000/graphql", "http://127.0.0.1:4000"},
	} {
		c := Config{GitHubURL: api}
		if got := [2]string{c.GraphQLURL(), c.WebURL()}; got != want {
			t.Errorf("%s: %q, want %q", api, got, want)
		}
		w := enough()
		w.env["GATEHOLD_GITHUB_URL"] = api
		if c, err := w.load(Flags{}); err != nil || c.GitHubURL != strings.TrimSuffix(api, "/") {
			t.Errorf("%s: taken as %q, %v", api, c.GitHubURL, err)
		}
	}
}

func TestProblemsAreAllListed(t *testing.T) {
	w := world{
		env: map[string]string{
			"GATEHOLD_LISTEN": "8080", "GATEHOLD_PUBLIC_URL": "gatehold.example.com", "GATEHOLD_GITHUB_URL": "https://github.com",
			"GATEHOLD_STORE": "postgres://x", "GATEHOLD_LOG_LEVEL": "loud", "GATEHOLD_PAGES": "perhaps",
		},
		files: map[string]string{"f.yml": "lisen: \":80\"\n"},
	}
	_, err := w.load(Flags{Config: "f.yml"})
	text := problems(t, err)
	for _, want := range []string{
		"f.yml:1:1: this is not a key of the configuration. Is listen meant?",
		`GATEHOLD_LISTEN: "8080" is not an address`, "GATEHOLD_PUBLIC_URL must be a whole address",
		"write https://api.github.com.", "id is missing", "private key is missing", "webhook secret is missing",
		"GATEHOLD_STORE is no store", `GATEHOLD_LOG_LEVEL: "loud"`, `GATEHOLD_PAGES: "perhaps"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("problems lack %q:\n%s", want, text)
		}
	}
	if n := strings.Count(text, "\n") + 1; n != 10 {
		t.Errorf("%d problems, want 10:\n%s", n, text)
	}
	if !strings.Contains(err.Error(), "has 10 problems") {
		t.Errorf("the error does not count them: %v", err)
	}
}

func TestProblemsSayWhatToDo(t *testing.T) {
	public, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: mustKey(t).N, E: 65537})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ key, value, want string }{
		{"GITHUB_URL", "https://octo.ghe.com", "write https://api.octo.ghe.com."},
		{"GITHUB_URL", "https://api.octo.ghe.com/api/v3", "write https://api.octo.ghe.com."},
		{"GITHUB_URL", "https://api.github.com/graphql", "write https://api.github.com."},
		{"GITHUB_URL", "https://ghe.acme.com", "write https://ghe.acme.com/api/v3."},
		{"GITHUB_URL", "http://ghe.acme.com/api/v3", "use https"},
		{"GITHUB_URL", "https://u:p@ghe.acme.com/api/v3", "no user, no password"},
		{"PUBLIC_URL", "https://a/?x", "nothing after ?"},
		{"PUBLIC_URL", "ftp://a", "whole address"},
		{"LISTEN", "localhost:http-alt", "HOST:PORT"},
		{"LISTEN", ":70000", "HOST:PORT"},
		{"APP_ID", "Iv23liAbc", "not its client id"},
		{"APP_ID", "-1", "must be a number"},
		{"STORE", "sqlite:", "path of a file"},
		{"STORE", "sqlite:///x", "path of a file"},
		{"STORE", "/x.db", "write sqlite:PATH"},
		{"STORE", "redis://", "is no store"},
		{"PRIVATE_KEY", "/etc/key.pem", "belongs into GATEHOLD_PRIVATE_KEY_FILE"},
		{"PRIVATE_KEY", testKey()[:500], "not whole"},
		{"PRIVATE_KEY", testKey() + testKey(), "something after the key"},
		{"PRIVATE_KEY", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})), "public half"},
		{"PRIVATE_KEY", string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: []byte("x")})), "not an RSA private key"},
		{"PRIVATE_KEY_FILE", "key.pem", "are both given"},
		{"WEBHOOK_SECRET", ",", "webhook secret is missing"},
		{"STORE_FILE", "nowhere", "nowhere: file does not exist"},
		{"STORE_FILE", "empty", "is empty"},
		{"STORE_FILE", "huge", "more than any secret has"},
		{"CONFIG", "nowhere", "cannot be read: nowhere: file does not exist"},
	} {
		w := enough()
		w.files["empty"], w.files["huge"] = "\n", strings.Repeat("x", maxSecretFile+1)
		w.env["GATEHOLD_"+c.key] = c.value
		_, err := w.load(Flags{})
		if text := problems(t, err); !strings.Contains(text, c.want) || strings.Contains(text, "\n") {
			t.Errorf("%s=%.40q:\n%s\nwant only %q", c.key, c.value, text, c.want)
		}
	}
}

func mustKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := parseKey([]byte(testKey()))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestFileIsStrict(t *testing.T) {
	for text, want := range map[string]string{
		"listen: \":80\"\nstroe: x\n":                    "f.yml:2:1: this is not a key of the configuration. Is store meant?",
		"listen: \":80\"\n\nlisten: \":81\"\n":           "f.yml:3:1: listen stands here twice, first on line 1",
		"listen: [\":80\"]\n":                            "f.yml:1:9: listen must be one value",
		"listen:\n":                                      "listen has no value",
		"listen: ''\n":                                   "listen has no value",
		"- listen\n":                                     "f.yml:1:1: the file must be one mapping",
		"listen: \":80\"\n---\nlisten: \":81\"\n":        "one document only",
		"webhook_secret: &a x\n":                         "f.yml:1:17: webhook_secret: anchors",
		"webhook_secret: !x y\n":                         "webhook_secret: anchors",
		"webhook_secret: [{a: b}]\n":                     "list of plain values",
		"store: \"x\n":                                   "this is not readable YAML",
		"a: {b: {c: {d: {e: {f: {g: {h: {i: 1}}}}}}}}\n": "f.yml:1:",
		"? [listen]\n: x\n":                              "f.yml:1:3: this is not a key",
		"entirely unknown: x\n":                          "The keys are: listen, public_url",
		strings.Repeat("#", maxConfigFile+1):             "more than any configuration needs",
	} {
		w := enough()
		w.files["f.yml"] = text
		_, err := w.load(Flags{Config: "f.yml"})
		if got := problems(t, err); !strings.Contains(got, want) || strings.Contains(got, "\n") {
			t.Errorf("%.60q:\n%s\nwant only %q", text, got, want)
		}
	}
	for _, text := range []string{"", "\n", "# nothing\n", "---\n", "{}\n", "---\nlisten: \":80\"\n"} {
		w := enough()
		w.files["f.yml"] = text
		if _, err := w.load(Flags{Config: "f.yml"}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Hostile or foolish files end soon, with few problems.
func TestFileIsBounded(t *testing.T) {
	for name, text := range map[string]string{
		"many keys": strings.Repeat("a: b\n", maxConfigFile/5), "deep": strings.Repeat("[", maxConfigFile),
		"deep mapping": strings.Repeat("{a: ", maxConfigFile/4),
		"long list":    "webhook_secret: [" + strings.Repeat("x,", maxConfigFile/2-40) + "]",
		"indented":     strings.Repeat("- ", maxConfigFile/2),
		"anchors":      strings.Repeat("&a ", maxConfigFile/3), "quotes": strings.Repeat("\"", maxConfigFile),
		"tabs": strings.Repeat("\t", maxConfigFile-1) + "x",
	} {
		var problems []string
		if took := detecttest.Cost(func() { _, problems = parseFile([]byte(text)) }); took > 10*time.Second {
			t.Errorf("%s: took %v of CPU time", name, took)
		}
		if n := len(strings.Join(problems, "\n")); n > 10_000 {
			t.Errorf("%s: %d bytes of problems", name, n)
		}
	}
}

// No text of a file crashes or hangs the parser, and what it takes is known
// keys with values.
func FuzzFile(f *testing.F) {
	for _, seed := range []string{
		"", "listen: \":80\"\n", "webhook_secret: [a, \"b\"]\n", "a: &x {b: *x}\n", "? [a]\n: b\n", "---\n...\n---\n",
		"listen: !!binary aGk=\n",
		"store: |\n  a\n  b\n", "\"listen\": ~\n", strings.Repeat("[", 200), "<<: {listen: x}\n", "\xff\xfe", "app_id: 1\napp_id: 2\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		values, problems := parseFile(text)
		known := strings.Join(keys(), " ") + " "
		for key, value := range values {
			if !strings.Contains(known, key+" ") || key == "" || strings.TrimSpace(value) == "" {
				t.Errorf("took %q: %q", key, value)
			}
		}
		for _, p := range problems {
			if !strings.HasPrefix(p, ":") {
				t.Errorf("a problem without a place: %q", p)
			}
		}
	})
}
