// Package config is what serve needs to know, gathered once at start from the
// command line, the environment and an optional YAML file, and checked as a
// whole: every problem is listed, each as a sentence.
//
//	flag              variable                      YAML key             default
//	--config          GATEHOLD_CONFIG               -                    none
//	--listen          GATEHOLD_LISTEN               listen               :8080
//	--public-url      GATEHOLD_PUBLIC_URL           public_url           none
//	--github-url      GATEHOLD_GITHUB_URL           github_url           https://api.github.com
//	--github-web-url  GATEHOLD_GITHUB_WEB_URL       github_web_url       by github_url
//	--app-id          GATEHOLD_APP_ID               app_id               required
//	--client-id       GATEHOLD_CLIENT_ID            client_id            none
//	-                 GATEHOLD_CLIENT_SECRET        client_secret        none
//	--client-secret-file GATEHOLD_CLIENT_SECRET_FILE client_secret_file
//	-                 GATEHOLD_PRIVATE_KEY          private_key          required
//	--private-key-file GATEHOLD_PRIVATE_KEY_FILE    private_key_file
//	-                 GATEHOLD_WEBHOOK_SECRET       webhook_secret       required
//	--webhook-secret-file GATEHOLD_WEBHOOK_SECRET_FILE webhook_secret_file
//	--store           GATEHOLD_STORE                store                sqlite:gatehold.db
//	--store-file      GATEHOLD_STORE_FILE           store_file
//	--log-level       GATEHOLD_LOG_LEVEL            log_level            info
//	--pages           GATEHOLD_PAGES                pages                false
//	--trusted-proxies GATEHOLD_TRUSTED_PROXIES      trusted_proxies      none
//	--hostname        GATEHOLD_HOSTNAME             hostname             the machine's
//	-                 GATEHOLD_NOTIFY               notify               nobody is told
//	-                 GATEHOLD_NOTIFY_FILE          notify_file
//	-                 GATEHOLD_CREDENTIAL_APP_ID    credential_app_id    no tokens are given
//	-                 GATEHOLD_CREDENTIAL_PRIVATE_KEY credential_private_key
//	-                 GATEHOLD_CREDENTIAL_PRIVATE_KEY_FILE credential_private_key_file
//	-                 GATEHOLD_IDENTITIES           identities           false, but with a key
//	-                 GATEHOLD_IDENTITY_KEY         identity_key         gatehold makes its own
//	-                 GATEHOLD_IDENTITY_KEY_FILE    identity_key_file
//	-                 GATEHOLD_ISSUERS              issuers              GitHub's own
//	-                 GATEHOLD_ISSUERS_FILE         issuers_file
//
// The flag wins over the variable, the variable over the file, the file over
// the default. An empty flag or variable counts as not given. A secret and the
// path of its file exclude each other within one source; secrets have no flag,
// because every user of a machine can read the command lines on it.
//
// The YAML file is strict: one mapping of the keys above, nothing else, no
// anchors, no tags. Under notify stands a mapping of channels, under issuers one of
// issuers of identity tokens; the variables, and the files of their own, hold the same as
// YAML. Problems give its line and column.
//
// A Config prints itself with secrets redacted, by whatever verb or encoder,
// and no error of this package repeats a secret or what stands in its place.
package config

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Config is a configuration that was checked. Its values are what Load found,
// trimmed; only Load checks them.
type Config struct {
	Listen    string // host:port to listen on; port 0: any
	PublicURL string // where people reach gatehold, no slash at the end; empty: not said
	GitHubURL string // base of the REST API, no slash at the end
	AppID     int64  // the GitHub App's id
	ClientID  string // of the App that people sign in to, another one; empty: nobody can

	ClientSecret string // of the same App; empty: nobody can sign in in a browser

	GitHubWebURL string // where people see GitHub, no slash at the end; empty: by GitHubURL

	PrivateKey     []byte   // the App's RSA key, PEM
	WebhookSecrets [][]byte // any of them signs a delivery; at least one

	Store    string     // sqlite:PATH, redis://... or rediss://...
	LogLevel slog.Level // what is logged at least
	Pages    bool       // serve the pages that list gates and verdicts
	Hostname string     // names this process among replicas

	// PasskeyWait is how long a person's first passkey waits before it counts; 0: a day.
	PasskeyWait time.Duration

	TrustedProxies []netip.Prefix // who may say for whom they ask
	Notify         []Channel      // ways to tell people
	Issuers        []Issuer       // as they are configured: TokenIssuers has the one that is so by itself

	MintAppID int64  // of the App whose tokens workloads are given, another one; 0: none are
	MintKey   []byte // its RSA key, PEM

	Identities   bool   // gatehold signs identities for clouds
	IdentityKeys []byte // with these RSA keys, PEM; none: it makes its own
}

// The names of GitHub's own hosts.
const (
	apiHost = "api.github.com"
	webHost = "github.com"
	geHost  = ".ghe.com" // data residency: SUB.ghe.com and api.SUB.ghe.com
)

// GraphQLURL is the address of the GraphQL API that belongs to GitHubURL:
// https://api.github.com/graphql, https://api.SUB.ghe.com/graphql, or
// https://HOST/api/graphql for Enterprise Server.
// https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql
func (c Config) GraphQLURL() string {
	base := strings.TrimSuffix(c.GitHubURL, "/")
	if server, ok := strings.CutSuffix(base, "/api/v3"); ok {
		return server + "/api/graphql"
	}
	return base + "/graphql"
}

// WebURL is where people see GitHub: GitHubWebURL, or else what belongs to
// GitHubURL: https://github.com, https://SUB.ghe.com, or https://HOST.
func (c Config) WebURL() string {
	if c.GitHubWebURL != "" {
		return c.GitHubWebURL
	}
	base := strings.TrimSuffix(c.GitHubURL, "/")
	if server, ok := strings.CutSuffix(base, "/api/v3"); ok {
		return server
	}
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	switch host := u.Hostname(); {
	case host == apiHost:
		return "https://" + webHost
	case strings.HasPrefix(host, "api.") && strings.HasSuffix(host, geHost):
		return "https://" + strings.TrimPrefix(host, "api.")
	}
	return u.Scheme + "://" + u.Host
}

// line is one setting as it may be shown.
type line struct{ key, value string }

// lines are all settings, by their YAML keys, secrets redacted.
func (c Config) lines() []line {
	return []line{
		{"listen", c.Listen},
		{"public_url", c.PublicURL},
		{"github_url", c.GitHubURL},
		{"github_web_url", c.WebURL()},
		{"app_id", fmt.Sprint(c.AppID)},
		{"client_id", c.ClientID},
		{"client_secret", showSecret(c.ClientSecret)},
		{"private_key", showKey(c.PrivateKey)},
		{"webhook_secret", showSecrets(c.WebhookSecrets)},
		{"store", showStore(c.Store)},
		{"log_level", strings.ToLower(c.LogLevel.String())},
		{"pages", fmt.Sprint(c.Pages)},
		{"trusted_proxies", showPrefixes(c.TrustedProxies)},
		{"hostname", c.Hostname},
		{"notify", showChannels(c.Notify)},
		{"issuers", showIssuers(c.Issuers)},
		{"credential_app_id", showID(c.MintAppID)},
		{"credential_private_key", showKey(c.MintKey)},
		{"identities", fmt.Sprint(c.Identities)},
		{"identity_key", showKey(c.IdentityKeys)},
	}
}

// String lists the settings, one to a line, secrets redacted.
func (c Config) String() string {
	var b strings.Builder
	for i, l := range c.lines() {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %s", l.key, l.value)
	}
	return b.String()
}

// Format makes every verb of fmt print String: no verb shows a secret.
func (c Config) Format(f fmt.State, _ rune) { io.WriteString(f, c.String()) }

// LogValue gives slog the settings, secrets redacted.
func (c Config) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, l := range c.lines() {
		attrs = append(attrs, slog.String(l.key, l.value))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON gives the settings, secrets redacted.
func (c Config) MarshalJSON() ([]byte, error) {
	shown := make(map[string]string)
	for _, l := range c.lines() {
		shown[l.key] = l.value
	}
	return json.Marshal(shown)
}

const redacted = "[redacted]"

// showKey shows a key by the fingerprint of its public half, which the App's
// settings page shows too: so one sees which key is in use.
// https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/managing-private-keys-for-github-apps
func showKey(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	key, err := parseKey(text)
	if err != nil {
		return redacted
	}
	return redacted + " SHA256:" + fingerprint(&key.PublicKey)
}

func fingerprint(key *rsa.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "?"
	}
	sum := sha256.Sum256(der)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func showSecret(secret string) string {
	if secret == "" {
		return ""
	}
	return redacted
}

func showSecrets(secrets [][]byte) string {
	switch len(secrets) {
	case 0:
		return ""
	case 1:
		return redacted
	}
	return fmt.Sprintf("%s (%d of them)", redacted, len(secrets))
}

// showStore shows a Redis address by its host and database only: user,
// password and parameters stay out.
func showStore(store string) string {
	if store == "" || strings.HasPrefix(store, "sqlite:") {
		return store
	}
	u, err := url.Parse(store)
	if err != nil || u.Host == "" {
		return redacted
	}
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if u.User == nil && u.RawQuery == "" && u.Fragment == "" {
		return shown.String()
	}
	return shown.String() + " " + redacted
}
