package slack_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/notify/notifytest"
	"github.com/gatehold/gatehold/internal/notify/slack"
)

const signing = notifytest.SlackSecret

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func doorAt(now *time.Time) *slack.Door {
	return &slack.Door{Apps: []slack.App{{Secret: "another app's", Workspace: "T9"}, {Secret: signing, Workspace: "T1"}},
		Client: notify.NewClient(http.DefaultTransport), Now: func() time.Time { return *now }}
}

const pressed = `{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1","username":"bo","name":"Bo","team_id":"T1"},` +
	`"container":{"type":"message","channel_id":"C1"},"response_url":"https://hooks.slack.com/actions/T1/1/x",` +
	`"actions":[{"action_id":"gatehold_approve","value":"sealed"}],"state":{"values":{"reason":{"text":{"value":" It is empty. "}}}}}`

func bodyOf(payload string) string { return url.Values{"payload": {payload}}.Encode() }

// What Slack documents as an example is taken.
// https://docs.slack.dev/authentication/verifying-requests-from-slack/
func TestAPress(t *testing.T) {
	now := noon
	got, err := doorAt(&now).Read(notifytest.SignedBySlack(signing, bodyOf(pressed), noon), []byte(bodyOf(pressed)))
	want := notify.Press{By: gate.SlackUser{Team: "T1", User: "U1", Name: "Bo"}, Place: "C1", Button: notify.Approves, Value: "sealed",
		Reason: "It is empty.", Reply: "https://hooks.slack.com/actions/T1/1/x"}
	if err != nil || got != want {
		t.Errorf("it is %+v: %v", got, err)
	}
}

// Nothing is taken that Slack did not sign just now, for this workspace, once.
func TestAttackPresses(t *testing.T) {
	body := bodyOf(pressed)
	for name, c := range map[string]struct {
		header http.Header
		body   string
		code   string
	}{
		"no signature":      {http.Header{}, body, "signature_missing"},
		"another secret":    {notifytest.SignedBySlack("guessed", body, noon), body, "signature_invalid"},
		"an empty secret":   {notifytest.SignedBySlack("", body, noon), body, "signature_invalid"},
		"another body":      {notifytest.SignedBySlack(signing, body, noon), body + "&x=1", "signature_invalid"},
		"another time":      {http.Header{"X-Slack-Signature": notifytest.SignedBySlack(signing, body, noon)["X-Slack-Signature"], "X-Slack-Request-Timestamp": {"1"}}, body, "signature_invalid"},
		"no version":        {http.Header{"X-Slack-Signature": {strings.TrimPrefix(notifytest.SignedBySlack(signing, body, noon).Get("X-Slack-Signature"), "v0=")}, "X-Slack-Request-Timestamp": {"1"}}, body, "signature_invalid"},
		"too old":           {notifytest.SignedBySlack(signing, body, noon.Add(-5*time.Minute-time.Second)), body, "signature_expired"},
		"of the future":     {notifytest.SignedBySlack(signing, body, noon.Add(5*time.Minute+time.Second)), body, "signature_expired"},
		"another workspace": {notifytest.SignedBySlack("another app's", body, noon), body, "target_mismatch"},
	} {
		now := noon
		if _, err := doorAt(&now).Read(c.header, []byte(c.body)); gate.AsError(err).Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	for payload, code := range map[string]string{
		strings.Replace(pressed, `"team_id":"T1"`, `"team_id":"T2"`, 1):            "target_mismatch", // a channel that workspaces share
		strings.Replace(pressed, `"team":{"id":"T1"}`, `"team":{"id":"T2"}`, 1):    "target_mismatch",
		strings.Replace(pressed, `"id":"U1"`, `"id":"U1/../T2"`, 1):                "target_mismatch",
		strings.Replace(pressed, "block_actions", "view_submission", 1):            "payload_invalid",
		strings.Replace(pressed, `"sealed"`, `"`+strings.Repeat("x", 2001)+`"`, 1): "payload_invalid",
		strings.Replace(pressed, " It is empty. ", `one\ntwo`, 1):                  "request_invalid",
		strings.Replace(pressed, " It is empty. ", strings.Repeat("x", 501), 1):    "request_invalid",
		"[]": "payload_invalid", "": "payload_invalid",
	} {
		now := noon
		if _, err := doorAt(&now).Read(notifytest.SignedBySlack(signing, bodyOf(payload), noon), []byte(bodyOf(payload))); gate.AsError(err).Code != code {
			t.Errorf("%.60s: %v", payload, err)
		}
	}
	now := noon
	d := doorAt(&now)
	header := notifytest.SignedBySlack(signing, body, noon)
	if _, err := d.Read(header, []byte(body)); err != nil {
		t.Fatal(err)
	}
	now = noon.Add(4 * time.Minute)
	if _, err := d.Read(header, []byte(body)); gate.AsError(err).Code != "signature_used" {
		t.Errorf("sent again: %v", err)
	}
}

// FuzzPress: whatever Slack signs, what is read of it is bounded and of the workspace.
func FuzzPress(f *testing.F) {
	f.Add(bodyOf(pressed))
	f.Add("payload=%7B%7D&payload=1")
	f.Add(bodyOf(`{"type":"block_actions","user":null,"actions":[null],"state":{"values":null}}`))
	f.Fuzz(func(t *testing.T, body string) {
		now := noon
		p, err := doorAt(&now).Read(notifytest.SignedBySlack(signing, body, noon), []byte(body))
		if err != nil {
			if gate.AsError(err).Code == "internal" || p != (notify.Press{}) {
				t.Errorf("%+v: %v", p, err)
			}
			return
		}
		if p.By.Team != "T1" || !p.By.Valid() || len(p.Value) > 2000 || utf8.RuneCountInString(p.Reason) > 500 ||
			strings.ContainsFunc(p.Reason+p.By.Name, unicode.IsControl) || !utf8.ValidString(p.Reason+p.Value) {
			t.Errorf("%+v", p)
		}
	})
}

// The presser alone is told, at Slack's own address; to no other is anything sent.
func TestAReplyIsForThePresserAlone(t *testing.T) {
	now := noon
	var got []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got, _ = io.ReadAll(r.Body) }))
	defer server.Close()
	d := doorAt(&now)
	d.API = []string{"", server.URL + "/api/"}
	hostile := strings.Join(notifytest.Hostile, " ")
	reply := notify.Reply{Text: hostile, Link: [2]string{"https://gate.acme.example/you/slack?link=x", "Say who I am"},
		Buttons: []notify.ReplyButton{{Button: notify.Links, Text: "Done", Value: "v"}}}
	if err := d.Say(t.Context(), server.URL+"/actions/x", reply); err != nil {
		t.Fatal(err)
	}
	var said struct {
		Type string `json:"response_type"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(got, &said); err != nil || said.Type != "ephemeral" || strings.Contains(said.Text, "://") ||
		strings.Contains(string(got), "mrkdwn") {
		t.Errorf("it is told %s: %v", got, err)
	}
	for _, to := range []string{"", "http://hooks.slack.com/x", "https://hooks.slack.com.evil.example/x", "https://x@hooks.slack.com/x",
		"https://169.254.169.254/latest", "https://evil.example/hooks.slack.com", server.URL[:len(server.URL)-1] + "/x"} {
		if err := d.Say(t.Context(), to, reply); gate.AsError(err).Code != "payload_invalid" {
			t.Errorf("a reply goes to %q: %v", to, err)
		}
	}
}

// Buttons and lines are as Slack takes them, and only where they are asked for.
func TestButtonsAndLines(t *testing.T) {
	s, w := slackOf(t)
	d := notifytest.Delivery()
	send(t, s, d)
	if text := string(w.messages[0].Blocks); strings.Contains(text, notify.Approves) || strings.Contains(text, "rich_text") {
		t.Errorf("nobody asked for buttons or lines: %s", text)
	}
	d.Ticket, d.Hunks = "sealed", []notify.Hunk{{Path: "db/drop.sql", Lines: []string{" SELECT 1;", "-DROP TABLE a;", "+<!channel> https://evil.example"}}}
	send(t, s, d)
	text := string(w.messages[1].Blocks)
	for _, want := range []string{`"action_id":"gatehold_approve"`, `"action_id":"gatehold_deny"`, `"value":"sealed"`, `"type":"rich_text_preformatted"`,
		"DROP TABLE a;", `"optional":true`} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %s: %s", want, text)
		}
	}
	if strings.Contains(text, "https://evil") {
		t.Error("a line leads somewhere")
	}
	d.Ticket = strings.Repeat("x", 2001)
	send(t, s, d)
	if strings.Contains(string(w.messages[2].Blocks), notify.Approves) {
		t.Error("a button carries more than Slack takes")
	}
}
