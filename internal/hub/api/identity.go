package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v62/github"
)

// newAppClient makes, when it is first asked for, the client that speaks as the
// App itself, by its signed token and not an installation's.
func newAppClient(g *GitHub) func() (*Client, error) {
	return sync.OnceValues(func() (*Client, error) {
		auth, err := ghinstallation.NewAppsTransport(g.guard, g.cfg.AppID, g.cfg.PrivateKey)
		if err != nil {
			return nil, fmt.Errorf("hub: the private key cannot be used: %w", err)
		}
		auth.BaseURL = strings.TrimSuffix(g.cfg.API.String(), "/")
		c := &Client{GitHub: g, made: g.cfg.Now()}
		c.rest = github.NewClient(&http.Client{Transport: auth, CheckRedirect: g.checkRedirect})
		c.rest.BaseURL, c.rest.UserAgent = g.cfg.API, "gatehold"
		return c, nil
	})
}

var appRoute = Route{Name: "GET /app", Max: 1 << 20}

// App is the App as it is registered.
type App struct {
	ID          int64
	Slug        string
	Permissions map[string]string
	Events      []string
}

// Identity is who the App is, as GitHub tells it. It is safe for concurrent use.
type Identity struct {
	gh *GitHub

	mu    sync.Mutex
	login string // once it was asked for
}

func NewIdentity(gh *GitHub) *Identity { return &Identity{gh: gh} }

// App asks who the App is, which shows that its key fits. ahead is how far this
// machine's clock is before GitHub's, to a second or so; it is told where
// GitHub refuses the key as well, and 0 where GitHub did not say.
// https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app
func (us *Identity) App(ctx context.Context) (app App, ahead time.Duration, err error) {
	c, err := us.gh.AsApp()
	if err != nil {
		return App{}, 0, err
	}
	began := us.gh.cfg.Now()
	var answer struct {
		ID          int64             `json:"id"`
		Slug        string            `json:"slug"`
		Permissions map[string]string `json:"permissions"`
		Events      []string          `json:"events"`
	}
	told := func(header http.Header) {
		if at, err := http.ParseTime(header.Get("Date")); err == nil {
			// The header is cut to seconds, and was written between the two readings.
			ahead = began.Add(us.gh.cfg.Now().Sub(began) / 2).Sub(at.Add(500 * time.Millisecond)).Round(time.Second)
		}
	}
	err = c.Get(ctx, Request{Route: appRoute, URL: "app", Doing: "ask GitHub who the App is", Header: told}, Into(&answer))
	var refused *github.ErrorResponse
	if errors.As(err, &refused) && refused.Response != nil {
		told(refused.Response.Header)
	}
	return App{ID: answer.ID, Slug: answer.Slug, Permissions: answer.Permissions, Events: answer.Events}, ahead, err
}

// Login is the App's own login, as GitHub names who did something on its behalf.
// It is asked for once.
func (us *Identity) Login(ctx context.Context) (string, error) {
	us.mu.Lock()
	login := us.login
	us.mu.Unlock()
	if login != "" {
		return login, nil
	}
	app, _, err := us.App(ctx)
	if err != nil {
		return "", err
	}
	if app.Slug == "" {
		return "", Malformed("GitHub does not say what the App is called")
	}
	us.mu.Lock()
	defer us.mu.Unlock()
	us.login = app.Slug + "[bot]"
	return us.login, nil
}

// ClientID is the App's own client id, "" where GitHub does not say.
func (us *Identity) ClientID(ctx context.Context) (string, error) {
	c, err := us.gh.AsApp()
	if err != nil {
		return "", err
	}
	var own struct {
		ClientID string `json:"client_id"`
	}
	err = c.Get(ctx, Request{Route: appRoute, URL: "app", Doing: "ask GitHub who the App is"}, Into(&own))
	return own.ClientID, err
}
