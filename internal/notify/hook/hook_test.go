package hook_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/notify/hook"
	"github.com/gatehold/gatehold/internal/notify/notifytest"
)

const (
	oldKey = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	newKey = "whsec_bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3"
)

type received struct {
	header http.Header
	body   []byte
}

// receiver answers each request with the next of some statuses, then with 200.
func receiver(t *testing.T, got *[]received, answers ...func(http.ResponseWriter)) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*got = append(*got, received{r.Header, body})
		if n := len(*got) - 1; n < len(answers) {
			answers[n](w)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func hookTo(t *testing.T, url string, keys ...string) *hook.Hook {
	t.Helper()
	h := &hook.Hook{Poster: notify.Poster{Client: notify.NewClient(http.DefaultTransport), URL: url, Name: "ops", Now: time.Now}}
	for _, text := range keys {
		key, err := hook.ReadKey(text)
		if err != nil {
			t.Fatal(err)
		}
		h.Keys = append(h.Keys, key)
	}
	return h
}

// While a key is replaced, receivers with the old one and with the new one verify
// what is sent; one with another key does not. The id is the message's at each attempt.
func TestEachKeySigns(t *testing.T) {
	var got []received
	server := receiver(t, &got, func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) })
	h := hookTo(t, server.URL, newKey, oldKey)
	if _, err := h.Send(t.Context(), notifytest.Delivery()); gate.AsError(err).Code != notify.Unavailable || gate.AsError(err).Final {
		t.Errorf("502 is %v", err)
	}
	if _, err := h.Send(t.Context(), notifytest.Delivery()); err != nil || len(got) != 2 {
		t.Fatalf("%d requests: %v", len(got), err)
	}
	for _, r := range got {
		if r.header.Get("webhook-id") != "msg_2b1f" {
			t.Errorf("the id is %q", r.header.Get("webhook-id"))
		}
		for key, verifies := range map[string]bool{oldKey: true, newKey: true, "whsec_" + strings.Repeat("QUJD", 8): false} {
			verifier, err := standardwebhooks.NewWebhook(key)
			if err != nil {
				t.Fatal(err)
			}
			if err := verifier.Verify(r.body, r.header); (err == nil) != verifies {
				t.Errorf("verifying with %s: %v", key, err)
			}
			if err := verifier.Verify(append(r.body, ' '), r.header); err == nil {
				t.Error("another body verifies")
			}
		}
	}
	var event struct {
		Type string
		Data struct{ Gate, Title, Page string }
	}
	if err := json.Unmarshal(got[1].body, &event); err != nil || event.Type != "gate.held" || event.Data.Gate != "pr/42/7" ||
		!strings.Contains(event.Data.Title, "<!channel>") {
		t.Errorf("it says %s: %v", got[1].body, err)
	}
}

func TestAPrivateKeySigns(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []received
	h := hookTo(t, receiver(t, &got).URL, "whsk_"+base64.StdEncoding.EncodeToString(private.Seed()))
	if _, err := h.Send(t.Context(), notifytest.Delivery()); err != nil {
		t.Fatal(err)
	}
	header := got[0].header
	signature, is := strings.CutPrefix(header.Get("webhook-signature"), "v1a,")
	raw, err := base64.StdEncoding.DecodeString(signature)
	signed := header.Get("webhook-id") + "." + header.Get("webhook-timestamp") + "." + string(got[0].body)
	if !is || err != nil || !ed25519.Verify(public, []byte(signed), raw) {
		t.Errorf("the signature %q does not verify: %v", header.Get("webhook-signature"), err)
	}
}

func TestWhatAReceiverAnswers(t *testing.T) {
	status := func(code int, header ...string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
		}
	}
	for _, c := range []struct {
		name   string
		answer func(http.ResponseWriter)
		code   string
		final  bool
		waits  time.Duration
	}{
		{"no more", status(http.StatusGone), notify.Refused, true, 0},
		{"limited", status(http.StatusTooManyRequests, "Retry-After", "90"), notify.Busy, false, 90 * time.Second},
		{"limited for ever", status(http.StatusTooManyRequests, "Retry-After", "99999999999"), notify.Busy, false, 6 * time.Hour},
		{"down", status(http.StatusServiceUnavailable, "Retry-After", "5"), notify.Unavailable, false, 5 * time.Second},
		{"elsewhere", status(http.StatusFound, "Location", "http://169.254.169.254/"), notify.Refused, true, 0},
	} {
		var got []received
		server := receiver(t, &got, c.answer)
		now := time.Now()
		h := hookTo(t, server.URL+"/?secret=Sw0rdf1sh", oldKey)
		h.Poster.Now = func() time.Time { return now }
		_, err := h.Send(t.Context(), notifytest.Delivery())
		known := gate.AsError(err)
		waits := time.Duration(0)
		if !known.Until.IsZero() {
			waits = known.Until.Sub(now)
		}
		if known.Code != c.code || known.Final != c.final || waits != c.waits || len(got) != 1 {
			t.Errorf("%s: %v after %d requests, final %v, until %s", c.name, err, len(got), known.Final, waits)
		}
	}
	var got []received
	server := receiver(t, &got)
	server.Close()
	_, err := hookTo(t, server.URL+"/?secret=Sw0rdf1sh", oldKey).Send(t.Context(), notifytest.Delivery())
	if gate.AsError(err).Code != notify.Unavailable || strings.Contains(err.Error(), "Sw0rdf1sh") {
		t.Errorf("a receiver that is gone: %v", err)
	}
}

func TestKeysThatAreNone(t *testing.T) {
	for _, text := range []string{"", "secret", "whsec_", "whsec_AAAA", "whsec_***", "whsk_AAAA", "whsec_" + strings.Repeat("AAAA", 30)} {
		if _, err := hook.ReadKey(text); err == nil || len(text) > 6 && strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
