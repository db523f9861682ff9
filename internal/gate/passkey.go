package gate

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Passkey is a public key of a person's, with what its maker said of it when it was
// enrolled. What is binary is base64url without padding, as browsers send it.
// https://www.w3.org/TR/webauthn-3/
type Passkey struct {
	ID   string `json:"id"`   // of the credential
	Name string `json:"name"` // as its owner calls it
	// Attestation and ClientData are what the authenticator and the browser said when
	// it was made: the public key is read from them, also offline.
	Attestation string   `json:"attestation"`
	ClientData  string   `json:"client_data"`
	Transports  []string `json:"transports,omitempty"`
	Count       uint32   `json:"count"` // of its signatures; 0 for one that does not count
	// Synced says that the key may be on several devices of its owner's.
	Synced bool   `json:"synced,omitempty"`
	Model  string `json:"model,omitempty"` // AAGUID of the authenticator, zero for one that does not tell
	Format string `json:"format"`          // of the attestation: "none" proves no model
	// Unverified is why its attestation proves nothing; empty where it was verified, and
	// with the format "none".
	Unverified string `json:"unverified,omitempty"`
}

// Attested reports whether the attestation of a passkey was verified.
func (k Passkey) Attested() bool { return k.Unverified == "" && k.Format != "none" && k.Format != "" }

// Statement is exactly what somebody signs with a passkey: what they saw, and what
// they say to it. The challenge that the authenticator signs is its digest.
type Statement struct {
	V           int       `json:"v"`   // 1
	Act         string    `json:"act"` // one of the acts
	By          int64     `json:"by"`  // account
	At          time.Time `json:"at"`
	Expires     time.Time `json:"expires"`
	Nonce       string    `json:"nonce"`
	Stream      string    `json:"stream"`            // of the gate, or of the account whose key it is about
	Version     uint64    `json:"version,omitempty"` // of the stream, as it was shown
	Subject     string    `json:"subject,omitempty"` // as people call it
	Answer      Answer    `json:"answer,omitempty"`
	Reason      string    `json:"reason,omitempty"`
	For         For       `json:"for,omitzero"`
	Base        string    `json:"base,omitempty"` // commit
	Environment string    `json:"environment,omitempty"`
	Key         string    `json:"key,omitempty"` // that is vouched for, added or revoked
}

// The acts.
const (
	ActAnswer = "answer" // to a gate
	ActEnrol  = "enrol"  // the key itself, when it is made
	ActAdd    = "add"    // another key of one's own, by one that counts
	ActVouch  = "vouch"  // for somebody else's first key
	ActRevoke = "revoke" // a key of somebody else's
	ActLink   = "link"   // that a member of Slack is oneself
	ActClaim  = "claim"  // that a head is one's own work
)

// Challenge is what an authenticator signs of a statement's text.
func Challenge(statement string) []byte {
	sum := sha256.Sum256([]byte("gatehold statement\n" + statement))
	return sum[:]
}

// Text is the statement as it is signed and kept.
func (s Statement) Text() string {
	text, err := json.Marshal(s)
	if err != nil { // of strings, numbers and times within four digits of a year
		panic(err)
	}
	return string(text)
}

// ReadStatement reads the text of a statement. A version that is not known is an
// error of code UnknownRecord.
func ReadStatement(text string) (s Statement, err error) {
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, fmt.Errorf("gate: a signed statement cannot be read: %w", err)
	}
	if s.V != 1 {
		return s, unknown("version %d of a signed statement", s.V)
	}
	return s, nil
}

// Proof is a signed statement, with all that is needed to verify it offline against
// the key's enrolment. What is binary is base64url without padding.
type Proof struct {
	Key           string `json:"key"` // id of the passkey
	Statement     string `json:"statement"`
	ClientData    string `json:"client_data"`
	Authenticator string `json:"authenticator_data"`
	Signature     string `json:"signature"`
}

// Says reports whether the statement of a proof is the one that an offer was made
// with: the same person, answer, reason and sight, for the same gate.
func (p *Proof) Says(stream string, o Offered) bool {
	if p == nil {
		return false
	}
	s, err := ReadStatement(p.Statement)
	return err == nil && s.Act == ActAnswer && s.By == o.By.ID && s.Stream == stream && s.Version == o.Saw.Version &&
		s.Answer == o.Answer && s.Reason == o.Reason && s.For == o.For
}

// Claimed records that somebody signed that the head of a pull request is their own work,
// and no agent's. It is about that head and that branch, and about nothing that comes
// after.
type Claimed struct {
	By      Actor  `json:"by"`
	Head    string `json:"head"`
	BaseRef string `json:"base_ref"`
	Proof   Proof  `json:"proof"`
}

// Kind names the event in the ledger.
func (Claimed) Kind() string { return "claimed" }

// Says reports whether what was signed is this claim, on this stream.
func (c Claimed) Says(stream string) bool {
	s, err := ReadStatement(c.Proof.Statement)
	return err == nil && s.Act == ActClaim && s.By == c.By.ID && s.Stream == stream && s.For.Head == c.Head && s.For.BaseRef == c.BaseRef
}

// Opener is the account that opened a pull request, as it was judged; the zero Actor where
// it has none.
func (s State) Opener() Actor {
	if s.Verdict == nil || s.Subject.Kind != PullRequest {
		return Actor{}
	}
	for _, c := range s.Verdict.Contributors {
		if c.Role == RoleOpened {
			return Actor{Login: c.Login, ID: c.ID, Type: "User"}
		}
	}
	return Actor{}
}

// RoleOpened is the part of whoever opened a pull request.
const RoleOpened = "opened it"

// MayClaim says why somebody cannot sign that what was judged is their own work; a code
// of "" is that they can. A claim proves who answers for it where the rules presume an
// agent and nothing shows one: it takes no sign of an agent away.
func (s State) MayClaim(who Actor) (code, text string) {
	switch v := s.Verdict; {
	case s.Subject.Kind != PullRequest || s.Left():
		return "not_claimable", "Only what is proposed by an open pull request can be signed for as one's own."
	case v == nil || s.Wanted > s.Covered:
		return "not_judged", "It has not been judged as it is now. Try again in a moment."
	case who.ID == 0 || s.Opener().ID != who.ID:
		return "not_author", "Only whoever opened it signs that it is theirs."
	case !v.Agent.Presumed || len(v.Agent.Evidence) > 0 || len(v.Agent.Unknown) > 0:
		return "claim_useless", "It would change nothing: the rules ask for no such proof, or there are signs of an agent, which no signature " +
			"takes away."
	}
	return "", ""
}

// keyGroup marks a passkey among what a person is: with it a choice was signed.
const keyGroup = "key:"

// KeyGroup is the group of those who hold a passkey that counts.
func KeyGroup(id string) string { return keyGroup + id }

// KeysOf are the passkeys that are asked about among groups, and the other groups.
func KeysOf(groups []string) (keys, others []string) {
	for _, g := range groups {
		if id, is := strings.CutPrefix(g, keyGroup); is {
			keys = append(keys, id)
			continue
		}
		others = append(others, g)
	}
	return keys, others
}

// signed reports whether a choice has the key still with which it was signed; one
// that was made by another channel lacks none.
func (c Choice) signed() bool {
	return c.Key == "" || slices.Contains(c.Groups, KeyGroup(c.Key))
}
