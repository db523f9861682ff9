package passkey

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
	"github.com/gatehold/gatehold/internal/ledger"
)

// Audit holds everything that passkeys signed against what is kept of their keys,
// from the records of a ledger alone. Give it all of them, then ask what is broken.
type Audit struct {
	// Origin is the server's, "https://gate.example.com"; empty: that for which each
	// key was made, which whoever wrote the ledger could have chosen.
	Origin string

	Keys   int // that were made
	Proofs int // that were given

	accounts map[int64]account.State
	keys     map[keyOf]account.Key // also those that an account forgets in the end
	signed   []signed
}

// keyOf is a passkey by its owner and its id.
type keyOf struct {
	account int64
	id      string
}

// signed is one thing that a passkey signed.
type signed struct {
	stream  string
	version uint64
	at      time.Time
	by      int64 // account
	proof   *gate.Proof
	says    func(gate.Statement) bool
}

// Record takes one record. The records of a stream come in their order.
func (a *Audit) Record(r ledger.Record) {
	kind := gate.StreamKind(r.Stream)
	if kind != gate.Account && (!kind.Gates() || r.Kind != (gate.Offered{}).Kind() && r.Kind != (gate.Claimed{}).Kind()) {
		return
	}
	ev, err := gate.Decode(r.Kind, r.Body)
	if err != nil {
		return // a newer version's: the chain is held to its hashes all the same
	}
	if kind != gate.Account {
		if o, is := ev.(gate.Offered); is && (o.Via == gate.ViaPasskey || o.Proof != nil) {
			a.sign(r, o.By.ID, o.Proof, func(gate.Statement) bool { return o.Proof.Says(r.Stream, o) })
		}
		if c, is := ev.(gate.Claimed); is {
			a.sign(r, c.By.ID, &c.Proof, func(gate.Statement) bool { return c.Says(r.Stream) })
		}
		return
	}
	a.account(r, ev)
}

func (a *Audit) account(r ledger.Record, ev gate.Event) {
	var owner int64
	if _, err := fmt.Sscanf(r.Stream, string(gate.Account)+"/%d", &owner); err != nil {
		return
	}
	switch ev := ev.(type) {
	case gate.Enrolled:
		a.Keys++
		a.signed = append(a.signed, signed{stream: r.Stream, version: r.Version, at: r.At, by: owner, says: a.made(owner, ev)})
		if ev.Proof != nil {
			a.sign(r, owner, ev.Proof, func(st gate.Statement) bool {
				return st.Act == gate.ActAdd && st.By == owner && st.Stream == r.Stream && st.Key == ev.Key.ID
			})
		}
	case gate.Revoked:
		a.revoked(r, owner, ev)
	case gate.Vouched:
		a.sign(r, ev.By.ID, &ev.Proof, func(st gate.Statement) bool {
			return st.Act == gate.ActVouch && st.By == ev.By.ID && st.Stream == r.Stream && st.Key == ev.Key && ev.By.ID != owner
		})
	case gate.Linking:
		if ev.Proof != nil {
			a.sign(r, owner, ev.Proof, func(st gate.Statement) bool {
				return st.Act == gate.ActLink && st.By == owner && st.Stream == ev.Of.Stream() && st.Key == ev.Nonce
			})
		}
	}
	if a.accounts == nil {
		a.accounts, a.keys = map[int64]account.State{}, map[keyOf]account.Key{}
	}
	s := a.accounts[owner].After(gate.Entry{Version: r.Version, At: r.At, Event: ev})
	a.accounts[owner] = s
	for _, k := range s.Keys {
		a.keys[keyOf{owner, k.ID}] = k
	}
}

// revoked takes that a key counts no more: by somebody else it is signed.
func (a *Audit) revoked(r ledger.Record, owner int64, ev gate.Revoked) {
	if ev.Proof == nil && (ev.By.ID == owner || ev.By.ID == 0) {
		return
	}
	a.sign(r, ev.By.ID, ev.Proof, func(st gate.Statement) bool {
		return ev.Proof != nil && st.Act == gate.ActRevoke && st.By == ev.By.ID && st.Stream == r.Stream && st.Key == ev.Key &&
			st.Reason == ev.Why
	})
}

func (a *Audit) sign(r ledger.Record, by int64, proof *gate.Proof, says func(gate.Statement) bool) {
	a.Proofs++
	a.signed = append(a.signed, signed{stream: r.Stream, version: r.Version, at: r.At, by: by, proof: proof, says: says})
}

// made reports whether a key was made as its record says.
func (a *Audit) made(owner int64, ev gate.Enrolled) func(gate.Statement) bool {
	return func(gate.Statement) bool {
		st, err := gate.ReadStatement(ev.Statement)
		if err != nil || st.Act != gate.ActEnrol || st.By != owner {
			return false
		}
		party, err := a.party(ev.Key)
		if err != nil {
			return false
		}
		claimed := ev.Key
		claimed.Unverified = ""
		is, err := party.Enrolled(ev.Statement, claimed)
		return err == nil && (!ev.Key.Attested() || is.Attested() && is.Model == ev.Key.Model)
	}
}

// Broken is what does not verify, in the order of the records.
func (a *Audit) Broken() []ledger.Broken {
	var out []ledger.Broken
	for _, s := range a.signed {
		if why := a.flaw(s); why != "" {
			out = append(out, ledger.Broken{Stream: s.stream, Version: s.version, Why: why})
		}
	}
	return out
}

func (a *Audit) flaw(s signed) string {
	if s.proof == nil {
		if s.says(gate.Statement{}) {
			return ""
		}
		return "the passkey was not made as its record says"
	}
	k, known := a.keys[keyOf{s.by, s.proof.Key}]
	switch {
	case !known:
		return fmt.Sprintf("it is signed by a passkey that account %d does not have", s.by)
	case s.at.Before(k.From):
		return "it is signed by a passkey that did not count yet"
	case !k.Alive() && s.at.After(k.EndedAt):
		return "it is signed by a passkey that counted no more"
	}
	st, err := gate.ReadStatement(s.proof.Statement)
	if err != nil || !s.says(st) {
		return "what the passkey signed is not what is on record"
	}
	party, err := a.party(k.Passkey)
	if err == nil {
		_, err = party.Verify(k.Passkey, *s.proof)
	}
	if err != nil {
		return "the signature is not the passkey's"
	}
	return ""
}

// party is the server that a key was made for.
func (a *Audit) party(k gate.Passkey) (Party, error) {
	if a.Origin != "" {
		return NewParty(a.Origin)
	}
	text, err := base64.RawURLEncoding.DecodeString(k.ClientData)
	if err != nil {
		return Party{}, err
	}
	var client struct {
		Origin string `json:"origin"`
	}
	if err := json.Unmarshal(text, &client); err != nil {
		return Party{}, err
	}
	return NewParty(client.Origin)
}
