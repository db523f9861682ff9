package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Route describes one request: its template for metrics and error sentences,
// and its bounds.
type Route struct {
	Name    string        // "GET /repos/{owner}/{repo}/git/trees/{tree_sha}"
	Need    string        // permission it takes, for the sentence that asks for it
	Max     int64         // bytes of the answer
	Timeout time.Duration // for the whole exchange, body included
	Foreign bool          // with another token than ours: its quota is not ours
	Cache   bool          // keep the answer for If-None-Match
}

const (
	defaultMaxAnswer = 16 << 20
	defaultTimeout   = 30 * time.Second
)

var tokenRoute = Route{
	Name: "POST /app/installations/{installation_id}/access_tokens",
	Max:  1 << 20, Timeout: 15 * time.Second,
}

type routeKey struct{}

func withRoute(ctx context.Context, r Route) context.Context {
	return context.WithValue(ctx, routeKey{}, r)
}

func routeOf(req *http.Request) Route {
	r, _ := req.Context().Value(routeKey{}).(Route)
	if isTokenRequest(req) { // made by ghinstallation within another request's context
		r = tokenRoute
	}
	if r.Max == 0 {
		r.Max = defaultMaxAnswer
	}
	if r.Timeout == 0 {
		r.Timeout = defaultTimeout
	}
	return r
}

func isTokenRequest(req *http.Request) bool {
	return req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/access_tokens")
}

var (
	errForeignHost = errors.New("the request would have left the configured GitHub host")
	// errAnotherRepository: a request goes to the repository that it is for.
	errAnotherRepository = errors.New("the request would have gone to another repository")

	errTooLarge = errors.New("the answer is larger than gatehold reads")
)

// guard is the last step before the network. Authorization is already on the
// request here, so this is where it is kept from any other host. People sign in
// at two addresses of another host, where no Authorization goes at all.
type guard struct {
	next         http.RoundTripper
	api, graphQL *url.URL
	signIn       []string
	now          func() time.Time
	observe      func(string, int, time.Duration, int)
}

func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if !sameOrigin(req.URL, g.api) && !sameOrigin(req.URL, g.graphQL) && !g.isSignIn(req) {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, errForeignHost
	}
	r := routeOf(req)
	ctx, cancel := context.WithTimeout(req.Context(), r.Timeout)
	began := g.now()
	resp, err := g.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel()
		g.observe(r.Name, 0, g.now().Sub(began), -1)
		return nil, err
	}
	left := quotaLeft(resp.Header)
	if r.Foreign {
		left = -1
	}
	g.observe(r.Name, resp.StatusCode, g.now().Sub(began), left)
	bounded := &body{ReadCloser: resp.Body, left: r.Max, done: cancel}
	if resp.ContentLength > r.Max {
		bounded.left = -1 // there is no use in reading the beginning
	}
	resp.Body = bounded
	return resp, nil
}

func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Host, b.Host)
}

func quotaLeft(header http.Header) int {
	n, err := strconv.Atoi(header.Get("X-Ratelimit-Remaining"))
	if err != nil {
		return -1
	}
	return n
}

// body ends with errTooLarge instead of giving more than was allowed. It calls
// done once, at its end or when it is closed: go-github reads the body of a
// refusal to its end and then does not close it.
type body struct {
	io.ReadCloser
	left int64
	done func()
	once sync.Once
}

func (b *body) Read(p []byte) (int, error) {
	if b.left < 0 {
		b.finish()
		return 0, errTooLarge
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		n, err = n-1, errTooLarge
	}
	if err != nil {
		b.finish()
	}
	return n, err
}

func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.finish()
	return err
}

func (b *body) finish() {
	if b.done != nil {
		b.once.Do(b.done)
	}
}

// checkRedirect allows what stays at the same host, of the same method, a few
// steps, and with the same repository: what was asked of one by its id is not
// taken from another one, nor from wherever a name leads.
func (g *GitHub) checkRedirect(req *http.Request, via []*http.Request) error {
	if !sameOrigin(req.URL, g.cfg.API) {
		return errForeignHost
	}
	if g.repositoryIn(req.URL) != g.repositoryIn(via[0].URL) {
		return errAnotherRepository
	}
	if req.Method != via[0].Method {
		return fmt.Errorf("GitHub answered %s with a redirect that loses its body", via[0].Method)
	}
	if len(via) > 3 {
		return errors.New("GitHub redirected too often")
	}
	return nil
}

// repositoryIn is the repository that a path is below, empty where none.
func (g *GitHub) repositoryIn(u *url.URL) string {
	path := strings.TrimPrefix(u.Path, g.cfg.API.Path)
	if rest, named := strings.CutPrefix(path, "repos/"); named {
		return "by its name: " + rest
	}
	rest, below := strings.CutPrefix(path, "repositories/")
	if !below {
		return ""
	}
	id, _, _ := strings.Cut(rest, "/")
	return id
}

// slots bounds the requests that one installation has under way.
type slots struct {
	next      http.RoundTripper
	free      chan struct{}
	selection selection
	granted   atomic.Pointer[map[string]string] // permissions of the last token

	graphReset atomic.Int64 // Unix seconds at which the GraphQL quota begins anew
}

func newSlots(next http.RoundTripper, n int) *slots {
	return &slots{next: next, free: make(chan struct{}, n)}
}

func (s *slots) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case s.free <- struct{}{}:
	case <-req.Context().Done():
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, req.Context().Err()
	}
	release := func() { <-s.free }
	resp, err := s.next.RoundTrip(req)
	if err != nil {
		release()
		return nil, err
	}
	resp.Body = &body{ReadCloser: resp.Body, left: 1 << 62, done: release}
	if resp.Header.Get("X-Ratelimit-Resource") == "graphql" {
		if reset, err := strconv.ParseInt(resp.Header.Get("X-Ratelimit-Reset"), 10, 64); err == nil {
			s.graphReset.Store(reset)
		}
	}
	if isTokenRequest(req) {
		return s.readToken(resp)
	}
	return resp, nil
}
