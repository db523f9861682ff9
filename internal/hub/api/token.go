package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// selection is what the last token's answer said of the repositories that the
// installation covers: "all", "selected", or "" before the first token.
// https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
type selection struct{ v atomic.Value }

func (s *selection) get() string {
	v, _ := s.v.Load().(string)
	return v
}

// may reports whether the last token was given a permission at a level. Before
// the first token, nothing is.
func (s *slots) may(permission, level string) bool {
	granted := s.granted.Load()
	return granted != nil && (*granted)[permission] == level
}

// looksAtPermissions is how often at most an installation's permissions are asked
// for because its token lacks one.
const looksAtPermissions = 2 * time.Minute

var installationByIDRoute = Route{Name: "GET /app/installations/{installation_id}"}

// regrant looks whether the account has accepted more permissions since a client
// was given its token, which never gets them, and gives the client for the next
// one. It is not ok where there are none, or where somebody has looked within the last
// two minutes. The event that tells of it reaches one process only.
// https://docs.github.com/en/rest/apps/apps#get-an-installation-for-the-authenticated-app
func (g *GitHub) regrant(ctx context.Context, old *Client) (*Client, bool) {
	g.mu.Lock()
	now := g.cfg.Now()
	late := old.Installation > 0 && now.Sub(old.looked) >= looksAtPermissions
	if late {
		old.looked = now
	}
	g.mu.Unlock()
	if !late {
		return old, false
	}
	app, err := g.AsApp()
	if err != nil {
		return old, false
	}
	var installed struct {
		Permissions map[string]string `json:"permissions"`
	}
	err = app.Get(ctx, Request{
		Route: installationByIDRoute, Doing: fmt.Sprintf("read the permissions of the installation %d", old.Installation),
		URL: fmt.Sprintf("app/installations/%d", old.Installation),
	}, Into(&installed))
	if err != nil {
		return old, false
	}
	if old.slots.granted.CompareAndSwap(nil, &installed.Permissions) { // it has no token yet
		return old, true
	}
	g.Accepted(old.Installation, installed.Permissions)
	next, err := g.Installed(old.Installation)
	if err != nil || next == old {
		return old, false
	}
	next.slots.granted.CompareAndSwap(nil, &installed.Permissions) // as its token will have them
	return next, true
}

// readToken takes a whole answer to a token request off the network. It notes
// repository_selection and permissions, which nobody else keeps, and closes the
// body, which ghinstallation leaves open where the answer is a refusal.
func (s *slots) readToken(resp *http.Response) (*http.Response, error) {
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(data))
	var answer struct {
		Selection   string            `json:"repository_selection"`
		Permissions map[string]string `json:"permissions"`
	}
	if resp.StatusCode/100 == 2 && json.Unmarshal(data, &answer) == nil {
		s.selection.v.Store(answer.Selection)
		s.granted.Store(&answer.Permissions)
	}
	return resp, nil
}
