package api_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

func TestNewRefuses(t *testing.T) {
	good := func() api.Config {
		rest, _ := url.Parse("https://api.github.com")
		graph, _ := url.Parse("https://api.github.com/graphql")
		return api.Config{API: rest, GraphQL: graph, AppID: 1, PrivateKey: hubtest.Key()}
	}
	if _, err := hub.New(good()); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*api.Config){
		"no API":      func(c *api.Config) { c.API = nil },
		"relative":    func(c *api.Config) { c.API = &url.URL{Path: "/api"} },
		"scheme":      func(c *api.Config) { c.API = &url.URL{Scheme: "ftp", Host: "x"} },
		"user in URL": func(c *api.Config) { c.API.User = url.UserPassword("a", "b") },
		"no GraphQL":  func(c *api.Config) { c.GraphQL = nil },
		"no App":      func(c *api.Config) { c.AppID = 0 },
		"no key":      func(c *api.Config) { c.PrivateKey = nil },
		"not a key": func(c *api.Config) {
			c.PrivateKey = []byte("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n")
		},
		"text for key": func(c *api.Config) { c.PrivateKey = []byte("secret") },
	} {
		c := good()
		change(&c)
		if _, err := hub.New(c); err == nil {
			t.Errorf("%s is accepted", name)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error shows the key", name)
		}
	}
}

func TestUnchangedAnswersComeFromMemory(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(20)
	s.ETags = true
	h := s.Hub()
	for range 3 {
		if f := hubtest.Facts(t, h, s.Hint()); len(f.Change.Files) != 20 {
			t.Fatalf("%d files", len(f.Change.Files))
		}
	}
	if s.Count("304") != 2 {
		t.Errorf("%v", s.Counts)
	}
	// Never across installations, which may see different things.
	other := hubtest.Pull
	other.Repo.Installation = 8
	if _, err := h.Facts(t.Context(), other, s.Hint()); err != nil {
		t.Fatal(err)
	}
	if s.Count("304") != 2 {
		t.Errorf("%v", s.Counts)
	}
}

// counting counts what is under way at once.
type counting struct {
	next     http.RoundTripper
	now, max atomic.Int32
}

func (c *counting) RoundTrip(req *http.Request) (*http.Response, error) {
	n := c.now.Add(1)
	for {
		m := c.max.Load()
		if n <= m || c.max.CompareAndSwap(m, n) {
			break
		}
	}
	resp, err := c.next.RoundTrip(req)
	if err != nil {
		c.now.Add(-1)
		return nil, err
	}
	resp.Body = &closing{ReadCloser: resp.Body, done: sync.OnceFunc(func() { c.now.Add(-1) })}
	return resp, nil
}

// closing tells once that it was closed, or read to its end.
type closing struct {
	io.ReadCloser
	done func()
}

func (c *closing) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if err != nil {
		c.done()
	}
	return n, err
}

func (c *closing) Close() error {
	c.done()
	return c.ReadCloser.Close()
}

// At most 80 of GitHub's 100 at once, and one token for all of them.
func TestManyAtOnce(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(150)
	s.Frozen = s.Changed()
	s.Latency = 2 * time.Millisecond
	count := &counting{next: &http.Transport{MaxIdleConnsPerHost: 100}}
	var observed atomic.Int32
	h := s.Hub(func(c *api.Config) {
		c.Transport = count
		c.Observe = func(endpoint string, status int, took time.Duration, _ int) {
			if status < 200 || status > 201 || took <= 0 || strings.Contains(endpoint, "acme") || endpoint == "" {
				t.Errorf("observed %q %d %v", endpoint, status, took)
			}
			observed.Add(1)
		}
	})
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			f, err := h.Facts(t.Context(), hubtest.Pull, s.Hint())
			if err == nil {
				err = h.Texts(t.Context(), hubtest.Pull, &f.Change, hubtest.Everything)
			}
			if err == nil {
				_, err = h.PutCheck(t.Context(), hubtest.Repo, 0, hubtest.Check(3))
			}
			if err != nil || len(f.Change.Files) != 150 {
				t.Errorf("%d files, %v", len(f.Change.Files), err)
			}
		})
	}
	wg.Wait()
	if m := count.max.Load(); m > 80 || m < 10 {
		t.Errorf("%d requests at once", m)
	}
	if s.Count("token") != 1 {
		t.Errorf("%d tokens", s.Count("token"))
	}
	if n := int(observed.Load()); n != s.Requests()+1 {
		t.Errorf("%d observed of %d", n, s.Requests()+1)
	}
	if n := count.now.Load(); n != 0 {
		t.Errorf("%d bodies were left open", n)
	}
}

func TestInstallationsHaveTheirOwnTokens(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(1)
	h := s.Hub()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			subject := hubtest.Pull
			subject.Repo.Installation = int64(i%4 + 1)
			if _, err := h.Facts(t.Context(), subject, s.Hint()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if s.Count("token") != 4 {
		t.Errorf("%d tokens", s.Count("token"))
	}
}

func TestNothingIsLeftOpen(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(400)
	s.Truncated = true
	s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if strings.HasSuffix(r.URL.Path, "/files") {
			hubtest.Reply(w, 500, map[string]any{"message": "no"})
			return true
		}
		return false
	}
	count := &counting{next: http.DefaultTransport}
	h := s.Hub(func(c *api.Config) { c.Transport = count })
	for range 3 {
		if _, err := h.Facts(t.Context(), hubtest.Pull, s.Hint()); hubtest.CodeOf(t, err).Code != "github_unavailable" {
			t.Error(err)
		}
	}
	if n := count.now.Load(); n != 0 {
		t.Errorf("%d bodies were left open", n)
	}
}

func TestSubjectsThatAreNone(t *testing.T) {
	s := hubtest.NewStub(t)
	h := s.Hub()
	for name, subject := range map[string]gate.Subject{
		"empty":         {},
		"a check":       {Kind: gate.Check, Repo: hubtest.Repo, SHA: s.HeadID},
		"no number":     {Kind: gate.PullRequest, Repo: hubtest.Repo},
		"no repository": {Kind: gate.PullRequest, Number: 1, Repo: gate.Repo{Installation: 1, Owner: "a", Name: "b"}},
		"a path":        {Kind: gate.PullRequest, Number: 1, Repo: gate.Repo{Installation: 1, ID: 1, Owner: "a", Name: "../b"}},
	} {
		if _, err := h.Facts(t.Context(), subject, change.Hint{}); hubtest.CodeOf(t, err).Code != "invalid_request" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := h.Texts(t.Context(), hubtest.Pull, &change.Change{}, hubtest.Everything); hubtest.CodeOf(t, err).Code != "invalid_request" {
		t.Error(err)
	}
	if _, err := h.FindCheck(t.Context(), hubtest.Repo, "main", "gatehold"); hubtest.CodeOf(t, err).Code != "invalid_request" {
		t.Error(err)
	}
	if s.Requests() != 0 {
		t.Errorf("%v", s.Counts)
	}
}

// A redirect that turns a POST into a GET would lose the check and look like
// success.
func TestPostIsNotTurnedIntoGet(t *testing.T) {
	for _, status := range []int{301, 302, 303} {
		s := hubtest.NewStub(t)
		s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			switch {
			case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/check-runs"):
				http.Redirect(w, r, "/api/v3/elsewhere", status)
			case strings.HasSuffix(r.URL.Path, "/elsewhere"):
				hubtest.Reply(w, 200, map[string]any{"id": 66})
			default:
				return false
			}
			return true
		}
		if id, err := s.Hub().PutCheck(t.Context(), hubtest.Repo, 0, hubtest.Check(0)); err == nil || id != 0 {
			t.Errorf("%d: check %d, %v", status, id, err)
		}
	}
}
