package api_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
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
				hubtest.Reply(w, 403, map[string]any{"message": test.said})
				return true
			},
			"token": func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, "/access_tokens") {
					return false
				}
				w.Header().Set("X-GitHub-SSO", test.sso)
				hubtest.Reply(w, 403, map[string]any{"message": test.said})
				return true
			},
			"GraphQL": func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, "/graphql") || test.sso != "" {
					return false
				}
				hubtest.Reply(w, 200, map[string]any{"data": nil, "errors": []any{map[string]any{"type": "FORBIDDEN",
					"path": []any{"repository"}, "message": test.said}}})
				return true
			},
		}
		for road, does := range refuse {
			if road == "GraphQL" && test.sso != "" {
				continue // it has no such header
			}
			t.Run(name+" "+road, func(t *testing.T) {
				s := hubtest.NewStub(t)
				s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool { return does(w, r) }
				_, err := s.Hub(func(c *api.Config) { c.Now = func() time.Time { return now } }).Facts(t.Context(), hubtest.Pull, change.Hint{})
				e := hubtest.CodeOf(t, err)
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
		s := hubtest.NewStub(t)
		var puts atomic.Int32
		s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if !strings.Contains(r.URL.Path, "/check-runs") {
				return false
			}
			puts.Add(1)
			hubtest.Reply(w, 403, map[string]any{"message": said})
			return true
		}
		var minutes atomic.Int64
		start := time.Now()
		h := s.Hub(func(c *api.Config) {
			c.Now = func() time.Time { return start.Add(time.Duration(minutes.Load()) * time.Minute) }
		})
		for range 18 {
			_, err := h.PutCheck(t.Context(), hubtest.Repo, 5, hubtest.Check(0))
			hubtest.CodeOf(t, err)
			minutes.Add(10)
		}
		if s.Count("token") != 1 {
			t.Errorf("%q: %d tokens", said, s.Count("token"))
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
			hubtest.Reply(w, 502,
				map[string]any{"data": nil, "errors": []any{map[string]any{"message": "Something went wrong while executing your query."}}})
		},
		"504": func(w http.ResponseWriter) { w.WriteHeader(504) },
		"resource limits": func(w http.ResponseWriter) {
			hubtest.Reply(w, 200, map[string]any{"errors": []any{map[string]any{"type": "RESOURCE_LIMITS_EXCEEDED",
				"message": "Resource limits for this query exceeded."}}})
		},
		"timeout": func(w http.ResponseWriter) {
			hubtest.Reply(w, 200,
				map[string]any{"errors": []any{map[string]any{"message": "Something went wrong while executing your query. " +
					"This may be the result of a timeout."}}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := hubtest.NewStub(t)
			s.Fill(2)
			var heavy atomic.Int32
			s.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
				if !strings.Contains(string(body), "commits(first: 100)") {
					return false
				}
				heavy.Add(1)
				refuse(w)
				return true
			}
			f, err := s.Hub().Facts(t.Context(), hubtest.Pull, s.Hint())
			if err != nil || len(f.Change.Files) != 2 || heavy.Load() != 1 {
				t.Errorf("%d files after %d heavy queries, %v", len(f.Change.Files), heavy.Load(), err)
			}
		})
	}
}

// TestAnOutageIsNoHeavyQuery: where nothing is answered at all, no file is called
// unreadable, and it costs a few requests, not one for each file.
func TestAnOutageIsNoHeavyQuery(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(90)
	h := s.Hub()
	f := hubtest.Facts(t, h, s.Hint())
	var asked atomic.Int32
	s.Set(func() {
		s.Intercept = func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
			asked.Add(1)
			w.WriteHeader(502)
			return true
		}
	})
	err := h.Texts(t.Context(), hubtest.Pull, &f.Change, hubtest.Everything)
	if e := hubtest.CodeOf(t, err); e.Code != "github_unavailable" || asked.Load() > 9 {
		t.Errorf("%v after %d requests", err, asked.Load())
	}
	for _, file := range f.Change.Files {
		if file.After.State == change.Unreadable || file.Before.State == change.Unreadable {
			t.Fatalf("%+v", file)
		}
	}
}
