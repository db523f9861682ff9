package config

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

// Flags are the settings of the command line.
type Flags struct {
	Config            string
	Listen            string
	PublicURL         string
	GitHubURL         string
	GitHubWebURL      string
	AppID             string
	ClientID          string
	ClientSecretFile  string
	PrivateKeyFile    string
	WebhookSecretFile string
	Store             string
	StoreFile         string
	LogLevel          string
	Pages             string
	TrustedProxies    string
	Hostname          string
}

// Define adds all settings to the flags of a command.
func (f *Flags) Define(to *pflag.FlagSet) {
	to.StringVar(&f.Config, "config", "", "YAML `FILE` with settings (GATEHOLD_CONFIG).")
	to.StringVar(&f.Listen, "listen", "", "Listen on `HOST:PORT`, :8080 if not given (GATEHOLD_LISTEN).")
	to.StringVar(&f.PublicURL, "public-url", "", "`URL` where people reach gatehold (GATEHOLD_PUBLIC_URL).")
	to.StringVar(&f.GitHubURL, "github-url", "", "Base `URL` of GitHub's REST API: https://api.github.com if not given, "+
		"https://HOST/api/v3, https://api.SUB.ghe.com (GATEHOLD_GITHUB_URL).")
	to.StringVar(&f.GitHubWebURL, "github-web-url", "", "`URL` where people see GitHub, if its API's address does not tell "+
		"(GATEHOLD_GITHUB_WEB_URL).")
	to.StringVar(&f.AppID, "app-id", "", "`ID` of the GitHub App (GATEHOLD_APP_ID).")
	to.StringVar(&f.ClientID, "client-id", "", "Client `ID` of the GitHub App that people sign in with: another one, without permissions "+
		"(GATEHOLD_CLIENT_ID).")
	to.StringVar(&f.ClientSecretFile, "client-secret-file", "", "`FILE` with the client secret of that App, for people to sign in in "+
		"a browser (GATEHOLD_CLIENT_SECRET_FILE, or the secret itself in GATEHOLD_CLIENT_SECRET).")
	to.StringVar(&f.PrivateKeyFile, "private-key-file", "", "`FILE` with the App's private key, PEM (GATEHOLD_PRIVATE_KEY_FILE, or the key "+
		"itself in GATEHOLD_PRIVATE_KEY).")
	to.StringVar(&f.WebhookSecretFile, "webhook-secret-file", "", "`FILE` with webhook secrets, one per line "+
		"(GATEHOLD_WEBHOOK_SECRET_FILE, or the secrets themselves in GATEHOLD_WEBHOOK_SECRET).")
	to.StringVar(&f.Store, "store", "", "The ledger is in `STORE`: sqlite:PATH, sqlite:gatehold.db if not given, or redis://HOST "+
		"(GATEHOLD_STORE; keep a password out of the command line).")
	to.StringVar(&f.StoreFile, "store-file", "", "`FILE` that holds the store's address, for a Redis with a password (GATEHOLD_STORE_FILE).")
	to.StringVar(&f.LogLevel, "log-level", "", "`LEVEL` of the log: debug, info, warn or error (GATEHOLD_LOG_LEVEL).")
	to.StringVar(&f.Pages, "pages", "", "`true|false`: serve the pages that list gates and verdicts, to whoever can reach the address "+
		"(GATEHOLD_PAGES).")
	to.StringVar(&f.TrustedProxies, "trusted-proxies", "", "`LIST` of addresses and networks, as in 10.0.0.0/8, whose word is taken for "+
		"whom they ask: your reverse proxies (GATEHOLD_TRUSTED_PROXIES).")
	to.StringVar(&f.Hostname, "hostname", "", "`NAME` of this process among replicas (GATEHOLD_HOSTNAME).")
}

// DefineStore adds what a command needs that only reads the ledger of serve.
func (f *Flags) DefineStore(to *pflag.FlagSet) {
	to.StringVar(&f.Config, "config", "", "YAML `FILE` with settings, as for serve (GATEHOLD_CONFIG).")
	to.StringVar(&f.Store, "store", "", "The ledger is in `STORE`, as for serve: sqlite:PATH or redis://HOST (GATEHOLD_STORE). It is only "+
		"read.")
	to.StringVar(&f.StoreFile, "store-file", "", "`FILE` that holds the store's address (GATEHOLD_STORE_FILE).")
}

// The settings by their YAML keys. fileKey + a secret's key holds a path.
const (
	keyListen        = "listen"
	keyPublicURL     = "public_url"
	keyGitHubURL     = "github_url"
	keyGitHubWebURL  = "github_web_url"
	keyAppID         = "app_id"
	keyClientID      = "client_id"
	keyClientSecret  = "client_secret"
	keyPrivateKey    = "private_key"
	keyWebhookSecret = "webhook_secret"
	keyStore         = "store"
	keyLogLevel      = "log_level"
	keyPages         = "pages"
	keyHostname      = "hostname"
	keyProxies       = "trusted_proxies"
	keyNotify        = "notify"
	keyIssuers       = "issuers"
	keyMintAppID     = "credential_app_id"
	keyMintKey       = "credential_private_key"
	keyIdentities    = "identities"
	keyIdentityKey   = "identity_key"

	fileKey = "_file"
)

// keys are all keys of the YAML file, and so of the variables.
func keys() []string {
	return []string{
		keyListen, keyPublicURL, keyGitHubURL, keyGitHubWebURL, keyAppID, keyClientID,
		keyClientSecret, keyClientSecret + fileKey, keyPrivateKey, keyPrivateKey + fileKey, keyWebhookSecret, keyWebhookSecret + fileKey,
		keyStore, keyStore + fileKey, keyLogLevel, keyPages, keyProxies, keyHostname,
		keyNotify, keyNotify + fileKey, keyIssuers, keyIssuers + fileKey,
		keyMintAppID, keyMintKey, keyMintKey + fileKey, keyIdentities, keyIdentityKey, keyIdentityKey + fileKey,
	}
}

func (f Flags) values() map[string]string {
	return map[string]string{
		keyListen: f.Listen, keyPublicURL: f.PublicURL, keyGitHubURL: f.GitHubURL, keyGitHubWebURL: f.GitHubWebURL,
		keyAppID: f.AppID, keyClientID: f.ClientID, keyClientSecret + fileKey: f.ClientSecretFile,
		keyPrivateKey + fileKey: f.PrivateKeyFile, keyWebhookSecret + fileKey: f.WebhookSecretFile,
		keyStore: f.Store, keyStore + fileKey: f.StoreFile, keyLogLevel: f.LogLevel, keyPages: f.Pages, keyHostname: f.Hostname,
		keyProxies: f.TrustedProxies,
	}
}

// Invalid is the error of a configuration that cannot be used.
type Invalid struct {
	Problems []string // a sentence each
}

func (e *Invalid) Error() string {
	if len(e.Problems) == 1 {
		return "the configuration cannot be used: " + e.Problems[0]
	}
	return fmt.Sprintf("the configuration has %d problems:\n- %s", len(e.Problems), strings.Join(e.Problems, "\n- "))
}

// Bounds of the files that are read.
const (
	maxConfigFile = 64 << 10
	maxSecretFile = 64 << 10

	maxFileProblems = 20
)

// loader gathers values and problems.
type loader struct {
	readFile func(string) ([]byte, error)
	sources  []source // the first that has a value wins
	problems []string
}

// source is one place of settings and how its settings are called there.
type source struct {
	values map[string]string
	name   func(key string) string
}

// setting is a value with the name of the place it came from.
type setting struct {
	text   string
	name   string
	isFile bool // text is what stood in the file of that name
}

func (l *loader) fail(format string, args ...any) {
	l.problems = append(l.problems, fmt.Sprintf(format, args...))
}

// Load gathers the configuration and checks it. An error is an *Invalid with
// every problem that was found.
func Load(flags Flags, getenv func(string) string, readFile func(string) ([]byte, error)) (Config, error) {
	l := newLoader(flags, getenv, readFile)
	c := l.config()
	if len(l.problems) > 0 {
		return Config{}, &Invalid{Problems: l.problems}
	}
	return c, nil
}

// Store gathers the settings that say where the ledger is and where its pages
// are seen, for commands that read it and need no App. An error is an *Invalid.
func Store(flags Flags, getenv func(string) string, readFile func(string) ([]byte, error)) (Config, error) {
	l := newLoader(flags, getenv, readFile)
	c := Config{
		Store:     l.store(l.secret(keyStore)),
		PublicURL: l.publicURL(l.get(keyPublicURL, "")), Pages: l.pages(l.get(keyPages, "false")),
	}
	if len(l.problems) > 0 {
		return Config{}, &Invalid{Problems: l.problems}
	}
	return c, nil
}

func newLoader(flags Flags, getenv func(string) string, readFile func(string) ([]byte, error)) *loader {
	l := &loader{readFile: readFile}
	l.sources = []source{
		{flags.values(), func(key string) string { return "--" + strings.ReplaceAll(key, "_", "-") }},
		{environment(getenv), variable},
	}
	path := strings.TrimSpace(flags.Config)
	if path == "" {
		path = strings.TrimSpace(getenv("GATEHOLD_CONFIG"))
	}
	if path != "" {
		l.sources = append(l.sources, l.configFile(path))
	}
	return l
}

func variable(key string) string { return "GATEHOLD_" + strings.ToUpper(key) }

func environment(getenv func(string) string) map[string]string {
	values := make(map[string]string)
	for _, key := range keys() {
		values[key] = getenv(variable(key))
	}
	return values
}

// config reads each setting. It goes on after a problem, to list them all.
func (l *loader) config() Config {
	c := Config{
		Listen:         l.listen(l.get(keyListen, ":8080")),
		PublicURL:      l.publicURL(l.get(keyPublicURL, "")),
		GitHubURL:      l.githubURL(l.get(keyGitHubURL, "https://"+apiHost)),
		GitHubWebURL:   l.publicURL(l.get(keyGitHubWebURL, "")),
		AppID:          l.appID(l.get(keyAppID, "")),
		ClientID:       l.clientID(l.get(keyClientID, "")),
		ClientSecret:   l.clientSecret(l.secret(keyClientSecret)),
		PrivateKey:     l.privateKey(l.secret(keyPrivateKey)),
		WebhookSecrets: l.webhookSecrets(l.secret(keyWebhookSecret)),
		Store:          l.store(l.secret(keyStore)),
		LogLevel:       l.logLevel(l.get(keyLogLevel, "info")),
		Pages:          l.pages(l.get(keyPages, "false")),
		Hostname:       l.hostname(l.get(keyHostname, "")),
		TrustedProxies: l.proxies(l.get(keyProxies, "")),
		Notify:         l.channels(l.secret(keyNotify)),
	}
	issuers, ok := l.secret(keyIssuers)
	c.Issuers = l.issuers(issuers, ok, c)
	l.mint(&c)
	l.identities(&c)
	l.checkSignIn(c)
	return c
}

// get finds a setting that is not secret.
func (l *loader) get(key, otherwise string) setting {
	for _, s := range l.sources {
		if text := strings.TrimSpace(s.values[key]); text != "" {
			return setting{text: text, name: s.name(key)}
		}
	}
	return setting{text: otherwise, name: key}
}

// secret finds a setting that may stand in a file of its own. Where it cannot
// be read, the problem is told and ok is false; where there is none, text is
// empty.
func (l *loader) secret(key string) (found setting, ok bool) {
	for _, s := range l.sources {
		text, path := strings.TrimSpace(s.values[key]), strings.TrimSpace(s.values[key+fileKey])
		switch {
		case text != "" && path != "":
			l.fail("%s and %s are both given: keep one of them.", s.name(key), s.name(key+fileKey))
			return setting{}, false
		case text != "":
			return setting{text: text, name: s.name(key)}, true
		case path != "":
			return l.secretFile(path, s.name(key+fileKey))
		}
	}
	return setting{}, true
}

func (l *loader) secretFile(path, name string) (setting, bool) {
	text, err := l.readFile(path)
	switch {
	case err != nil:
		l.fail("%s: the file cannot be read: %v.", name, plainError(err))
	case len(text) > maxSecretFile:
		l.fail("%s: the file %s has %d bytes, more than any secret has: is it the right one?", name, path, len(text))
	case strings.TrimSpace(string(text)) == "":
		l.fail("%s: the file %s is empty.", name, path)
	default:
		return setting{text: strings.TrimSpace(string(text)), name: name, isFile: true}, true
	}
	return setting{}, false
}

// hostname falls back to the machine's name, which a container's is too.
func (l *loader) hostname(s setting) string {
	if s.text != "" {
		return s.text
	}
	name, err := os.Hostname()
	if err != nil {
		l.fail("The machine does not tell its name (%v): set GATEHOLD_HOSTNAME.", err)
	}
	return name
}
