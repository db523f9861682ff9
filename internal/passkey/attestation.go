package passkey

import (
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"github.com/gatehold/gatehold/internal/words"
)

// maxWhy bounds what is kept of why an attestation proves nothing, in characters.
const maxWhy = 300

// bare is what a browser sent of a key, without what the maker says of the device.
func bare(made protocol.ParsedCredentialCreationData) *protocol.ParsedCredentialCreationData {
	o := &made.Response.AttestationObject
	o.Format, o.AttStatement, o.SubStatements = string(protocol.AttestationFormatNone), nil, nil
	return &made
}

// unverified says why an attestation proves nothing; empty where it is verified, or where
// there is none. That a device signs for itself proves no model.
func unverified(o *protocol.AttestationObject, clientDataHash []byte) string {
	err := o.VerifyAttestation(clientDataHash, nil, protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
	var detailed *protocol.Error
	switch {
	case errors.As(err, &detailed):
		return words.ClipTo(fmt.Sprintf("its attestation (%s) does not verify: %s", o.Format, detailed.Details), maxWhy)
	case err != nil:
		return words.ClipTo(fmt.Sprintf("its attestation (%s) does not verify: %s", o.Format, err), maxWhy)
	case o.Format != string(protocol.AttestationFormatNone) && o.AttStatement["x5c"] == nil && len(o.SubStatements) == 0:
		return "its attestation is signed by the key itself, and names no maker"
	}
	return ""
}

// kept is what is kept of an attestation: all of it, or where that is too large what
// proves the key without it.
func kept(made *protocol.ParsedCredentialCreationData) ([]byte, error) {
	whole := []byte(made.Raw.AttestationResponse.AttestationObject)
	if len(whole) <= MaxAttestation {
		return whole, nil
	}
	less, err := webauthncbor.Marshal(map[string]any{
		"fmt": string(protocol.AttestationFormatNone), "attStmt": map[string]any{}, "authData": made.Response.AttestationObject.RawAuthData,
	})
	if err == nil && len(less) > MaxAttestation {
		err = fmt.Errorf("its public key alone has %d bytes", len(less))
	}
	return less, err
}
