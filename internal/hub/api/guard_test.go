package api

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

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

func address(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func guarded(t *testing.T, cfg Config) *GitHub {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	cfg.AppID = 4711
	cfg.PrivateKey = pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	g, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// unasked counts what reaches the network, which is nothing.
type unasked struct{ asked atomic.Int32 }

func (u *unasked) RoundTrip(*http.Request) (*http.Response, error) {
	u.asked.Add(1)
	return nil, errors.New("nobody is there")
}

// Two locks on one door: each holds alone.
func TestGuardAndRedirects(t *testing.T) {
	const server = "http://127.0.0.1:4711"
	asked := &unasked{}
	h := guarded(t, Config{API: address(t, server+"/api/v3/"), GraphQL: address(t, server+"/api/graphql"), Transport: asked})
	for _, elsewhere := range []string{"https://evil.example/repos/acme/shop",
		strings.Replace(server, "http:", "https:", 1) + "/x", server + "0/x", "http://127.0.0.1/x"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, elsewhere, strings.NewReader("body"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.guard.RoundTrip(req); !errors.Is(err, errForeignHost) {
			t.Errorf("%s: %v", elsewhere, err)
		}
		if err := h.checkRedirect(req, []*http.Request{req}); !errors.Is(err, errForeignHost) {
			t.Errorf("%s: %v", elsewhere, err)
		}
	}
	if asked.asked.Load() != 0 {
		t.Error("a request went on")
	}
}

func TestOnlySignInsGoToTheWebHost(t *testing.T) {
	var seen atomic.Int32
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { seen.Add(1) }))
	t.Cleanup(web.Close)
	api := address(t, "http://127.0.0.1:4711/")
	g := guarded(t, Config{API: api, GraphQL: api, Web: address(t, web.URL), ClientID: "Iv1.c0ffee"})
	for _, c := range []struct{ method, url, authorization string }{
		{"POST", web.URL + "/login/device/code", "Bearer x"},
		{"GET", web.URL + "/login/device/code", ""},
		{"POST", web.URL + "/login/oauth/authorize", ""},
		{"POST", web.URL + "/login/device/code?x=1", ""},
		{"POST", web.URL + "/login/device/code/", ""},
		{"POST", "http://elsewhere.example/login/device/code", ""},
	} {
		req, err := http.NewRequest(c.method, c.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.authorization != "" {
			req.Header.Set("Authorization", c.authorization)
		}
		if resp, err := g.guard.RoundTrip(req); err == nil {
			resp.Body.Close()
			t.Errorf("%s %s went out", c.method, c.url)
		}
	}
	if n := seen.Load(); n != 0 {
		t.Errorf("the web host saw %d requests", n)
	}
}
