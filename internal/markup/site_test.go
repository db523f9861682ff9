package markup

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/markup/markuptest"
)

func TestASiteIsWhatWasSetUp(t *testing.T) {
	for from, want := range map[string]string{
		"https://github.com": "https://github.com/a%20b/c#L2", "https://github.example/base/": "https://github.example/base/a%20b/c#L2",
		"http://127.0.0.1:8080": "http://127.0.0.1:8080/a%20b/c#L2", "http://localhost:1": "http://localhost:1/a%20b/c#L2",
	} {
		s, ok := NewSite(from)
		if got := s.Path("/a b/c", "L2").url; !ok || !s.Known() || got != want {
			t.Errorf("%q: %v, %q", from, ok, got)
		}
	}
	for _, from := range []string{"", "github.com", "http://github.com", "javascript:alert(1)", "https://", "https://u:p@github.com",
		"https://github.com/?a=b", "https://github.com#x", "ftp://127.0.0.1", "://"} {
		if s, ok := NewSite(from); ok || s.Known() {
			t.Errorf("%q is taken", from)
		}
	}
}

func TestWhateverThePathItStaysOnTheSite(t *testing.T) {
	s, _ := NewSite("https://github.com")
	rapid.Check(t, func(t *rapid.T) {
		to := target(t, s.Path(markuptest.Hostile().Draw(t, "path"), markuptest.Hostile().Draw(t, "part")))
		got, err := url.Parse(to)
		if err != nil || got.Scheme != "https" || got.Host != "github.com" || got.User != nil || got.RawQuery != "" ||
			!strings.HasPrefix(to, "https://github.com/") {
			t.Fatalf("it leads to %q: %v", to, err)
		}
	})
}
