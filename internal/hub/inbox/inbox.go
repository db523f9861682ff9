package inbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// Inbox opens webhook deliveries: it authenticates them and says what they
// are about. It does no I/O.
type Inbox struct {
	appID   int64
	secrets [][]byte
}

// New takes one or several webhook secrets, so that they can be rotated:
// a delivery may be signed with any of them. None, or an empty one, is refused:
// it would let everybody in.
func New(appID int64, secrets [][]byte) (*Inbox, error) {
	if appID <= 0 {
		return nil, errors.New("hub: the App's id is missing")
	}
	if len(secrets) == 0 {
		return nil, errors.New("hub: at least one webhook secret is needed")
	}
	in := &Inbox{appID: appID}
	for i, secret := range secrets {
		if len(secret) == 0 {
			return nil, fmt.Errorf("hub: webhook secret %d of %d is empty", i+1, len(secrets))
		}
		in.secrets = append(in.secrets, append([]byte(nil), secret...))
	}
	return in, nil
}

// Open authenticates a delivery and translates it. What the headers alone tell
// is checked before a byte of the body is asked for, and nothing of the body is
// parsed before its signature is right. body reads all of it, and writes every
// byte to signed as it comes; it bounds the size and the time (GitHub sends at
// most 25 MB). Its errors are returned as they are.
//
// Others are *gate.Error with the codes signature_missing, signature_invalid,
// target_mismatch, not_json and payload_invalid. An event or action that
// concerns no gate is no error: its Seen is nil.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers
func (in *Inbox) Open(header http.Header, body func(signed io.Writer) ([]byte, error)) (gate.Delivery, error) {
	given, err := signatureIn(header.Values("X-Hub-Signature-256"))
	if err != nil {
		return gate.Delivery{}, err
	}
	if err := in.addressed(header); err != nil {
		return gate.Delivery{}, err
	}
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return gate.Delivery{},
			refused("not_json",
				"Deliveries are accepted as application/json only; choose it as content type in the App's webhook settings.")
	}
	guid, event := header.Get("X-GitHub-Delivery"), header.Get("X-GitHub-Event")
	if !wire.IsToken(guid) || !wire.IsToken(event) {
		return gate.Delivery{},
			refused("payload_invalid", "The headers X-GitHub-Delivery and X-GitHub-Event must name the delivery and its event.")
	}
	signed := in.sums()
	text, err := body(signed)
	if err != nil {
		return gate.Delivery{}, err
	}
	if !signed.fit(given) {
		return gate.Delivery{}, refused("signature_invalid", "The delivery's signature fits none of the configured webhook secrets.")
	}
	return in.translate(gate.Delivery{Key: strconv.FormatInt(in.appID, 10) + ":" + guid, Event: event}, text)
}

// translate says what an authenticated delivery is about.
func (in *Inbox) translate(d gate.Delivery, body []byte) (gate.Delivery, error) {
	p, err := parse(body)
	if err != nil {
		return gate.Delivery{}, err
	}
	d.Action = wire.Clip(p.Action, 64)
	read := readers[d.Event]
	if read == nil {
		read = automatic[d.Event]
	}
	if read == nil {
		return d, nil
	}
	seen, err := read(in, p, body)
	if err != nil {
		return gate.Delivery{}, err
	}
	for i := range seen {
		switch seen[i].Subject.Kind {
		case gate.PullRequest, gate.MergeGroup, gate.Repository:
			if seen[i].Subject.Repo.ID == p.Repository.ID {
				seen[i].Default = wire.Clip(p.Repository.Default, 255)
			}
		}
	}
	if len(seen) > 0 {
		d.Seen = &seen[0]
	}
	if len(seen) > 1 {
		d.Also = seen[1:]
	}
	d.Pushed = pushedBy(d.Event, p, body)
	d.Compare = compares(d.Event, p)
	if d.Event == "pull_request" && d.Seen != nil && wordActions[p.Action] {
		d.Words = wordsIn(body)
	}
	return d, nil
}

func refused(code, text string) *gate.Error {
	return &gate.Error{Code: code, Text: text, Final: true}
}

// signatureIn is the one signature that a delivery carries. SHA-1, which GitHub
// still sends beside it, is not looked at.
// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
func signatureIn(values []string) ([]byte, error) {
	if len(values) == 0 {
		return nil, refused("signature_missing", "The delivery carries no X-Hub-Signature-256; set a webhook secret in the App's settings.")
	}
	text, ok := strings.CutPrefix(values[0], "sha256=")
	if len(values) > 1 || !ok || len(text) != hex.EncodedLen(sha256.Size) {
		return nil, notASignature()
	}
	given, err := hex.DecodeString(text)
	if err != nil {
		return nil, notASignature()
	}
	return given, nil
}

func notASignature() error {
	return refused("signature_invalid", "X-Hub-Signature-256 is not one SHA-256 in hex.")
}

// sums are the HMACs of a body by every secret, computed while it comes.
type sums []hash.Hash

func (in *Inbox) sums() sums {
	all := make(sums, 0, len(in.secrets))
	for _, secret := range in.secrets {
		all = append(all, hmac.New(sha256.New, secret))
	}
	return all
}

// Write takes the next bytes of the body. It does not fail.
func (s sums) Write(p []byte) (int, error) {
	for _, sum := range s {
		sum.Write(p)
	}
	return len(p), nil
}

// fit reports whether a signature is by one of the secrets: always all of them
// are compared, in constant time.
func (s sums) fit(given []byte) bool {
	valid := false
	for _, sum := range s {
		if hmac.Equal(sum.Sum(nil), given) {
			valid = true
		}
	}
	return valid
}

// addressed refuses what was sent for another App or for a repository's own
// hook, where the delivery says for whom it is.
func (in *Inbox) addressed(header http.Header) error {
	if kind := header.Get("X-GitHub-Hook-Installation-Target-Type"); kind != "" && kind != "integration" {
		return refused("target_mismatch", fmt.Sprintf("The delivery is for a hook of the kind %q, not for an App.", wire.Clip(kind, 40)))
	}
	target := header.Get("X-GitHub-Hook-Installation-Target-ID")
	if target != "" && target != strconv.FormatInt(in.appID, 10) {
		return refused("target_mismatch", fmt.Sprintf("The delivery is for the App %s; this is %d.", wire.Clip(target, 40), in.appID))
	}
	return nil
}

// parse is tolerant: GitHub adds and changes fields at will, and one odd field
// must not lose an event. A field of another type than expected stays empty;
// what an event cannot do without is checked where it is used.
func parse(body []byte) (payload, error) {
	var p payload
	err := json.Unmarshal(body, &p)
	if err != nil && !oddField(err) {
		return payload{}, refused("payload_invalid", "The body is not a JSON object.")
	}
	return p, nil
}

// oddField reports whether a body was read but for fields of odd types.
func oddField(err error) bool {
	var odd *json.UnmarshalTypeError
	return errors.As(err, &odd) && odd.Field != ""
}
