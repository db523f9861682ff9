package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v62/github"

	"github.com/gatehold/gatehold/internal/gate"
)

// Client is one installation: its token, its limits, its connection slots.
type Client struct {
	GitHub       *GitHub
	Installation int64
	made         time.Time
	looked       time.Time // at the installation's permissions, last
	rest         *github.Client
	graph        *github.Client // its own, because go-github counts GraphQL as REST on Enterprise Server
	slots        *slots
}

// Installed returns the client of an installation, with its cached token.
//
// Each has a ghinstallation transport of its own: those that share one
// AppsTransport write to it without a lock.
func (g *GitHub) Installed(installation int64) (*Client, error) {
	if installation <= 0 {
		return nil, Invalid("The subject names no installation of the App.")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if c, ok := g.clients.Get(installation); ok {
		return c, nil
	}
	now := g.cfg.Now()
	c := &Client{GitHub: g, Installation: installation, made: now, looked: now} // its token has all that was accepted
	c.slots = newSlots(g.guard, maxConcurrent)
	auth, err := ghinstallation.New(c.slots, g.cfg.AppID, installation, g.cfg.PrivateKey)
	if err != nil {
		return nil, &gate.Error{Code: "no_permission", Text: "The App's private key cannot be used; check its configuration.", Err: err}
	}
	auth.BaseURL = strings.TrimSuffix(g.cfg.API.String(), "/")
	auth.InstallationTokenOptions = &github.InstallationTokenOptions{} // nil would be sent as null, which the API does not describe
	httpClient := &http.Client{
		Transport:     &etagTransport{next: auth, store: g.etags, installation: installation},
		CheckRedirect: g.checkRedirect,
	}
	c.rest, c.graph = github.NewClient(httpClient), github.NewClient(httpClient)
	for _, via := range []*github.Client{c.rest, c.graph} {
		via.BaseURL = g.cfg.API
		via.UserAgent = "gatehold"
	}
	g.clients.Put(installation, c, 1)
	return c, nil
}

// renew drops a client whose token GitHub no longer takes, after a revocation
// say, so that the next call asks for a new one. At most once a minute, so that a
// key that is not taken does not double the requests.
func (g *GitHub) renew(old *Client) (*Client, bool) {
	g.mu.Lock()
	current, ok := g.clients.Get(old.Installation)
	if ok && current == old {
		if g.cfg.Now().Sub(old.made) < time.Minute {
			g.mu.Unlock()
			return old, false
		}
		g.clients.Remove(old.Installation)
	}
	g.mu.Unlock()
	next, err := g.Installed(old.Installation)
	return next, err == nil
}

// May reports whether the installation was given a permission at a level, by its
// last token. Before the first token, nothing is.
func (c *Client) May(permission, level string) bool { return c.slots.may(permission, level) }

// Granted reports whether the installation was granted a permission at a level: by its
// last token, or, where that was not given it, by what the account has accepted since.
func (c *Client) Granted(ctx context.Context, permission, level string) bool {
	if !c.May(permission, level) {
		c, _ = c.GitHub.regrant(ctx, c)
	}
	return c.May(permission, level)
}

// CoversAll reports whether the installation covers all repositories of its
// account, by its last token. Before the first token, it does not.
func (c *Client) CoversAll() bool { return c.slots.selection.get() == "all" }

// Large waits for leave to read what takes much memory, and returns how to give it
// back. At most eight such readings are under way at once.
func (c *Client) Large(ctx context.Context, r Request) (done func(), err error) {
	select {
	case c.GitHub.trees <- struct{}{}:
		return func() { <-c.GitHub.trees }, nil
	case <-ctx.Done():
		return nil, c.Refusal(ctx.Err(), r)
	}
}

// Refusal is the error for a request that ended with another one.
func (c *Client) Refusal(err error, r Request) *gate.Error {
	return c.GitHub.Refusal(err, r.Doing, r.Route)
}
