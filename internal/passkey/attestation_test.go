package passkey_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	virtual "github.com/descope/virtualwebauthn"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/passkey"
)

// withStatement is what a browser sends of a key, with another word of the device's maker
// in the place of the device's own.
func withStatement(t *testing.T, response []byte, format string, statement map[string]any) []byte {
	t.Helper()
	var sent map[string]any
	if err := json.Unmarshal(response, &sent); err != nil {
		t.Fatal(err)
	}
	inner := sent["response"].(map[string]any)
	whole, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(inner["attestationObject"].(string), "="))
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := webauthncbor.Unmarshal(whole, &object); err != nil {
		t.Fatal(err)
	}
	object["fmt"], object["attStmt"] = format, statement
	if whole, err = webauthncbor.Marshal(object); err != nil {
		t.Fatal(err)
	}
	inner["attestationObject"] = base64.RawURLEncoding.EncodeToString(whole)
	out, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Whatever is said of a device, a key is its owner's; that nothing is proven is kept with
// why, and it signs all the same.
func TestAnAttestationThatProvesNothingIsKept(t *testing.T) {
	many := strings.Repeat("x", passkey.MaxAttestation)
	for name, tc := range map[string]struct {
		format    string
		statement map[string]any
		says      string
	}{
		"none":                 {"none", map[string]any{}, ""},
		"signed by itself":     {"", nil, "signed by the key itself"},
		"a TPM's that is none": {"tpm", map[string]any{"ver": "2.0"}, "(tpm) does not verify"},
		"of no known form":     {"acme-device", map[string]any{"x": 1}, "(acme-device) does not verify"},
		"a false signature":    {"packed", map[string]any{"alg": -7, "sig": []byte("no")}, "(packed) does not verify"},
		"too large":            {"packed", map[string]any{"alg": -7, "sig": []byte(many)}, "and 16384 are kept"},
	} {
		p, d := party(t), newDevice(virtual.KeyTypeEC2)
		made := d.create(t, p, shown)
		if tc.format != "" {
			made = withStatement(t, made, tc.format, tc.statement)
		}
		key, err := p.Created(shown, made)
		if err != nil {
			t.Errorf("%s: it is refused: %v", name, err)
			continue
		}
		if !strings.Contains(key.Unverified, tc.says) || tc.says != "" && key.Unverified == "" || key.Attested() {
			t.Errorf("%s: it is kept as %q", name, key.Unverified)
		}
		if n := base64.RawURLEncoding.DecodedLen(len(key.Attestation)); n > passkey.MaxAttestation {
			t.Errorf("%s: %d bytes are kept", name, n)
		}
		if again, err := p.Enrolled(shown, key); err != nil || again.Unverified != key.Unverified {
			t.Errorf("%s: what is kept comes to %q: %v", name, again.Unverified, err)
		}
		d.key.Counter = 3
		proof := d.sign(t, p, shown, key)
		if _, n, err := p.Signed(shown, proof, func(string) (gate.Passkey, bool) { return key, true }); err != nil || n != 3 {
			t.Errorf("%s: it signs nothing: %v", name, err)
		}
	}
}
