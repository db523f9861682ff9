package api

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/hub/lru"
)

// Bounds of one Hub. The first is below GitHub's own limit of 100 concurrent
// requests per installation, REST and GraphQL together.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
const (
	maxConcurrent    = 80
	maxInstallations = 4096
	maxTreeReads     = 8        // recursive trees are large: at most so many ranges at once
	maxCached        = 32 << 20 // bytes of answers kept for If-None-Match, all installations together
	defaultMaxText   = change.MaxText
	defaultMaxTexts  = change.MaxTexts
)

// Config says which GitHub to talk to, and as whom.
type Config struct {
	API     *url.URL // REST base: https://api.github.com/ or https://HOST/api/v3/
	GraphQL *url.URL // https://api.github.com/graphql or https://HOST/api/graphql

	AppID      int64
	PrivateKey []byte // PEM

	// Web is where people sign in, and ClientID is of the App that they sign in
	// to: another one than AppID, and one that may do nothing. An empty ClientID
	// switches it off; an empty ClientSecret leaves nothing but the device flow.
	Web          *url.URL
	ClientID     string
	ClientSecret string

	Transport http.RoundTripper // nil: a transport with timeouts and a connection pool
	Now       func() time.Time  // nil: time.Now
	Log       *slog.Logger      // nil: nothing is logged

	// Observe is told of every request that reached the network. The endpoint
	// is a route template, never a URL; status is 0 where no answer came;
	// quotaLeft is -1 where GitHub did not say.
	Observe func(endpoint string, status int, took time.Duration, quotaLeft int)

	MaxText  int   // bytes of one text; a larger file is Unreadable. 0: change.MaxText
	MaxTexts int64 // bytes of all texts of one change. 0: 64 MiB
}

// GitHub is reached as the App, and as each of its installations: who asks it for
// something does it through a client. It is safe for concurrent use.
type GitHub struct {
	cfg   Config
	guard http.RoundTripper
	etags *etagStore
	trees chan struct{} // slots for reading recursive trees
	app   func() (*Client, error)

	mu      sync.Mutex
	clients *lru.Cache[int64, *Client]
	homes   *lru.Cache[int64, int64] // installation by repository, where an event did not say
	names   *lru.Cache[int64, named] // by repository, where the one that was told led elsewhere
}

// New checks the configuration. It does not use the network.
func New(cfg Config) (*GitHub, error) {
	if err := checkURL("API", cfg.API); err != nil {
		return nil, err
	}
	if err := checkURL("GraphQL", cfg.GraphQL); err != nil {
		return nil, err
	}
	if cfg.AppID <= 0 {
		return nil, errors.New("hub: the App's id is missing")
	}
	if cfg.ClientID != "" {
		if err := checkURL("web", cfg.Web); err != nil {
			return nil, err
		}
	}
	if _, err := ghinstallation.NewAppsTransport(nil, cfg.AppID, cfg.PrivateKey); err != nil {
		return nil, fmt.Errorf("hub: the private key is not an RSA key in PEM, as the App's settings page gives it: %w", err)
	}
	api := *cfg.API
	if !strings.HasSuffix(api.Path, "/") {
		api.Path += "/"
	}
	cfg.API = &api
	if cfg.Transport == nil {
		cfg.Transport = defaultTransport()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Observe == nil {
		cfg.Observe = func(string, int, time.Duration, int) {}
	}
	if cfg.MaxText <= 0 {
		cfg.MaxText = defaultMaxText
	}
	if cfg.MaxTexts <= 0 {
		cfg.MaxTexts = defaultMaxTexts
	}
	g := &GitHub{
		cfg: cfg,
		guard: &guard{next: cfg.Transport, api: cfg.API, graphQL: cfg.GraphQL, signIn: signInURLs(cfg), now: cfg.Now,
			observe: cfg.Observe},
		etags:   newETagStore(maxCached),
		trees:   make(chan struct{}, maxTreeReads),
		clients: lru.New[int64, *Client](maxInstallations),
		homes:   lru.New[int64, int64](maxInstallations),
		names:   lru.New[int64, named](1 << 12),
	}
	g.app = newAppClient(g)
	return g, nil
}

func checkURL(name string, u *url.URL) error {
	if u == nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return fmt.Errorf("hub: the %s address must be an absolute http or https URL", name)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("hub: the %s address must hold no user, query or fragment", name)
	}
	return nil
}

func defaultTransport() http.RoundTripper {
	dial := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dial.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   maxConcurrent,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: 20 * time.Second,
	}
}

// AsApp is the client that speaks as the App itself: of its registration, its
// installations and its webhook.
func (g *GitHub) AsApp() (*Client, error) { return g.app() }

// Host is the name of the API's host.
func (g *GitHub) Host() string { return g.cfg.API.Hostname() }

// AppID is by which GitHub names the App in what it did.
func (g *GitHub) AppID() int64 { return g.cfg.AppID }

// ClientID is of the App that people sign in to, "" where nobody can.
func (g *GitHub) ClientID() string { return g.cfg.ClientID }

// ClientSecret is of the same App, "" where nobody can sign in in a browser.
func (g *GitHub) ClientSecret() string { return g.cfg.ClientSecret }

// MaxText is how many bytes of one text are read.
func (g *GitHub) MaxText() int { return g.cfg.MaxText }

// MaxTexts is how many bytes of all texts of one change are read.
func (g *GitHub) MaxTexts() int64 { return g.cfg.MaxTexts }

// Log is where what is no error of a caller's is told.
func (g *GitHub) Log() *slog.Logger { return g.cfg.Log }

// Now is the time by the configured clock.
func (g *GitHub) Now() time.Time { return g.cfg.Now() }
