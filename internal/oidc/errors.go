package oidc

import (
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// Codes of why a token is not taken.
const (
	Unreadable        = "token_unreadable"
	IssuerUnknown     = "issuer_unknown"
	IssuerUnavailable = "issuer_unavailable" // may pass
	KeyUnknown        = "key_unknown"        // may pass: an issuer's newest key may not be known yet
	AlgorithmRefused  = "algorithm_refused"
	SignatureWrong    = "signature_wrong"
	Expired           = "token_expired"
	Early             = "token_early"
	TooOld            = "token_too_old"
	TooLong           = "token_too_long"
	AudienceWrong     = "audience_wrong"
	ClaimsMissing     = "claims_missing"
)

func refuse(code, text string) *gate.Error { return &gate.Error{Code: code, Text: text, Final: true} }

func later(code, text string, until time.Time, err error) *gate.Error {
	return &gate.Error{Code: code, Text: text, Until: until, Err: err}
}
