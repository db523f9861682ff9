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
