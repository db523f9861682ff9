package gate

import (
	"strconv"
	"time"
)

// Account is the kind of the stream on which a person's sessions and passkeys are
// on record. It is of an account of GitHub's, by id, and of no repository.
const Account Kind = "account"

// AccountStream is the stream of an account.
func AccountStream(id int64) string { return string(Account) + "/" + strconv.FormatInt(id, 10) }

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
}

// Vouched records that another approver knows whose a waiting key is: it counts from
// now on.
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
	By  Actor  `json:"by"` // without an id: gatehold itself
	Why string `json:"why,omitempty"`
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
