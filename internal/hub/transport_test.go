package hub

import (
	"errors"
	"fmt"
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
)

func TestNewRefuses(t *testing.T) {
	good := func() Config {
		api, _ := url.Parse("https://api.github.com")
		graph, _ := url.Parse("https://api.github.com/graphql")
		return Config{API: api, GraphQL: graph, AppID: 1, PrivateKey: testKey()}
	}
	if _, err := New(good()); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"no API":      func(c *Config) { c.API = nil },
		"relative":    func(c *Config) { c.API = &url.URL{Path: "/api"} },
		"scheme":      func(c *Config) { c.API = &url.URL{Scheme: "ftp", Host: "x"} },
		"user in URL": func(c *Config) { c.API.User = url.UserPassword("a", "b") },
		"no GraphQL":  func(c *Config) { c.GraphQL = nil },
		"no App":      func(c *Config) { c.AppID = 0 },
		"no key":      func(c *Config) { c.PrivateKey = nil },
		"not a key": func(c *Config) {
			c.PrivateKey = []byte("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n")
		},
		"text for key": func(c *Config) { c.PrivateKey = []byte("secret") },
	} {
		c := good()
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s is accepted", name)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error shows the key", name)
		}
	}
}

func TestUnchangedAnswersComeFromMemory(t *testing.T) {
	s := newStub(t)
	s.fill(20)
	s.etags = true
	h := s.hub()
	for range 3 {
		if f := facts(t, h, s.hint()); len(f.Change.Files) != 20 {
			t.Fatalf("%d files", len(f.Change.Files))
		}
	}
	if s.count("304") != 2 {
		t.Errorf("%v", s.counts)
	}
	// Never across installations, which may see different things.
	other := testSubject
	other.Repo.Installation = 8
	if _, err := h.Facts(t.Context(), other, s.hint()); err != nil {
		t.Fatal(err)
	}
	if s.count("304") != 2 {
		t.Errorf("%v", s.counts)
	}
}

func TestMemoryForAnswersIsBounded(t *testing.T) {
	store := newETagStore(100 << 10)
	for i := range 1000 {
		store.put(fmt.Sprint(i), &cachedAnswer{etag: "x", body: make([]byte, 10<<10)})
	}
	if store.answers.cost > 100<<10 || len(store.answers.items) > 10 || store.answers.order.Len() != len(store.answers.items) {
		t.Errorf("%d bytes in %d answers", store.answers.cost, len(store.answers.items))
	}
	if store.get("999") == nil || store.get("0") != nil {
		t.Error("the newest is gone or the oldest is not")
	}
	store.put("huge", &cachedAnswer{body: make([]byte, 1<<20)})
	if store.get("huge") != nil || store.get("999") == nil {
		t.Error("one that does not fit was kept or pushed others out")
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
	resp.Body = &body{ReadCloser: resp.Body, left: 1 << 40, done: func() { c.now.Add(-1) }}
	return resp, nil
}

// At most 80 of GitHub's 100 at once, and one token for all of them.
func TestManyAtOnce(t *testing.T) {
	s := newStub(t)
	s.fill(150)
	s.frozen = s.changed()
	s.latency = 2 * time.Millisecond
	count := &counting{next: &http.Transport{MaxIdleConnsPerHost: 100}}
	var observed atomic.Int32
	h := s.hub(func(c *Config) {
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
			f, err := h.Facts(t.Context(), testSubject, s.hint())
			if err == nil {
				err = h.Texts(t.Context(), testSubject, &f.Change, everything)
			}
			if err == nil {
				_, err = h.PutCheck(t.Context(), testRepo, 0, testCheck(3))
			}
			if err != nil || len(f.Change.Files) != 150 {
				t.Errorf("%d files, %v", len(f.Change.Files), err)
			}
		})
	}
	wg.Wait()
	if m := count.max.Load(); m > maxConcurrent || m < 10 {
		t.Errorf("%d requests at once", m)
	}
	if s.count("token") != 1 {
		t.Errorf("%d tokens", s.count("token"))
	}
	if n := int(observed.Load()); n != s.requests()+1 {
		t.Errorf("%d observed of %d", n, s.requests()+1)
	}
	if n := count.now.Load(); n != 0 {
		t.Errorf("%d bodies were left open", n)
	}
}

func TestInstallationsHaveTheirOwnTokens(t *testing.T) {
	s := newStub(t)
	s.fill(1)
	h := s.hub()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			subject := testSubject
			subject.Repo.Installation = int64(i%4 + 1)
			if _, err := h.Facts(t.Context(), subject, s.hint()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if s.count("token") != 4 {
		t.Errorf("%d tokens", s.count("token"))
	}
}

func TestNothingIsLeftOpen(t *testing.T) {
	s := newStub(t)
	s.fill(400)
	s.truncated = true
	s.intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if strings.HasSuffix(r.URL.Path, "/files") {
			reply(w, 500, map[string]any{"message": "no"})
			return true
		}
		return false
	}
	count := &counting{next: http.DefaultTransport}
	h := s.hub(func(c *Config) { c.Transport = count })
	for range 3 {
		if _, err := h.Facts(t.Context(), testSubject, s.hint()); codeOf(t, err).Code != "github_unavailable" {
			t.Error(err)
		}
	}
	if n := count.now.Load(); n != 0 {
		t.Errorf("%d bodies were left open", n)
	}
}

func TestSubjectsThatAreNone(t *testing.T) {
	s := newStub(t)
	h := s.hub()
	for name, subject := range map[string]gate.Subject{
		"empty":         {},
		"a check":       {Kind: gate.Check, Repo: testRepo, SHA: s.headID},
		"no number":     {Kind: gate.PullRequest, Repo: testRepo},
		"no repository": {Kind: gate.PullRequest, Number: 1, Repo: gate.Repo{Installation: 1, Owner: "a", Name: "b"}},
		"a path":        {Kind: gate.PullRequest, Number: 1, Repo: gate.Repo{Installation: 1, ID: 1, Owner: "a", Name: "../b"}},
	} {
		if _, err := h.Facts(t.Context(), subject, change.Hint{}); codeOf(t, err).Code != "invalid_request" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := h.Texts(t.Context(), testSubject, &change.Change{}, everything); codeOf(t, err).Code != "invalid_request" {
		t.Error(err)
	}
	if _, err := h.FindCheck(t.Context(), testRepo, "main", "gatehold"); codeOf(t, err).Code != "invalid_request" {
		t.Error(err)
	}
	if s.requests() != 0 {
		t.Errorf("%v", s.counts)
	}
}

func TestBodyBound(t *testing.T) {
	for _, test := range []struct {
		size, max int
		fits      bool
	}{{0, 0, true}, {10, 10, true}, {11, 10, false}, {9, 10, true}, {1 << 20, 1 << 10, false}} {
		b := &body{ReadCloser: io.NopCloser(strings.NewReader(strings.Repeat("x", test.size))), left: int64(test.max)}
		data, err := io.ReadAll(b)
		if (err == nil) != test.fits || len(data) > test.max {
			t.Errorf("%+v: %d bytes, %v", test, len(data), err)
		}
	}
}

// Two locks on one door: each holds alone.
func TestGuardAndRedirects(t *testing.T) {
	s := newStub(t)
	asked := &silent{}
	h := s.hub(func(c *Config) { c.Transport = asked })
	for _, address := range []string{"https://evil.example/repos/acme/shop",
		strings.Replace(s.server.URL, "http:", "https:", 1) + "/x", s.server.URL + "0/x", "http://127.0.0.1/x"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader("body"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.guard.RoundTrip(req); !errors.Is(err, errForeignHost) {
			t.Errorf("%s: %v", address, err)
		}
		if err := h.checkRedirect(req, []*http.Request{req}); !errors.Is(err, errForeignHost) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if asked.asked.Load() != 0 {
		t.Error("a request went on")
	}
}

// A redirect that turns a POST into a GET would lose the check and look like
// success.
func TestPostIsNotTurnedIntoGet(t *testing.T) {
	for _, status := range []int{301, 302, 303} {
		s := newStub(t)
		s.intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			switch {
			case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/check-runs"):
				http.Redirect(w, r, "/api/v3/elsewhere", status)
			case strings.HasSuffix(r.URL.Path, "/elsewhere"):
				reply(w, 200, map[string]any{"id": 66})
			default:
				return false
			}
			return true
		}
		if id, err := s.hub().PutCheck(t.Context(), testRepo, 0, testCheck(0)); err == nil || id != 0 {
			t.Errorf("%d: check %d, %v", status, id, err)
		}
	}
}
