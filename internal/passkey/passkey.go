// Package passkey speaks WebAuthn with browsers: it asks for a key and for a
// signature, and verifies both. What a key signs is the digest of a gate.Statement,
// so that what was seen is what is signed; whatever was verified once can be again
// from what the ledger keeps, without a browser or a network.
//
// The user is always verified by the authenticator, the origin is exactly ours, and
// no page of another origin may frame the ceremony.
//
// https://www.w3.org/TR/webauthn-3/
package passkey

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"

	"github.com/gatehold/gatehold/internal/gate"
)

// Party is gatehold, as authenticators know it: a key that was made for one party
// signs for no other. Moving to another host loses all keys.
type Party struct {
	id, origin string
}

// Bounds of what a browser may send, in bytes, and of what is kept of an attestation:
// those with the certificates of their makers have some thousands.
const (
	MaxResponse    = 64 << 10
	MaxAttestation = 16 << 10
)

// patience is how long a browser waits for its user.
const patience = 5 * time.Minute

// NewParty is the party at a public address: https, or http at localhost. Browsers
// make no key for an address that is a number.
func NewParty(public string) (Party, error) {
	u, err := url.Parse(public)
	if err != nil || u.Hostname() == "" {
		return Party{}, errors.New("passkey: there is no public address that people reach this server at")
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return Party{}, errors.New("passkey: browsers make passkeys for names only, and " + u.Host + " is an IP address")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost") {
		return Party{}, errors.New("passkey: browsers make passkeys over https only, or at http://localhost")
	}
	return Party{id: u.Hostname(), origin: u.Scheme + "://" + u.Host}, nil
}

// algorithms are those of the keys that we ask for, the best first.
var algorithms = []protocol.CredentialParameter{
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgEdDSA},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgRS256},
}

// Create is what navigator.credentials.create is called with, as JSON, to make a key
// for a person that signs a statement. have are their other keys: an authenticator
// that holds one of them makes no second.
// attest has the browser ask for an attestation.
func (p Party) Create(who gate.Actor, statement string, have []gate.Passkey, attest bool) []byte {
	preference := protocol.PreferNoAttestation
	if attest {
		preference = protocol.PreferDirectAttestation
	}
	return encode(protocol.PublicKeyCredentialCreationOptions{
		RelyingParty: protocol.RelyingPartyEntity{ID: p.id, CredentialEntity: protocol.CredentialEntity{Name: "gatehold"}},
		User: protocol.UserEntity{
			ID:               protocol.URLEncodedBase64(strconv.FormatInt(who.ID, 10)),
			CredentialEntity: protocol.CredentialEntity{Name: who.Login}, DisplayName: "@" + who.Login,
		},
		Challenge: gate.Challenge(statement), Parameters: algorithms, Timeout: int(patience.Milliseconds()),
		CredentialExcludeList: descriptors(have),
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationRequired,
		},
		Attestation: preference,
	})
}

// Ask is what navigator.credentials.get is called with, as JSON, to have a statement
// signed by one of some keys.
func (p Party) Ask(statement string, keys []gate.Passkey) []byte {
	return encode(protocol.PublicKeyCredentialRequestOptions{
		Challenge: gate.Challenge(statement), Timeout: int(patience.Milliseconds()), RelyingPartyID: p.id,
		AllowedCredentials: descriptors(keys), UserVerification: protocol.VerificationRequired,
	})
}

func encode(options any) []byte {
	text, err := json.Marshal(options)
	if err != nil { // of strings, numbers and bytes
		panic(err)
	}
	return text
}

func descriptors(keys []gate.Passkey) []protocol.CredentialDescriptor {
	out := []protocol.CredentialDescriptor{}
	for _, k := range keys {
		id, err := base64.RawURLEncoding.DecodeString(k.ID)
		if err != nil {
			continue // it was not made here
		}
		d := protocol.CredentialDescriptor{Type: protocol.PublicKeyCredentialType, CredentialID: id}
		for _, t := range k.Transports {
			d.Transport = append(d.Transport, protocol.AuthenticatorTransport(t))
		}
		out = append(out, d)
	}
	return out
}

// Created verifies what a browser sends of a key that was made for a statement.
// The key has no name yet. Errors are *gate.Error of code key_refused.
func (p Party) Created(statement string, response []byte) (gate.Passkey, error) {
	if len(response) > MaxResponse {
		return gate.Passkey{}, refused("The answer of the browser is too large.", nil)
	}
	made, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return gate.Passkey{}, refused("The answer of the browser cannot be read.", err)
	}
	attestation, err := kept(made)
	if err != nil {
		return gate.Passkey{}, refused("The answer of the browser cannot be kept.", err)
	}
	k := gate.Passkey{
		ID:          base64.RawURLEncoding.EncodeToString(made.RawID),
		Attestation: base64.RawURLEncoding.EncodeToString(attestation),
		ClientData:  base64.RawURLEncoding.EncodeToString(made.Raw.AttestationResponse.ClientDataJSON),
		Transports:  transports(made.Response.Transports),
	}
	if whole := len(made.Raw.AttestationResponse.AttestationObject); whole > MaxAttestation {
		k.Unverified = fmt.Sprintf("its attestation has %d bytes, and %d are kept", whole, MaxAttestation)
	}
	return p.Enrolled(statement, k)
}

// Enrolled verifies, from what is kept of it, that a key was made for a statement,
// and returns it with what its authenticator says. Errors are *gate.Error of code
// key_refused.
func (p Party) Enrolled(statement string, k gate.Passkey) (gate.Passkey, error) {
	made, err := creation(k)
	if err != nil {
		return k, refused("What is kept of the passkey cannot be read.", err)
	}
	// What the maker says of the device is asked apart: it may prove nothing, and the key
	// is still its owner's.
	hash, err := bare(*made).Verify(text(gate.Challenge(statement)), p.id, []string{p.origin}, nil, nil,
		protocol.TopOriginExplicitVerificationMode, false, true, true, nil, algorithms, protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
	if err != nil {
		return k, refused("The passkey was not made for this page, by a device that verified its user. Begin again.", err)
	}
	data := made.Response.AttestationObject.AuthData
	k.Count, k.Synced = data.Counter, data.Flags.HasBackupEligible()
	k.Format, k.Model = made.Response.AttestationObject.Format, hex.EncodeToString(data.AttData.AAGUID)
	k.Unverified = cmp.Or(k.Unverified, unverified(&made.Response.AttestationObject, hash))
	return k, nil
}

// Signed verifies what a browser sends of a statement that was signed, and returns
// the proof to keep, and the count of the key's signatures. key gives a person's key
// by its id. Errors are *gate.Error of code signature_refused.
func (p Party) Signed(statement string, response []byte, key func(id string) (gate.Passkey, bool)) (gate.Proof, uint32, error) {
	if len(response) > MaxResponse {
		return gate.Proof{}, 0, unsigned("The answer of the browser is too large.", nil)
	}
	said, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return gate.Proof{}, 0, unsigned("The answer of the browser cannot be read.", err)
	}
	proof := gate.Proof{
		Key: text(said.RawID), Statement: statement, ClientData: text(said.Raw.AssertionResponse.ClientDataJSON),
		Authenticator: text(said.Raw.AssertionResponse.AuthenticatorData), Signature: text(said.Raw.AssertionResponse.Signature),
	}
	k, known := key(proof.Key)
	if !known {
		return proof, 0, unsigned("This passkey is not one of yours here. Choose another, or enrol it.", nil)
	}
	count, err := p.Verify(k, proof)
	return proof, count, err
}

// Verify verifies a proof by a key, from what is kept of both, and returns the count
// of the key's signatures. Errors are *gate.Error of code signature_refused.
func (p Party) Verify(k gate.Passkey, proof gate.Proof) (count uint32, err error) {
	made, err := creation(k)
	if err != nil {
		return 0, unsigned("What is kept of the passkey cannot be read.", err)
	}
	said, err := assertion(proof)
	if err != nil {
		return 0, unsigned("What is kept of the signature cannot be read.", err)
	}
	err = said.Verify(text(gate.Challenge(proof.Statement)), p.id, "", []string{p.origin}, nil, nil,
		protocol.TopOriginExplicitVerificationMode, false, true, true,
		made.Response.AttestationObject.AuthData.AttData.CredentialPublicKey, protocol.SignaturePolicy{})
	if err != nil || proof.Key != k.ID {
		return 0, unsigned("The signature is not this passkey's, of this page, by a device that verified its user. Load the page "+
			"again, look, and sign again.", err)
	}
	return said.Response.AuthenticatorData.Counter, nil
}

// creation reads a key as its browser sent it.
func creation(k gate.Passkey) (*protocol.ParsedCredentialCreationData, error) {
	attestation, client, id, err := three(k.Attestation, k.ClientData, k.ID)
	if err != nil {
		return nil, err
	}
	var r protocol.CredentialCreationResponse
	r.ID, r.RawID, r.Type = k.ID, id, string(protocol.PublicKeyCredentialType)
	r.AttestationResponse.AttestationObject, r.AttestationResponse.ClientDataJSON = attestation, client
	return r.Parse()
}

// assertion reads a signature as its browser sent it.
func assertion(proof gate.Proof) (*protocol.ParsedCredentialAssertionData, error) {
	data, signature, id, err := three(proof.Authenticator, proof.Signature, proof.Key)
	if err != nil {
		return nil, err
	}
	client, err := base64.RawURLEncoding.DecodeString(proof.ClientData)
	if err != nil {
		return nil, err
	}
	var r protocol.CredentialAssertionResponse
	r.ID, r.RawID, r.Type = proof.Key, id, string(protocol.PublicKeyCredentialType)
	r.AssertionResponse.AuthenticatorData, r.AssertionResponse.Signature, r.AssertionResponse.ClientDataJSON = data, signature, client
	return r.Parse()
}

func three(a, b, c string) (x, y, z []byte, err error) {
	for _, part := range []struct {
		from string
		to   *[]byte
	}{{a, &x}, {b, &y}, {c, &z}} {
		decoded, err := base64.RawURLEncoding.DecodeString(part.from)
		if err != nil {
			return nil, nil, nil, err
		}
		*part.to = decoded
	}
	return x, y, z, nil
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// known are the ways in which authenticators are reached; a browser's other words
// are not kept.
var known = map[protocol.AuthenticatorTransport]bool{
	protocol.USB: true, protocol.NFC: true, protocol.BLE: true, protocol.Hybrid: true, protocol.Internal: true, protocol.SmartCard: true,
}

func transports(list []protocol.AuthenticatorTransport) []string {
	var out []string
	for _, t := range list {
		if known[t] && len(out) < len(known) {
			out = append(out, string(t))
		}
	}
	return out
}

func refused(text string, err error) error {
	return &gate.Error{Code: "key_refused", Text: text, Err: err, Final: true}
}

func unsigned(text string, err error) error {
	return &gate.Error{Code: "signature_refused", Text: text, Err: err, Final: true}
}
