package access

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// verifyJWT checks an App's JWT: RS256 by the App's key, not yet expired, and
// for ten minutes at most.
func (b *Book) verifyJWT(token string) (*fakehub.App, string) {
	const undecodable = "A JSON web token could not be decoded"
	parts := strings.Split(token, ".")
	var head struct {
		Alg string `json:"alg"`
	}
	var claims struct {
		Iss json.RawMessage `json:"iss"`
		Iat *float64        `json:"iat"`
		Exp *float64        `json:"exp"`
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !decodePart(parts[0], &head) || !decodePart(parts[1], &claims) || head.Alg != "RS256" {
		return nil, undecodable
	}
	app := b.appByIssuer(strings.Trim(string(claims.Iss), `"`))
	if app == nil {
		return nil, "Integration not found"
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(app.PublicKey, crypto.SHA256, sum[:], signature) != nil {
		return nil, undecodable
	}
	now := float64(b.hub.Options.Now().Unix())
	switch {
	case claims.Iat == nil || *claims.Iat > now+60:
		return nil, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued."
	case claims.Exp == nil || *claims.Exp <= now:
		return nil, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires."
	case *claims.Exp > now+600:
		return nil, "'Expiration time' claim ('exp') is too far in the future"
	}
	return app, ""
}

func decodePart(part string, v any) bool {
	data, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(data, v) == nil
}

// appByIssuer takes the App's id, or its client id.
func (b *Book) appByIssuer(iss string) *fakehub.App {
	b.hub.State.RLock()
	defer b.hub.State.RUnlock()
	id, err := strconv.ParseInt(strings.TrimPrefix(iss, "Iv23li"), 10, 64)
	if err != nil {
		return nil
	}
	return b.hub.Apps[id]
}
