//go:build services

package issuer_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/issuer"
)

// The verifier of the world of Node: it takes what is signed, and nothing that was
// changed, whatever its header says.
func TestVerifiedByJose(t *testing.T) {
	t.Parallel()
	i := given(t, "https://gate.acme.example")
	token := must(signed(t, i))
	parts := strings.Split(token, ".")
	headed := func(head string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(head)) + "." + parts[1] + "." + parts[2]
	}
	keys, err := i.Keys.Published(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	asked, err := json.Marshal(map[string]any{
		"keys": map[string][]issuer.JWK{"keys": keys}, "issuer": "https://gate.acme.example", "audience": "sts.amazonaws.com",
		"now": started.Add(time.Minute), "tokens": []string{
			token,
			headed(`{"alg":"none"}`),
			headed(`{"alg":"HS256","kid":"` + keys[0].ID + `"}`),
			headed(`{"alg":"RS256","kid":"another"}`),
			headed(`{"alg":"RS256","kid":"` + keys[0].ID + `"}`),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "node", "testdata/verify.mjs")
	run.Stdin = bytes.NewReader(asked)
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var said []string
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := []string{"repo:acme/shop:environment:production", "ERR_JOSE_ALG_NOT_ALLOWED", "ERR_JOSE_ALG_NOT_ALLOWED", "ERR_JWKS_NO_MATCHING_KEY",
		"ERR_JWS_SIGNATURE_VERIFICATION_FAILED"}
	if !slices.Equal(said, want) {
		t.Errorf("jose says %v, and should say %v", said, want)
	}
}
