package notifytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// What a Workspace is known by.
const (
	SlackToken   = "xoxb-Sw0rdf1sh"
	SlackSecret  = "8f742231b10e8888abcd99yyyzzz85a5"
	SlackTeam    = "T1"
	SlackChannel = "C1"
)

// Workspace is a Slack with one channel, in which people press buttons: it keeps what is
// posted, changes it, and takes what only the presser is told.
type Workspace struct {
	URL string

	mu      sync.Mutex
	blocks  []string            // of each message, as it is now
	direct  map[string][]string // what members were told alone, by user
	replies []string
}

// NewWorkspace begins one, which ends with the test.
func NewWorkspace(t testing.TB) *Workspace {
	w := &Workspace{direct: map[string][]string{}}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	w.URL = server.URL
	return w
}

func (w *Workspace) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if strings.HasPrefix(r.URL.Path, "/actions/") {
		var said struct {
			Text   string          `json:"text"`
			Blocks json.RawMessage `json:"blocks"`
		}
		if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
			rw.WriteHeader(http.StatusBadRequest)
			return
		}
		w.replies = append(w.replies, said.Text+"\n"+string(said.Blocks))
		return
	}
	_ = r.ParseForm()
	answer := func(format string, args ...any) { fmt.Fprintf(rw, format, args...) }
	if r.Form.Get("token") != SlackToken && r.Header.Get("Authorization") != "Bearer "+SlackToken {
		answer(`{"ok":false,"error":"invalid_auth"}`)
		return
	}
	to := r.Form.Get("channel")
	switch method := strings.TrimPrefix(r.URL.Path, "/api/"); {
	case method == "auth.test":
		answer(`{"ok":true}`)
	case method == "chat.postMessage" && strings.HasPrefix(to, "U"):
		w.direct[to] = append(w.direct[to], r.Form.Get("text")+"\n"+r.Form.Get("blocks"))
		answer(`{"ok":true,"channel":"D%s","ts":"1700000000.9%05d"}`, to, len(w.direct[to]))
	case to != SlackChannel:
		answer(`{"ok":false,"error":"channel_not_found"}`)
	case method == "chat.postMessage":
		w.blocks = append(w.blocks, r.Form.Get("blocks"))
		answer(`{"ok":true,"channel":"C1","ts":"1700000000.%06d"}`, len(w.blocks)-1)
	case method == "chat.update":
		_, n, _ := strings.Cut(r.Form.Get("ts"), ".")
		i, err := strconv.Atoi(n)
		if err != nil || i >= len(w.blocks) {
			answer(`{"ok":false,"error":"message_not_found"}`)
			return
		}
		w.blocks[i] = r.Form.Get("blocks")
		answer(`{"ok":true,"channel":"C1","ts":%q}`, r.Form.Get("ts"))
	default:
		answer(`{"ok":true,"messages":[]}`)
	}
}

// Messages are the blocks of all messages of the channel.
func (w *Workspace) Messages() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.blocks...)
}

// Direct is what one member was told alone.
func (w *Workspace) Direct(user string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.direct[user]...)
}

// Replies are what pressers were told.
func (w *Workspace) Replies() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.replies...)
}

// Carried is what a button carries among blocks: the value of the last that is called so.
func Carried(blocks, button string) string {
	_, rest, has := cutLast(blocks, `"action_id":"`+button+`"`)
	if !has {
		return ""
	}
	_, rest, _ = strings.Cut(rest, `"value":"`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// Pressed is what Slack sends when a member presses a button.
type Pressed struct{ User, Team, Channel, Button, Value, Reason string }

// Body is its body.
func (w *Workspace) Body(p Pressed) string {
	if p.Team == "" {
		p.Team = SlackTeam
	}
	if p.Channel == "" {
		p.Channel = SlackChannel
	}
	payload, _ := json.Marshal(map[string]any{
		"type": "block_actions", "team": map[string]string{"id": p.Team},
		"user": map[string]string{"id": p.User, "name": "somebody", "team_id": p.Team}, "container": map[string]string{"channel_id": p.Channel},
		"response_url": w.URL + "/actions/" + p.User, "actions": []map[string]string{{"action_id": p.Button, "value": p.Value}},
		"state": map[string]any{"values": map[string]any{"reason": map[string]any{"text": map[string]string{"value": p.Reason}}}},
	})
	return url.Values{"payload": {string(payload)}}.Encode()
}

// SignedBySlack are the headers of a body that Slack sends at a moment.
func SignedBySlack(secret, body string, at time.Time) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + stamp + ":" + body))
	return http.Header{"X-Slack-Signature": {"v0=" + hex.EncodeToString(mac.Sum(nil))}, "X-Slack-Request-Timestamp": {stamp}}
}
