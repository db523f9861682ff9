package api

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
)

func signInURLs(c Config) []string {
	if c.ClientID == "" {
		return nil
	}
	return []string{webURL(c.Web, "/login/device/code"), webURL(c.Web, "/login/oauth/access_token")}
}

// URL is an address of the API.
func (g *GitHub) URL(path string) string { return g.cfg.API.JoinPath(path).String() }

// WebURL is an address where people sign in.
func (g *GitHub) WebURL(path string) string { return webURL(g.cfg.Web, path) }

func webURL(web *url.URL, path string) string {
	return strings.TrimSuffix(web.String(), "/") + path
}

// isSignIn allows the two requests by which people sign in, exactly, and without
// Authorization.
func (g *guard) isSignIn(req *http.Request) bool {
	return req.Method == http.MethodPost && req.Header.Get("Authorization") == "" && slices.Contains(g.signIn, req.URL.String())
}

// Exchange sends a request that carries nothing of the App's, follows no
// redirect, and decodes an answer of status 200. What else it answers is not read.
func (g *GitHub) Exchange(req *http.Request, r Route, doing string, into any) (status int, err error) {
	req = req.WithContext(withRoute(req.Context(), r))
	req.Header.Set("User-Agent", "gatehold")
	client := &http.Client{Transport: g.guard, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return 0, g.Refusal(err, doing, r)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, g.Refusal(err, doing, r)
	}
	if until, ok := g.limitOf(resp.StatusCode, resp.Header, string(text[:min(len(text), 1024)])); ok {
		out := &gate.Error{}
		g.limited(out, until, doing)
		return 0, out
	}
	if resp.StatusCode != http.StatusOK {
		return resp.StatusCode, nil
	}
	if err := json.Unmarshal(text, into); err != nil { // its text could repeat a token: it is not kept
		return 0, Malformed("it is not JSON")
	}
	return resp.StatusCode, nil
}
