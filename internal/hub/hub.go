package hub

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v62/github"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
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
	// switches it off.
	Web      *url.URL
	ClientID string

	Transport http.RoundTripper // nil: a transport with timeouts and a connection pool
	Now       func() time.Time  // nil: time.Now
	Log       *slog.Logger      // nil: nothing is logged

	// Observe is told of every request that reached the network. The endpoint
	// is a route template, never a URL; status is 0 where no answer came;
	// quotaLeft is -1 where GitHub did not say.
	Observe func(endpoint string, status int, took time.Duration, quotaLeft int)

	MaxText  int   // bytes of one text; a larger file is Unreadable. 0: 1 MiB
	MaxTexts int64 // bytes of all texts of one change. 0: 64 MiB
}

// Hub reads from and writes to GitHub as the App's installations. It is safe
// for concurrent use.
type Hub struct {
	cfg   Config
	guard http.RoundTripper
	etags *etagStore
	trees chan struct{} // slots for reading recursive trees
	app   func() (*client, error)
	apart atomic.Bool // ClientID is known to be another App's

	mu        sync.Mutex
	login     string // of the App, once it was asked for
	clients   *lru[int64, *client]
	homes     *lru[int64, int64]       // installation by repository, where an event did not say
	names     *lru[int64, named]       // by repository, where the one that was told led elsewhere
	defaults  *lru[int64, string]      // default branch by repository, as it was listed last
	marked    *lru[string, struct{}]   // annotations known to be on a check run
	doubtful  *lru[string, struct{}]   // checks whose creation got no answer
	standings *lru[string, remembered] // what GitHub said of people
	owners    *lru[string, change.RulesFile]
	workflows *lru[string, []change.Workflow]
	ended     *lru[int64, change.Job] // jobs that have ended: no attempt runs one again
}

// client is one installation: its token, its limits, its connection slots.
type client struct {
	hub          *Hub
	installation int64
	made         time.Time
	looked       time.Time // at the installation's permissions, last
	rest         *github.Client
	graph        *github.Client // its own, because go-github counts GraphQL as REST on Enterprise Server
	slots        *slots
}

// New checks the configuration. It does not use the network.
func New(cfg Config) (*Hub, error) {
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
	h := &Hub{
		cfg: cfg,
		guard: &guard{next: cfg.Transport, api: cfg.API, graphQL: cfg.GraphQL, signIn: signInURLs(cfg), now: cfg.Now,
			observe: cfg.Observe},
		etags:     newETagStore(maxCached),
		trees:     make(chan struct{}, maxTreeReads),
		clients:   newLRU[int64, *client](maxInstallations),
		homes:     newLRU[int64, int64](maxInstallations),
		names:     newLRU[int64, named](1 << 12),
		defaults:  newLRU[int64, string](1 << 16),
		marked:    newLRU[string, struct{}](1 << 15),
		doubtful:  newLRU[string, struct{}](1 << 12),
		standings: newLRU[string, remembered](maxStandings),
		owners:    newLRU[string, change.RulesFile](maxOwners),
		workflows: newLRU[string, []change.Workflow](maxWorkflowsCache),
		ended:     newLRU[int64, change.Job](1 << 12),
	}
	h.app = newAppClient(h)
	return h, nil
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

// client returns the client of an installation, with its cached token.
//
// Each has a ghinstallation transport of its own: those that share one
// AppsTransport write to it without a lock.
func (h *Hub) client(installation int64) (*client, error) {
	if installation <= 0 {
		return nil, invalid("The subject names no installation of the App.")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if c, ok := h.clients.get(installation); ok {
		return c, nil
	}
	c := &client{hub: h, installation: installation, made: h.cfg.Now()}
	c.slots = newSlots(h.guard, maxConcurrent)
	auth, err := ghinstallation.New(c.slots, h.cfg.AppID, installation, h.cfg.PrivateKey)
	if err != nil {
		return nil, &gate.Error{Code: "no_permission", Text: "The App's private key cannot be used; check its configuration.", Err: err}
	}
	auth.BaseURL = strings.TrimSuffix(h.cfg.API.String(), "/")
	auth.InstallationTokenOptions = &github.InstallationTokenOptions{} // nil would be sent as null, which the API does not describe
	httpClient := &http.Client{
		Transport:     &etagTransport{next: auth, store: h.etags, installation: installation},
		CheckRedirect: h.checkRedirect,
	}
	c.rest, c.graph = github.NewClient(httpClient), github.NewClient(httpClient)
	for _, g := range []*github.Client{c.rest, c.graph} {
		g.BaseURL = h.cfg.API
		g.UserAgent = "gatehold"
	}
	h.clients.put(installation, c, 1)
	return c, nil
}

// renew drops a client whose token GitHub no longer takes, after a revocation
// say, so that the next call asks for a new one. At most once a minute, so that a
// key that is not taken does not double the requests.
func (h *Hub) renew(old *client) (*client, bool) {
	h.mu.Lock()
	current, ok := h.clients.get(old.installation)
	if ok && current == old {
		if h.cfg.Now().Sub(old.made) < time.Minute {
			h.mu.Unlock()
			return old, false
		}
		h.clients.remove(old.installation)
	}
	h.mu.Unlock()
	next, err := h.client(old.installation)
	return next, err == nil
}
