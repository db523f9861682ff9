package issuer_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/issuer"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/proptest"
)

type seen struct {
	at  time.Time
	ids []string
}

// A token verifies with the keys as any replica published them at any time of its life,
// and with those that a verifier read an hour before.
func TestEveryTokenVerifiesForAllItsLife(t *testing.T) {
	t.Parallel()
	proptest.Check(t, func(rt *rapid.T, came func(string)) {
		now := started
		both := &store{secrets: map[string]string{}}
		makes := maker()
		var replicas []*replica
		var kept []*issuer.Kept
		begin := func() {
			r := &replica{store: both}
			replicas = append(replicas, r)
			kept = append(kept, issuer.NewKept(issuer.KeptConfig{Log: r, Vault: r, Now: func() time.Time { return now }, Make: makes}))
		}
		begin()
		begin()
		var published, signed []seen
		ctx := context.Background()
		look := func(i int) {
			if keys, err := kept[i].Published(ctx); err == nil {
				s := seen{at: now}
				for _, k := range keys {
					s.ids = append(s.ids, k.ID)
				}
				published = append(published, s)
			}
			if key, err := kept[i].Signing(ctx); err == nil {
				signed = append(signed, seen{now, []string{key.ID}})
			} else if e := gate.AsError(err); e.Code == "internal" {
				rt.Errorf("%v", err)
			}
		}
		for range rapid.IntRange(5, 60).Draw(rt, "steps") {
			i := rapid.IntRange(0, 1).Draw(rt, "replica")
			switch rapid.SampledFrom([]string{"look", "look", "look", "down", "unsure", "up", "restart", "locked"}).Draw(rt, "what") {
			case "look":
				look(i)
			case "down":
				replicas[i].down = true
			case "unsure":
				replicas[i].unsure = true
			case "locked":
				replicas[i].locked = true
			case "up":
				*replicas[i] = replica{store: both}
			case "restart":
				*replicas[i] = replica{store: both}
				kept[i] = issuer.NewKept(issuer.KeptConfig{Log: replicas[i], Vault: replicas[i], Now: func() time.Time { return now }, Make: makes})
			}
			now = now.Add(rapid.SampledFrom([]time.Duration{time.Second, 40 * time.Second, 4 * time.Minute, 15 * time.Minute, time.Hour,
				70 * time.Minute, 20 * 24 * time.Hour}).Draw(rt, "rest"))
			look(i)
			if rapid.Bool().Draw(rt, "other") {
				look(1 - i)
			}
		}
		for _, token := range signed {
			if token.ids[0] != signed[0].ids[0] {
				came("rotated")
			}
			for _, p := range published {
				if p.at.Before(token.at.Add(-issuer.Cached)) || p.at.After(token.at.Add(issuer.MaxLife)) {
					continue
				}
				if p.at.Before(token.at) {
					came("cached")
				}
				if !slices.Contains(p.ids, token.ids[0]) {
					rt.Errorf("what was signed at %s is not known to who looked at %s", token.at, p.at)
				}
			}
		}
		for _, p := range published {
			if len(p.ids) > 1 {
				came("overlap")
			}
		}
		if err := ledger.Verify(both.records); err != nil {
			rt.Error(err)
		}
		if n := len(both.secrets); n > len(both.records) {
			rt.Errorf("%d private halves are kept for %d records", n, len(both.records))
		}
	}, "rotated", "cached", "overlap")
}

// One key is made, whichever replica is first; the private half of one that is over is
// gone; and while the ledger does not answer a replica goes on for five minutes only.
func TestReplicasHaveTheSameKeys(t *testing.T) {
	t.Parallel()
	now, both, makes := started, &store{secrets: map[string]string{}}, maker()
	a, b := &replica{store: both}, &replica{store: both}
	clock := func() time.Time { return now }
	one := issuer.NewKept(issuer.KeptConfig{Log: a, Vault: a, Now: clock, Make: makes})
	two := issuer.NewKept(issuer.KeptConfig{Log: b, Vault: b, Now: clock, Make: makes})
	ctx := context.Background()
	id := func(k *issuer.Kept) string {
		t.Helper()
		key, err := k.Signing(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return key.ID
	}
	first := id(one)
	if second := id(two); first != second || len(both.secrets) != 1 {
		t.Errorf("%s and %s sign, and %d private halves are kept", first, second, len(both.secrets))
	}
	for range 31 * 24 {
		now = now.Add(time.Hour)
		if id(one) != id(two) {
			t.Fatalf("two keys sign at %s", now)
		}
	}
	if id(one) == first || len(both.secrets) != 1 {
		t.Errorf("after a month the key is %s, was %s, and %d private halves are kept", id(one), first, len(both.secrets))
	}
	a.down = true
	now = now.Add(4 * time.Minute)
	id(one)
	now = now.Add(time.Minute)
	if _, err := one.Signing(ctx); gate.AsError(err).Code != "store_unavailable" {
		t.Errorf("it signs by what it read five minutes ago: %v", err)
	}
	if _, err := one.Published(ctx); gate.AsError(err).Code != "store_unavailable" {
		t.Errorf("it publishes what it read five minutes ago: %v", err)
	}
}

// With other keys to unseal nothing signs, until a new key is known to all verifiers.
func TestAKeyThatCannotBeOpenedIsReplaced(t *testing.T) {
	t.Parallel()
	now, both, makes := started, &store{secrets: map[string]string{}}, maker()
	r := &replica{store: both}
	clock := func() time.Time { return now }
	kept := func() *issuer.Kept {
		return issuer.NewKept(issuer.KeptConfig{Log: r, Vault: r, Now: clock, Make: makes})
	}
	ctx := context.Background()
	before, err := kept().Signing(ctx)
	if err != nil {
		t.Fatal(err)
	}
	r.locked = true
	now = now.Add(time.Hour)
	k := kept()
	_, err = k.Signing(ctx)
	if e := gate.AsError(err); e.Code != "issuer_key_locked" || !e.Until.Equal(now.Add(issuer.Ahead)) {
		t.Errorf("it says %v, until %s", err, e.Until)
	}
	if keys, err := k.Published(ctx); err != nil || len(keys) != 2 {
		t.Errorf("%d keys are published: %v", len(keys), err)
	}
	now = now.Add(issuer.Ahead)
	if after, err := k.Signing(ctx); err != nil || after.ID == before.ID {
		t.Errorf("the key is %s, was %s: %v", after.ID, before.ID, err)
	}
}
