package hub

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// TestRefusalsThatOwnersMend: what GitHub refuses for another reason than the
// App's permissions has a code and advice of its own, on every road.
func TestRefusalsThatOwnersMend(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		said, sso, code, advice string
		final                   bool
	}{
		"archived": {"Repository was archived so is read-only.", "", "archived", "unarchived", true},
		"allowlist": {"Although you appear to have the correct authorization credentials, the `acme` organization has an IP " +
			"allow list enabled, and your IP address is not permitted to access this resource.", "", "ip_not_allowed", "allow list", false},
		"saml": {"Resource protected by organization SAML enforcement. You must grant your personal access token " +
			"access to this organization.", "", "sso_required", "sign in", false},
		"header":    {"no", "required; url=https://github.com/orgs/acme/sso?authorization_request=a", "sso_required", "sign in", false},
		"suspended": {"This installation has been suspended", "", "suspended", "owner", false},
	} {
		refuse := map[string]func(w http.ResponseWriter, r *http.Request) bool{
			"REST": func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.Contains(r.URL.Path, "/compare/") {
					return false
				}
				w.Header().Set("X-GitHub-SSO", test.sso)
				reply(w, 403, map[string]any{"message": test.said})
				return true
			},
			"token": func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, "/access_tokens") {
					return false
				}
				w.Header().Set("X-GitHub-SSO", test.sso)
				reply(w, 403, map[string]any{"message": test.said})
				return true
			},
			"GraphQL": func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, "/graphql") || test.sso != "" {
					return false
				}
				reply(w, 200, map[string]any{"data": nil, "errors": []any{map[string]any{"type": "FORBIDDEN",
					"path": []any{"repository"}, "message": test.said}}})
				return true
			},
		}
		for road, does := range refuse {
			if road == "GraphQL" && test.sso != "" {
				continue // it has no such header
			}
			t.Run(name+" "+road, func(t *testing.T) {
				s := newStub(t)
				s.intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool { return does(w, r) }
				_, err := s.hub(func(c *Config) { c.Now = func() time.Time { return now } }).Facts(t.Context(), testSubject, change.Hint{})
				e := codeOf(t, err)
				if e.Code != test.code || e.Final != test.final || !strings.Contains(e.Text, test.advice) ||
					strings.Contains(e.Text, "permission ") {
					t.Errorf("error is %v", err)
				}
				if !test.final && !e.Until.After(now) {
					t.Errorf("it is tried again at once: %v", err)
				}
			})
		}
	}
}

// TestAForbiddenAnswerKeepsTheToken: whatever GitHub refuses with 403, over three
// hours, no token is asked for because of it; nor is a second check run, for a
// repository that is archived.
func TestAForbiddenAnswerKeepsTheToken(t *testing.T) {
	for _, said := range []string{"Resource not accessible by integration", "Repository was archived so is read-only.", "no"} {
		s := newStub(t)
		var puts atomic.Int32
		s.intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if !strings.Contains(r.URL.Path, "/check-runs") {
				return false
			}
			puts.Add(1)
			reply(w, 403, map[string]any{"message": said})
			return true
		}
		var minutes atomic.Int64
		start := time.Now()
		h := s.hub(func(c *Config) {
			c.Now = func() time.Time { return start.Add(time.Duration(minutes.Load()) * time.Minute) }
		})
		for range 18 {
			_, err := h.PutCheck(t.Context(), testRepo, 5, testCheck(0))
			codeOf(t, err)
			minutes.Add(10)
		}
		if s.count("token") != 1 {
			t.Errorf("%q: %d tokens", said, s.count("token"))
		}
		if archived := strings.Contains(said, "archived"); archived && puts.Load() != 18 {
			t.Errorf("%q: %d requests for 18 paintings", said, puts.Load())
		}
	}
}

// TestHeavyQueriesAreSplitAtOnce: a query that GitHub's gateway gives up on, in
// whatever way, is not sent again as it is, and what is lighter is.
func TestHeavyQueriesAreSplitAtOnce(t *testing.T) {
	for name, refuse := range map[string]func(w http.ResponseWriter){
		"502": func(w http.ResponseWriter) {
			reply(w, 502,
				map[string]any{"data": nil, "errors": []any{map[string]any{"message": "Something went wrong while executing your query."}}})
		},
		"504": func(w http.ResponseWriter) { w.WriteHeader(504) },
		"resource limits": func(w http.ResponseWriter) {
			reply(w, 200, map[string]any{"errors": []any{map[string]any{"type": "RESOURCE_LIMITS_EXCEEDED",
				"message": "Resource limits for this query exceeded."}}})
		},
		"timeout": func(w http.ResponseWriter) {
			reply(w, 200,
				map[string]any{"errors": []any{map[string]any{"message": "Something went wrong while executing your query. " +
					"This may be the result of a timeout."}}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t)
			s.fill(2)
			var heavy atomic.Int32
			s.intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
				if !strings.Contains(string(body), "commits(first: 100)") {
					return false
				}
				heavy.Add(1)
				refuse(w)
				return true
			}
			f, err := s.hub().Facts(t.Context(), testSubject, s.hint())
			if err != nil || len(f.Change.Files) != 2 || heavy.Load() != 1 {
				t.Errorf("%d files after %d heavy queries, %v", len(f.Change.Files), heavy.Load(), err)
			}
		})
	}
}

// TestAnOutageIsNoHeavyQuery: where nothing is answered at all, no file is called
// unreadable, and it costs a few requests, not one for each file.
func TestAnOutageIsNoHeavyQuery(t *testing.T) {
	s := newStub(t)
	s.fill(90)
	h := s.hub()
	f := facts(t, h, s.hint())
	var asked atomic.Int32
	s.set(func() {
		s.intercept = func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
			asked.Add(1)
			w.WriteHeader(502)
			return true
		}
	})
	err := h.Texts(t.Context(), testSubject, &f.Change, everything)
	if e := codeOf(t, err); e.Code != "github_unavailable" || asked.Load() > 9 {
		t.Errorf("%v after %d requests", err, asked.Load())
	}
	for _, file := range f.Change.Files {
		if file.After.State == change.Unreadable || file.Before.State == change.Unreadable {
			t.Fatalf("%+v", file)
		}
	}
}

// TestHalved: each is asked for until it is answered by itself or in a part, in
// order, and what is too much by itself is the error.
func TestHalved(t *testing.T) {
	tooBig := &gate.Error{Code: "github_unavailable", Err: errTooMuch}
	for most := 1; most <= 9; most++ {
		var got []int
		err := halved([]int{0, 1, 2, 3, 4, 5, 6, 7, 8}, func(part []int) error {
			if len(part) > most {
				return tooBig
			}
			got = append(got, part...)
			return nil
		})
		if err != nil || fmt.Sprint(got) != "[0 1 2 3 4 5 6 7 8]" {
			t.Errorf("at most %d: %v, %v", most, got, err)
		}
	}
	asked := 0
	if err := halved(make([]int, 100), func([]int) error { asked++; return tooBig }); err != tooBig || asked > 8 {
		t.Errorf("%v after %d", err, asked)
	}
}
