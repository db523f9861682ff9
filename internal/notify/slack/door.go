package slack

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
)

// App is what Slack signs with, and the workspace from which presses are taken.
type App struct {
	Secret    string // the app's signing secret
	Workspace string // T0123456789
}

// Door takes what Slack sends when somebody presses a button. It is safe for concurrent
// use.
type Door struct {
	Apps   []App
	API    []string // bases of the API of the channels, where they are not Slack's own
	Client *http.Client
	Now    func() time.Time

	mu   sync.Mutex
	seen map[string]time.Time // signatures that were taken, and when they run out
}

// Bounds of a request.
// https://docs.slack.dev/authentication/verifying-requests-from-slack/
const (
	signedFor = 5 * time.Minute // before and after what it says
	mostSeen  = 10_000
	maxName   = 80
	maxReason = 500 // characters
	maxValue  = 2000
)

// repliesAt are the hosts at which Slack takes replies.
var repliesAt = []string{"hooks.slack.com", "hooks.slack-gov.com"}

func invalid(code, text string) error { return &gate.Error{Code: code, Text: text, Final: true} }

// Read verifies a request of Slack's and reads it. Errors: signature_missing,
// signature_invalid, signature_expired, signature_used, target_mismatch,
// payload_invalid, busy.
func (d *Door) Read(header http.Header, body []byte) (notify.Press, error) {
	app, err := d.verified(header, body)
	if err != nil {
		return notify.Press{}, err
	}
	press, err := read(body)
	if err != nil {
		return press, err
	}
	if press.By.Team != app.Workspace {
		return notify.Press{}, invalid("target_mismatch",
			"This was pressed by a member of another workspace of Slack than gatehold is set up for.")
	}
	return press, nil
}

// verified is the app whose secret signed a request, which was not taken before.
func (d *Door) verified(header http.Header, body []byte) (App, error) {
	given, stamp := header.Get("X-Slack-Signature"), header.Get("X-Slack-Request-Timestamp")
	if given == "" || stamp == "" {
		return App{}, invalid("signature_missing", "A request of Slack's is signed, and this one is not.")
	}
	text, is := strings.CutPrefix(given, "v0=")
	signature, err := hex.DecodeString(text)
	seconds, nerr := strconv.ParseInt(stamp, 10, 64)
	if !is || err != nil || nerr != nil || len(signature) != sha256.Size {
		return App{}, invalid("signature_invalid", "The signature is none of Slack's.")
	}
	for _, app := range d.Apps {
		mac := hmac.New(sha256.New, []byte(app.Secret))
		mac.Write([]byte("v0:" + stamp + ":"))
		mac.Write(body)
		if app.Secret == "" || !hmac.Equal(mac.Sum(nil), signature) {
			continue
		}
		if age := d.Now().Sub(time.Unix(seconds, 0)).Abs(); age > signedFor {
			return App{}, invalid("signature_expired", "The request was signed more than five minutes ago, or by a clock that is wrong.")
		}
		return app, d.once(string(signature), time.Unix(seconds, 0).Add(signedFor))
	}
	return App{}, invalid("signature_invalid", "The signature is not that of the configured app: see its signing secret.")
}

// once remembers a signature for as long as it would be taken again.
func (d *Door) once(signature string, until time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, twice := d.seen[signature]; twice {
		return invalid("signature_used", "This request was taken before. Press again in Slack.")
	}
	if d.seen == nil {
		d.seen = map[string]time.Time{}
	}
	if len(d.seen) >= mostSeen {
		for old, end := range d.seen {
			if d.Now().After(end) {
				delete(d.seen, old)
			}
		}
		if len(d.seen) >= mostSeen {
			return &gate.Error{Code: "busy", Text: "More is pressed in Slack at once than this server takes. Press again in a moment."}
		}
	}
	d.seen[signature] = until
	return nil
}

// payload is what is read of an interaction.
// https://docs.slack.dev/reference/interaction-payloads/block_actions-payload/
type payload struct {
	Type string `json:"type"`
	Team *struct {
		ID string `json:"id"`
	} `json:"team"`
	User struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		Name     string `json:"name"`
		Team     string `json:"team_id"`
	} `json:"user"`
	Container struct {
		Channel string `json:"channel_id"`
	} `json:"container"`
	ResponseURL string `json:"response_url"`
	Actions     []struct {
		ID    string `json:"action_id"`
		Value string `json:"value"`
	} `json:"actions"`
	State struct {
		Values map[string]map[string]struct {
			Value string `json:"value"`
		} `json:"values"`
	} `json:"state"`
}

func read(body []byte) (notify.Press, error) {
	unread := func() (notify.Press, error) {
		return notify.Press{}, invalid("payload_invalid", "What Slack sent is not the press of a button.")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || len(form["payload"]) != 1 {
		return unread()
	}
	var p payload
	if err := json.Unmarshal([]byte(form.Get("payload")), &p); err != nil || p.Type != "block_actions" || len(p.Actions) != 1 {
		return unread()
	}
	a := p.Actions[0]
	press := notify.Press{
		By: gate.SlackUser{Team: p.User.Team, User: p.User.ID, Name: named(p)}, Place: p.Container.Channel, Button: a.ID, Value: a.Value,
		Reason: strings.TrimSpace(p.State.Values[reasonBlock][reasonInput].Value), Reply: p.ResponseURL,
	}
	switch {
	case !press.By.Valid() || p.Team != nil && p.Team.ID != press.By.Team: // a member of another workspace, in a channel that both share
		return notify.Press{}, invalid("target_mismatch", "This was pressed by somebody who is no member of the workspace.")
	case len(press.Value) > maxValue || !utf8.ValidString(form.Get("payload")):
		return unread()
	case utf8.RuneCountInString(press.Reason) > maxReason || strings.ContainsFunc(press.Reason, unicode.IsControl):
		return notify.Press{}, invalid("request_invalid", "A reason is one line of at most 500 characters.")
	}
	return press, nil
}

// named is what a member is called, as one line in which everything can be seen.
func named(p payload) string {
	name := p.User.Name
	if name == "" {
		name = p.User.Username
	}
	name = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, name)
	return notify.Clip(strings.TrimSpace(name), maxName)
}

// Say tells the presser of a button something that nobody else sees.
func (d *Door) Say(ctx context.Context, to string, r notify.Reply) error {
	if !d.mayReply(to) {
		return invalid("payload_invalid", "The address for a reply is not one of Slack's.")
	}
	blocks := []slackgo.Block{section(r.Text)}
	var buttons []slackgo.BlockElement
	if r.Link[0] != "" {
		b := slackgo.NewButtonBlockElement("open_link", "", plain(r.Link[1], maxHeader))
		b.URL = r.Link[0]
		buttons = append(buttons, b)
	}
	for _, b := range r.Buttons {
		buttons = append(buttons, slackgo.NewButtonBlockElement(b.Button, b.Value, plain(b.Text, maxHeader)))
	}
	if len(buttons) > 0 {
		blocks = append(blocks, slackgo.NewActionBlock("reply", buttons...))
	}
	body, err := json.Marshal(map[string]any{
		"response_type": "ephemeral", "replace_original": false, "text": notify.Clip(notify.Unlinked(r.Text), maxText), "blocks": blocks,
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := d.Client.Do(req)
	if err != nil {
		var at *url.Error
		if errors.As(err, &at) { // the address lets whoever has it speak to the presser
			err = at.Err
		}
		return notify.Unanswered("slack", err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4<<10))
	return notify.Answered("slack", resp.StatusCode, resp.Header, d.Now())
}

// mayReply reports whether an address is one at which Slack takes replies, or one beside
// an API that the operator has named.
func (d *Door) mayReply(to string) bool {
	u, err := url.Parse(to)
	if err != nil || u.User != nil {
		return false
	}
	for _, host := range repliesAt {
		if u.Scheme == "https" && u.Host == host {
			return true
		}
	}
	for _, base := range d.API {
		if own, err := url.Parse(base); err == nil && base != "" && own.Scheme == u.Scheme && own.Host == u.Host {
			return true
		}
	}
	return false
}
