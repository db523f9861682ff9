package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// Account is the kind of the stream on which a person's sessions and passkeys are
// on record. It is of an account of GitHub's, by id, and of no repository.
const Account Kind = "account"

// AccountStream is the stream of an account.
func AccountStream(id int64) string { return string(Account) + "/" + strconv.FormatInt(id, 10) }

// Notice is the kind of the stream on which it is on record what people were told of
// a passkey. As of what they are told of a gate, nothing is decided by it.
const Notice Kind = "notice"

// Inform is the step of an account that has the notices of its passkeys know what
// became of them.
const Inform Step = "inform"

// NoticeStream names the stream of what is told of a passkey of an account's.
func NoticeStream(account int64, key string) string {
	sum := sha256.Sum256([]byte(key))
	return string(Notice) + "/" + strconv.FormatInt(account, 10) + "/" + hex.EncodeToString(sum[:8])
}

// NoticeAbout is the account whose passkey such a stream is about; 0: it is none.
func NoticeAbout(stream string) int64 {
	kind, rest, _ := strings.Cut(stream, "/")
	id, _, _ := strings.Cut(rest, "/")
	account, err := strconv.ParseInt(id, 10, 64)
	if Kind(kind) != Notice || err != nil {
		return 0
	}
	return account
}

// Informed records that the notices of an account's passkeys know of them, as they
// were at a version.
type Informed struct {
	Covers uint64 `json:"covers"`
}

// SessionOpened records that somebody signed in with a browser.
type SessionOpened struct {
	// ID is the SHA-256, in hex, of what the browser's cookie carries.
	ID     string    `json:"id"`
	By     Actor     `json:"by"`
	Client string    `json:"client,omitempty"` // "Firefox on Linux": what the browser says of itself
	Until  time.Time `json:"until"`            // its absolute end
}

// SessionEnded records that a session is over before its time.
type SessionEnded struct {
	ID  string `json:"id,omitempty"` // empty: all of them
	Why string `json:"why"`          // "signed out", ...
}

// Enrolled records a new passkey of a person's.
type Enrolled struct {
	Key     Passkey `json:"key"`
	Session string  `json:"session"` // in which it was made
	// Statement is the text whose digest was the challenge when it was made.
	Statement string `json:"statement"`
	// From is when it begins to count.
	From time.Time `json:"from"`
	// Proof is that of a key which counted already; a first key has none.
	Proof *Proof `json:"proof,omitempty"`
	// Vouches is how many others have to vouch for it, where that is more than one.
	Vouches int `json:"vouches,omitempty"`
}

// Vouched records that another approver knows whose a waiting key is: it counts from
// now on, where no more of them have to.
type Vouched struct {
	Key   string `json:"key"`
	By    Actor  `json:"by"`
	Proof Proof  `json:"proof"`
}

// Objected records that a waiting key is not whose it says.
type Objected struct {
	Key    string `json:"key"`
	By     Actor  `json:"by"`
	Reason string `json:"reason,omitempty"`
}

// Revoked records that a key counts no more.
type Revoked struct {
	Key string `json:"key"`
	By  Actor  `json:"by"` // without an id: gatehold itself, or its operator
	Why string `json:"why,omitempty"`
	// Proof is that of somebody else, who may revoke it.
	Proof *Proof `json:"proof,omitempty"`
	// Operator says that it was done at the server, with the store itself.
	Operator bool `json:"operator,omitempty"`
}

// Used records that a key has signed, before what it signed is put on record: the
// count tells a copied key, the challenge keeps a signature from being used again.
type Used struct {
	Key       string `json:"key"`
	Count     uint32 `json:"count"`
	Challenge string `json:"challenge"` // base64url
	Act       string `json:"act"`
}

// Kind names each event in the ledger.
func (SessionOpened) Kind() string { return "session_opened" }
func (SessionEnded) Kind() string  { return "session_ended" }
func (Enrolled) Kind() string      { return "enrolled" }
func (Vouched) Kind() string       { return "vouched" }
func (Objected) Kind() string      { return "objected" }
func (Revoked) Kind() string       { return "revoked" }
func (Used) Kind() string          { return "used" }
func (Informed) Kind() string      { return "informed" }

// SlackUser is a member of a workspace of Slack.
type SlackUser struct {
	Team string `json:"team"`
	User string `json:"user"`
	Name string `json:"name,omitempty"` // as Slack called them then: anybody can take it
}

// Valid reports whether the ids are such as Slack gives.
func (u SlackUser) Valid() bool { return slackID(u.Team) && slackID(u.User) }

func slackID(s string) bool {
	return len(s) >= 2 && len(s) <= 20 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// Is reports whether two are the same member, whatever they are called.
func (u SlackUser) Is(o SlackUser) bool { return u.Team == o.Team && u.User == o.User }

// Stream is where it is on record which account of GitHub's the member is linked to. A
// link counts that stands there and on the account's stream.
func (u SlackUser) Stream() string { return string(Account) + "/slack/" + u.Team + "/" + u.User }

// Linking records that somebody who is signed in says that a member of Slack is them.
// It stands on both streams, and is worth nothing until Slack's side says the same.
type Linking struct {
	Nonce   string    `json:"nonce"` // of the link that was opened: it names the link from then on
	Of      SlackUser `json:"of"`
	By      Actor     `json:"by"`
	Session string    `json:"session"`
	Until   time.Time `json:"until"`           // when Slack's side must have said it
	Proof   *Proof    `json:"proof,omitempty"` // of those who have a passkey that counts
}

// Linked records that Slack's side has confirmed a link.
type Linked struct {
	Nonce string `json:"nonce"`
}

// Unlinked records that a link is worth nothing any more.
type Unlinked struct {
	Nonce string `json:"nonce"`
	Why   string `json:"why"` // "removed on the page", ...
}

// Kind names each event in the ledger.
func (Linking) Kind() string  { return "linking" }
func (Linked) Kind() string   { return "linked" }
func (Unlinked) Kind() string { return "unlinked" }

// Settings are how somebody wants to be told of what waits for them. Nothing of it
// decides anything.
type Settings struct {
	Slack bool   `json:"slack,omitempty"` // as the member that they are linked to
	Mail  string `json:"mail,omitempty"`  // an address that they have shown to be theirs
	When  string `json:"when,omitempty"`  // at_once, daily or weekdays; empty: never
	Hour  int    `json:"hour,omitempty"`  // of a digest
	Zone  string `json:"zone,omitempty"`  // IANA name; empty: UTC
	Quiet string `json:"quiet,omitempty"` // hours in which they are left alone, as in 22:00-07:00
	// Wake says that what is grave, and what nobody has answered for too long, is told
	// in quiet hours too.
	Wake bool `json:"wake,omitempty"`
}

// Digest is the kind of the stream on which it is on record what one person was told of
// what waits for them. Nothing is decided by it.
const Digest Kind = "digest"

// DigestStream is the stream of what a person is told.
func DigestStream(account int64) string { return string(Digest) + "/" + strconv.FormatInt(account, 10) }

// DigestOf is whose such a stream is; 0: it is none.
func DigestOf(stream string) int64 {
	id, err := strconv.ParseInt(strings.TrimPrefix(stream, string(Digest)+"/"), 10, 64)
	if err != nil || StreamKind(stream) != Digest {
		return 0
	}
	return id
}

// When somebody is told.
const (
	AtOnce   = "at_once"
	Daily    = "daily"
	Weekdays = "weekdays"
)

// Settled records how somebody wants to be told from now on.
type Settled struct {
	Settings Settings `json:"settings"`
	Why      string   `json:"why"` // "set on the page", "unsubscribed", ...
}

// Kind names the event in the ledger.
func (Settled) Kind() string { return "settled" }
