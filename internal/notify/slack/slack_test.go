package slack_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/notify/notifytest"
	"github.com/gatehold/gatehold/internal/notify/slack"
)

const token = "xoxb-Sw0rdf1sh"

// workspace is a Slack of one channel, as far as gatehold speaks to it: what it takes,
// what it refuses and in which words, its limits, and its history.
type workspace struct {
	t        *testing.T
	mu       sync.Mutex // one request after the other: a lost answer orders nothing for who waits for it
	messages []message
	calls    []string
	limited  int    // so many requests are answered with 429
	lose     string // a method whose next answer is lost after it was done
	scopes   string // a method that the app may not call
}

type message struct {
	TS       string          `json:"ts"`
	Thread   string          `json:"thread_ts,omitempty"`
	Text     string          `json:"text"`
	Blocks   json.RawMessage `json:"blocks"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
}

func (w *workspace) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		w.t.Error(err)
	}
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	w.calls = append(w.calls, method)
	if strings.Contains(r.URL.String(), token) {
		w.t.Error("the token stands in an address")
	}
	switch {
	case w.limited > 0:
		w.limited--
		rw.Header().Set("Retry-After", "30")
		rw.WriteHeader(http.StatusTooManyRequests)
		return
	case r.Form.Get("token") != token && r.Header.Get("Authorization") != "Bearer "+token:
		fmt.Fprint(rw, `{"ok":false,"error":"invalid_auth"}`)
		return
	case w.scopes == method:
		fmt.Fprint(rw, `{"ok":false,"error":"missing_scope","needed":"channels:history"}`)
		return
	}
	answer := w.answer(method, r.Form)
	if w.lose == method {
		w.lose = ""
		panic(http.ErrAbortHandler)
	}
	if err := json.NewEncoder(rw).Encode(answer); err != nil {
		w.t.Error(err)
	}
}

func (w *workspace) answer(method string, form url.Values) map[string]any {
	refused := func(word string) map[string]any { return map[string]any{"ok": false, "error": word} }
	if method != "auth.test" && form.Get("channel") != "C1" {
		return refused("channel_not_found")
	}
	said := message{Thread: form.Get("thread_ts"), Text: form.Get("text"), Blocks: json.RawMessage(form.Get("blocks")),
		Metadata: json.RawMessage(form.Get("metadata"))}
	switch method {
	case "auth.test":
		return map[string]any{"ok": true, "team": "acme", "user": "gatehold"}
	case "chat.postMessage":
		said.TS = fmt.Sprintf("1700000000.%06d", len(w.messages)+1)
		w.messages = append(w.messages, said)
		return map[string]any{"ok": true, "channel": "C1", "ts": said.TS}
	case "chat.update":
		for i := range w.messages {
			if w.messages[i].TS == form.Get("ts") {
				said.TS, said.Thread = w.messages[i].TS, w.messages[i].Thread
				w.messages[i] = said
				return map[string]any{"ok": true, "channel": "C1", "ts": said.TS}
			}
		}
		return refused("message_not_found")
	case "conversations.history", "conversations.replies":
		if form.Get("include_all_metadata") != "1" && form.Get("include_all_metadata") != "true" {
			w.t.Error("the history is asked for without metadata")
		}
		found := []message{}
		for _, m := range w.messages {
			if (method == "conversations.history") == (m.Thread == "") {
				found = append(found, m)
			}
		}
		return map[string]any{"ok": true, "messages": found}
	}
	return refused("unknown_method")
}

func slackOf(t *testing.T) (*slack.Slack, *workspace) {
	t.Helper()
	w := &workspace{t: t}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	return slack.New(slack.Config{Name: "ops", Token: token, Channel: "C1", API: server.URL + "/api/",
		Client: notify.NewClient(http.DefaultTransport), Now: func() time.Time { return notifytest.Delivery().At }}), w
}

func send(t *testing.T, s *slack.Slack, d notify.Delivery) string {
	t.Helper()
	ref, err := s.Send(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// One message stands for a gate. It is repainted when the gate is decided, and where
// nobody has answered for too long its thread says so in the channel.
func TestOneMessageForAGate(t *testing.T) {
	s, w := slackOf(t)
	d := notifytest.Delivery()
	d.First = send(t, s, d)
	d.ID, d.Urgent = "msg_2", true
	if ref := send(t, s, d); ref != d.First {
		t.Errorf("it is called %q, and then %q", d.First, ref)
	}
	d.ID, d.Urgent, d.State, d.Title = "msg_3", false, notify.Released, "Released by @ann"
	send(t, s, d)
	if len(w.messages) != 2 || w.messages[1].Thread != w.messages[0].TS || !strings.Contains(w.messages[0].Text, "Released by @ann") {
		t.Errorf("the channel has %+v", w.messages)
	}
	w.messages = nil // somebody has deleted them
	if ref := send(t, s, d); ref == d.First && len(w.messages) != 1 {
		t.Errorf("after its deletion: %q, %+v", ref, w.messages)
	}
}

// What others wrote is plain text in every block, and escaped in the line of the
// notification: nobody is mentioned, and no link is made of it.
func TestNothingForeignMeansAnything(t *testing.T) {
	s, w := slackOf(t)
	d := notifytest.Delivery()
	d.Findings = append(d.Findings, strings.Repeat("é", 9000))
	send(t, s, d)
	m := w.messages[0]
	if strings.ContainsAny(m.Text, "<>") || strings.Contains(m.Text, "://") {
		t.Errorf("the notification says %q", m.Text)
	}
	var blocks []any
	if err := json.Unmarshal(m.Blocks, &blocks); err != nil || len(blocks) == 0 || len(blocks) > 50 {
		t.Fatalf("%d blocks: %v", len(blocks), err)
	}
	texts := 0
	var look func(v any)
	look = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				look(e)
			}
		case map[string]any:
			if text, is := v["text"].(string); is {
				texts++
				if v["type"] != "plain_text" || strings.Contains(text, "://") || strings.Contains(text, "www.") || len([]rune(text)) > 3000 {
					t.Errorf("a text of type %v: %.200q", v["type"], text)
				}
			}
			if link, is := v["url"].(string); is && link != d.Page && link != d.GitHub {
				t.Errorf("a link to %q", link)
			}
			for _, e := range v {
				look(e)
			}
		}
	}
	look(blocks)
	if texts < 5 {
		t.Errorf("%d texts in %s", texts, m.Blocks)
	}
}

// After an attempt of which no answer came, Slack is asked: what is there is not posted
// again. Where the history may not be read it is posted twice rather than never.
func TestWhatMayHaveBeenPostedIsLookedFor(t *testing.T) {
	s, w := slackOf(t)
	d := notifytest.Delivery()
	w.lose = "chat.postMessage"
	if _, err := s.Send(t.Context(), d); gate.AsError(err).Code != notify.Unavailable || strings.Contains(err.Error(), token) {
		t.Fatalf("a lost answer is %v", err)
	}
	d.Again = true
	first := send(t, s, d)
	if len(w.messages) != 1 || first != "C1/"+w.messages[0].TS {
		t.Errorf("it is called %q of %+v", first, w.messages)
	}
	d.First, d.ID, d.Urgent, d.Again = first, "msg_2", true, false
	w.lose = "chat.postMessage"
	if _, err := s.Send(t.Context(), d); err == nil {
		t.Fatal("a lost answer is none")
	}
	d.Again = true
	if send(t, s, d); len(w.messages) != 2 {
		t.Errorf("in the thread: %+v", w.messages)
	}
	w.scopes = "conversations.history"
	d.First, d.ID = "", "msg_1"
	if send(t, s, d); len(w.messages) != 3 {
		t.Errorf("without the history: %d messages", len(w.messages))
	}
}

func TestWhatSlackAnswers(t *testing.T) {
	s, w := slackOf(t)
	d := notifytest.Delivery()
	w.limited = 1
	_, err := s.Send(t.Context(), d)
	if known := gate.AsError(err); known.Code != notify.Busy || known.Final || known.Until.Sub(d.At) != 30*time.Second {
		t.Errorf("429 is %v, until %s", err, known.Until)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("a token that is right: %v", err)
	}
	other := slack.New(slack.Config{Name: "ops", Token: "xoxb-other", Channel: "C1", API: s.API, Client: s.Client, Now: s.Now})
	for _, err := range []error{other.Check(t.Context()), func() error { _, err := other.Send(t.Context(), d); return err }()} {
		if known := gate.AsError(err); known.Code != notify.Refused || !known.Final || strings.Contains(known.Error(), "xoxb") ||
			!strings.Contains(known.Text, "token") {
			t.Errorf("another token: %v", err)
		}
	}
	nowhere := slack.New(slack.Config{Name: "ops", Token: token, Channel: "C2", API: s.API, Client: s.Client, Now: s.Now})
	if _, err := nowhere.Send(t.Context(), d); gate.AsError(err).Code != notify.Refused || !strings.Contains(gate.AsError(err).Text, "invite") {
		t.Errorf("another channel: %v", err)
	}
}
