package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

func TestRefusals(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	reset := now.Add(20 * time.Minute)
	header := func(kv ...string) map[string]string {
		h := map[string]string{}
		for i := 0; i < len(kv); i += 2 {
			h[kv[i]] = kv[i+1]
		}
		return h
	}
	used := header("X-RateLimit-Remaining", "0", "X-RateLimit-Limit", "5000", "X-RateLimit-Reset", fmt.Sprint(reset.Unix()))
	for name, test := range map[string]struct {
		status int
		header map[string]string
		body   string
		code   string
		until  time.Time
		says   string
	}{
		"primary limit, 403": {403, used, `{"message":"API rate limit exceeded"}`, "rate_limited", reset, "12:20:01"},
		"primary limit, 429": {429, used, `{"message":"API rate limit exceeded"}`, "rate_limited", reset, "12:20:01"},
		"secondary limit, 403": {403, header("Retry-After", "90"),
			`{"message":"You have exceeded a secondary rate limit",` +
				`"documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`, "rate_limited", now.Add(90 * time.Second), "12:01:31"},
		"secondary limit, 429": {429, header("Retry-After", "90"), `{"message":"slow down"}`, "rate_limited",
			now.Add(90 * time.Second), ""},
		"secondary limit without a time": {403, nil,
			`{"message":"You have exceeded a secondary rate limit. Please wait a few minutes."}`, "rate_limited", now.Add(time.Minute), ""},
		"429 with nothing": {429, nil, ``, "rate_limited", now.Add(time.Minute), ""},
		"a reset in the past": {429, header("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1"), ``,
			"rate_limited", now.Add(time.Minute), ""},
		"permission": {403, header("X-Accepted-GitHub-Permissions", "contents=read"),
			`{"message":"Resource not accessible by integration"}`, "no_permission", time.Time{}, "contents=read"},
		"permission unnamed": {403, nil, `{"message":"Resource not accessible by integration"}`, "no_permission",
			time.Time{}, "contents: read"},
		"token refused":         {401, nil, `{"message":"Bad credentials"}`, "no_permission", time.Time{}, "private key"},
		"gone":                  {404, nil, `{"message":"Not Found"}`, "not_found", time.Time{}, "Not Found"},
		"legal":                 {451, nil, `{"message":"Repository access blocked"}`, "not_found", time.Time{}, "blocked"},
		"unprocessable":         {422, nil, `{"message":"Validation Failed"}`, "github_refused", time.Time{}, "422"},
		"broken":                {502, nil, `<html>`, "github_unavailable", time.Time{}, "502"},
		"busy":                  {503, header("Retry-After", "5"), ``, "github_unavailable", time.Time{}, "503"},
		"accepted is no answer": {202, nil, ``, "github_unavailable", time.Time{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := hubtest.NewStub(t)
			s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
				if !strings.Contains(r.URL.Path, "/compare/") {
					return false
				}
				for k, v := range test.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
				return true
			}
			h := s.Hub(func(c *api.Config) { c.Now = func() time.Time { return now } })
			_, err := h.Facts(t.Context(), hubtest.Pull, change.Hint{})
			e := hubtest.CodeOf(t, err)
			if e.Code != test.code || !strings.Contains(e.Text, test.says) {
				t.Errorf("error is %v", err)
			}
			if want := test.until; want.IsZero() != e.Until.IsZero() || !want.IsZero() && !e.Until.Equal(want.Add(time.Second)) {
				t.Errorf("until %v, want a second after %v", e.Until, want)
			}
			if strings.Contains(err.Error(), "ghs_") {
				t.Errorf("the error holds a token: %v", err)
			}
		})
	}
}

// go-github refuses without asking once the quota is used up: the same to us.
func TestLocalRefusal(t *testing.T) {
	s := hubtest.NewStub(t)
	var asked atomic.Int32
	s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if strings.Contains(r.URL.Path, "/compare/") {
			asked.Add(1)
			w.Header().Set("X-RateLimit-Limit", "5000")
			w.Header().Set("X-RateLimit-Remaining", "0")
			w.Header().Set("X-RateLimit-Reset", fmt.Sprint(time.Now().Add(time.Hour).Unix()))
		}
		return false
	}
	h := s.Hub()
	hubtest.Facts(t, h, change.Hint{})
	_, err := h.Facts(t.Context(), hubtest.Pull, change.Hint{})
	e := hubtest.CodeOf(t, err)
	if e.Code != "rate_limited" || time.Until(e.Until) < 50*time.Minute || asked.Load() != 1 {
		t.Errorf("error is %v after %d requests", err, asked.Load())
	}
}

func TestTokenTrouble(t *testing.T) {
	for _, test := range []struct {
		status int
		code   string
		final  bool
	}{{401, "no_permission", false}, {403, "no_permission", false}, {404, "not_installed", false},
		{500, "github_unavailable", false}, {429, "rate_limited", false}} {
		s := hubtest.NewStub(t)
		s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if !strings.HasSuffix(r.URL.Path, "/access_tokens") {
				return false
			}
			hubtest.Reply(w, test.status, map[string]any{"message": "no"})
			return true
		}
		_, err := s.Hub().Facts(t.Context(), hubtest.Pull, s.Hint())
		if e := hubtest.CodeOf(t, err); e.Code != test.code || e.Final != test.final {
			t.Errorf("%d: error is %v", test.status, err)
		}
	}
}

// A token that was revoked, or that is older than a permission, is renewed.
func TestTokenIsRenewed(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if r.Header.Get("Authorization") == "token ghs_1" {
			hubtest.Reply(w, 401, map[string]any{"message": "Bad credentials"})
			return true
		}
		return false
	}
	var minutes atomic.Int64
	start := time.Now()
	h := s.Hub(func(c *api.Config) {
		c.Now = func() time.Time { return start.Add(time.Duration(minutes.Load()) * time.Minute) }
	})
	if _, err := h.Facts(t.Context(), hubtest.Pull, change.Hint{}); hubtest.CodeOf(t, err).Code != "no_permission" {
		t.Errorf("a fresh token is not renewed at once: %v", err)
	}
	if s.Count("token") != 1 {
		t.Errorf("%d tokens", s.Count("token"))
	}
	minutes.Store(2)
	hubtest.Facts(t, h, change.Hint{})
	if s.Count("token") != 2 {
		t.Errorf("%d tokens", s.Count("token"))
	}
}

func TestTokenNeverLeavesTheHost(t *testing.T) {
	var foreign atomic.Int32
	var seen atomic.Value
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		foreign.Add(1)
		seen.Store(r.Header.Get("Authorization"))
		hubtest.Reply(w, 200, map[string]any{})
	}))
	defer other.Close()
	for _, place := range []string{"/compare/", "/graphql", "/access_tokens", "/check-runs"} {
		for _, status := range []int{301, 302, 307, 308} {
			s := hubtest.NewStub(t)
			s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
				if strings.Contains(r.URL.Path, place) {
					http.Redirect(w, r, other.URL+r.URL.Path, status)
					return true
				}
				return false
			}
			h := s.Hub()
			_, err := h.Facts(t.Context(), hubtest.Pull, s.Hint())
			if place == "/check-runs" {
				_, err = h.PutCheck(t.Context(), hubtest.Repo, 0, hubtest.Check(0))
			}
			hubtest.CodeOf(t, err)
		}
	}
	if foreign.Load() != 0 {
		t.Errorf("%d requests reached another host, with Authorization %q", foreign.Load(), seen.Load())
	}
}

// What is asked of a repository goes by its id, whatever it is called, and is not
// taken from another one.
func TestRequestsGoByTheIDOfTheRepository(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(2)
	subject := hubtest.Pull
	subject.Repo.Name = "old"
	h := s.Hub()
	f, err := h.Facts(t.Context(), subject, s.Hint())
	if err != nil || f.Change.Repository != "acme/shop" || len(f.Change.Files) != 2 {
		t.Fatalf("facts %+v, %v", f, err)
	}
	id, err := h.PutCheck(t.Context(), subject.Repo, 0, hubtest.Check(0))
	if err != nil || id != 1 || len(s.Posts) != 1 {
		t.Errorf("check %d, %v", id, err)
	}
	for to, refused := range map[string]bool{"repositories/98": true, "repos/acme/shop": true, "repositories/99": false} {
		asked := 0
		s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			rest, ok := strings.CutPrefix(r.URL.Path, "/api/v3/repositories/99/check-runs")
			if !ok {
				return false
			}
			if asked++; asked == 1 {
				http.Redirect(w, r, "/api/v3/"+to+"/check-runs"+rest, http.StatusTemporaryRedirect)
			}
			return asked == 1
		}
		posts := len(s.Posts)
		_, err := h.PutCheck(t.Context(), subject.Repo, 0, hubtest.Check(0))
		if refused && (hubtest.CodeOf(t, err).Code != "redirect_refused" || len(s.Posts) != posts) || !refused && err != nil {
			t.Errorf("to %s: %v, %d more check runs", to, err, len(s.Posts)-posts)
		}
	}
}

func TestAnswersAreBounded(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if !strings.HasSuffix(r.URL.Path, "/graphql") {
			return false
		}
		_, _ = w.Write([]byte(`{"data":"`))
		junk := []byte(strings.Repeat("a", 1<<16))
		for range 1 << 10 {
			if _, err := w.Write(junk); err != nil {
				break
			}
		}
		return true
	}
	_, err := s.Hub().Facts(t.Context(), hubtest.Pull, change.Hint{})
	if e := hubtest.CodeOf(t, err); e.Code != "answer_too_large" {
		t.Errorf("error is %v", err)
	}
}

// silent never answers until the request is given up.
type silent struct{ asked atomic.Int32 }

func (s *silent) RoundTrip(req *http.Request) (*http.Response, error) {
	s.asked.Add(1)
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func TestRequestsAreGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := &hubtest.Stub{T: t}
		s.Server = &httptest.Server{URL: "http://github.invalid"}
		h := s.Hub(func(c *api.Config) { c.Transport = &silent{} })
		_, err := h.Facts(t.Context(), hubtest.Pull, change.Hint{})
		if e := hubtest.CodeOf(t, err); e.Code != "github_unavailable" || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v", err)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

func TestCancelledCalls(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(400)
	ctx, cancel := context.WithCancel(t.Context())
	s.Intercept = func(http.ResponseWriter, *http.Request, []byte) bool {
		cancel()
		return false
	}
	_, err := s.Hub().Facts(ctx, hubtest.Pull, s.Hint())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	var known *gate.Error
	if !errors.As(err, &known) {
		t.Errorf("%T is no gate.Error", err)
	}
}

// An installation that was replaced is found anew.
func TestInstallationThatWasReplaced(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(1)
	var installation atomic.Int64
	installation.Store(7)
	s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		switch {
		case strings.HasSuffix(r.URL.Path, "/repositories/99/installation"):
			hubtest.Reply(w, 200, map[string]any{"id": installation.Load()})
		case strings.HasSuffix(r.URL.Path, "/access_tokens") && !strings.Contains(r.URL.Path, fmt.Sprintf("/%d/", installation.Load())):
			hubtest.Reply(w, 404, map[string]any{"message": "Not Found"})
		case r.Header.Get("Authorization") == "token ghs_1" && installation.Load() != 7:
			hubtest.Reply(w, 401, map[string]any{"message": "Bad credentials"})
		default:
			return false
		}
		return true
	}
	var minutes atomic.Int64
	start := time.Now()
	h := s.Hub(func(c *api.Config) {
		c.Now = func() time.Time { return start.Add(time.Duration(minutes.Load()) * time.Minute) }
	})
	subject := hubtest.Pull
	subject.Repo.Installation = 0
	if _, err := h.Facts(t.Context(), subject, s.Hint()); err != nil {
		t.Fatal(err)
	}
	installation.Store(8)
	minutes.Store(2)
	if _, err := h.Facts(t.Context(), subject, s.Hint()); hubtest.CodeOf(t, err).Code != "not_installed" {
		t.Errorf("error is %v", err)
	}
	if _, err := h.Facts(t.Context(), subject, s.Hint()); err != nil {
		t.Error(err)
	}
}
