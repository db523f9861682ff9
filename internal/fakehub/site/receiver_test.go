package site_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// receiver is where webhooks arrive.
type receiver struct {
	url string

	mu     sync.Mutex
	got    []hook
	answer func(http.ResponseWriter, *http.Request)
}

type hook struct {
	event   string
	action  string
	header  http.Header
	body    []byte
	payload map[string]any
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	r.url = s.URL + "/webhook"
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	h := hook{event: req.Header.Get("X-GitHub-Event"), header: req.Header, body: body}
	if json.Unmarshal(body, &h.payload) == nil {
		h.action, _ = h.payload["action"].(string)
	}
	r.mu.Lock()
	r.got = append(r.got, h)
	answer := r.answer
	r.mu.Unlock()
	if answer != nil {
		answer(w, req)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// took returns what has arrived since the last call, when all has.
func (w *world) took() []hook {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	if err := w.hub.Settle(ctx); err != nil {
		w.t.Fatal(err)
	}
	w.hooks.mu.Lock()
	defer w.hooks.mu.Unlock()
	got := w.hooks.got
	w.hooks.got = nil
	return got
}

// only picks the webhooks of one event and action.
func only(hooks []hook, event, action string) []hook {
	var out []hook
	for _, h := range hooks {
		if h.event == event && (action == "" || h.action == action) {
			out = append(out, h)
		}
	}
	return out
}
