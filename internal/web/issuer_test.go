package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// Clouds read how gatehold signs without signing in, and may keep it; where it signs
// nothing there is nothing to read.
func TestCloudsReadTheIssuersKeys(t *testing.T) {
	says := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=900")
		_, _ = w.Write([]byte("said at " + r.URL.Path))
	})
	for _, path := range []string{"/.well-known/openid-configuration", "/.well-known/jwks.json"} {
		for _, on := range []http.Handler{says, nil} {
			for _, people := range []*People{nil, {Origin: "https://gate.acme.example"}} {
				door := New(Deps{Metrics: NewMetrics(), Now: time.Now, Issuer: on, People: people})
				answer := httptest.NewRecorder()
				door.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
				kept := answer.Header().Get("Cache-Control")
				if on == nil && answer.Code != http.StatusNotFound ||
					on != nil && (answer.Body.String() != "said at "+path || kept != "public, max-age=900") {
					t.Errorf("%s is answered with %d, %q, %q", path, answer.Code, kept, answer.Body)
				}
			}
		}
	}
}
