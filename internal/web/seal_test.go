package web

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/accounts"
)

// The largest passkey that is kept fits on its way into what is sealed: an attestation of
// 16 KB, and what a browser says beside it.
func TestTheLargestPasskeyIsSealed(t *testing.T) {
	now := time.Now()
	s, err := NewSealer([][]byte{bytes.Repeat([]byte{7}, 32)}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	began := ceremony{Session: strings.Repeat("s", 64), Statement: strings.Repeat("s", 2000), Made: accounts.Made{
		Statement: strings.Repeat("s", 2000),
		Key: gate.Passkey{ID: strings.Repeat("k", 1400), Attestation: strings.Repeat("a", 16<<10*4/3+4), ClientData: strings.Repeat("c", 6000),
			Unverified: strings.Repeat("u", 1200)},
	}}
	sealed, err := s.seal(sealedCeremony, now.Add(time.Minute), began)
	if err != nil {
		t.Fatal(err)
	}
	var back ceremony
	if err := s.open(sealedCeremony, sealed, 0, &back); err != nil || back.Made.Key.Attestation != began.Made.Key.Attestation {
		t.Errorf("it opens with %v", err)
	}
	if _, err := s.seal(sealedTicket, now.Add(time.Minute), began); err == nil {
		t.Error("a ticket may be as large")
	}
}
