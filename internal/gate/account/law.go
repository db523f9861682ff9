package account

import (
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

func no(code, format string, args ...any) error {
	return &gate.Error{Code: code, Text: fmt.Sprintf(format, args...), Final: true}
}

// Asked is what is asked of a new key.
type Asked struct {
	Wait     time.Duration // of a first one
	Vouches  int           // how many have to vouch for it, before it has waited; 0: one
	Keys     int           // the most that somebody may have; 0: MostKeys
	Attested bool          // its attestation has to verify
	Models   []string      // of which one it has to be; empty: any
}

// Takes says whether a key is what is asked. Errors: attestation_needed, model_refused.
func (a Asked) Takes(key gate.Passkey) error {
	switch {
	case a.Attested && !key.Attested():
		why := key.Unverified
		if why == "" {
			why = "the device, or the browser, gave none"
		}
		return no("attestation_needed", "The rules take passkeys with an attestation of the device's maker only, and that of this one does "+
			"not verify: %s. Use another device, or ask who keeps the rules.", why)
	case len(a.Models) > 0 && !slices.Contains(a.Models, key.Model):
		return no("model_refused", "The rules take passkeys of some models of devices only, and this one is of the model %s. Use another "+
			"device, or ask who keeps the rules.", key.Model)
	}
	return nil
}

// Enrol says from when on a new key counts that is made in a session: at once where
// a key that counts has signed for it, after a time where there is none. Errors:
// session_ended, key_known, keys_many, key_waits, sign_in_stale, key_needed.
func (s State) Enrol(key gate.Passkey, session string, signed bool, now time.Time, asked Asked) (from time.Time, err error) {
	in, open := s.Session(session, now)
	if !open {
		return from, no("session_ended", "You are signed out. Sign in again.")
	}
	if _, known := s.Key(key.ID); known {
		return from, no("key_known", "This passkey was enrolled before.")
	}
	alive, waiting, counting := 0, false, false
	for _, k := range s.Keys {
		if k.Alive() {
			alive++
		}
		waiting, counting = waiting || k.Waits(now), counting || k.Counts(now)
	}
	switch {
	case alive >= MostKeys || asked.Keys > 0 && alive >= asked.Keys:
		return from, no("keys_many", "You have %d passkeys, which is as many as one may have. Revoke one first.", alive)
	case signed:
		return now, nil
	case counting:
		return from, no("key_needed", "You have a passkey that counts: sign with it for the new one. If it is lost, revoke it first.")
	case waiting:
		return from, no("key_waits", "A passkey of yours waits already. Revoke it first if it is not the one that you want.")
	case now.Sub(in.At) > Fresh:
		return from, no("sign_in_stale", "A first passkey is made within %d minutes of signing in. Sign in again.", int(Fresh.Minutes()))
	}
	return now.Add(asked.Wait), nil
}

// Vouch says whether somebody may vouch for a waiting key of this account. That the
// voucher's signature is right, and that they may, is known already. Errors:
// own_key, key_unknown, key_dead, vouched_before.
func (s State) Vouch(key string, by gate.Actor, now time.Time) error {
	k, known := s.Key(key)
	switch {
	case !known:
		return no("key_unknown", "There is no such passkey.")
	case by.ID == 0 || by.ID == s.Actor.ID:
		return no("own_key", "Nobody vouches for a key of their own. Another approver has to.")
	case !k.Waits(now):
		return no("key_dead", "This passkey does not wait any more.")
	case k.vouchedBy(by):
		return no("vouched_before", "You have vouched for this passkey. Somebody else has to as well.")
	}
	return nil
}

// Object says whether a key can be objected to. Errors: key_unknown, key_dead.
func (s State) Object(key string, now time.Time) error {
	k, known := s.Key(key)
	switch {
	case !known:
		return no("key_unknown", "There is no such passkey.")
	case !k.Waits(now):
		return no("key_dead", "This passkey does not wait any more. Revoke it instead.")
	}
	return nil
}

// Revoke says whether a key can be revoked. Errors: key_unknown, key_dead.
func (s State) Revoke(key string) error {
	k, known := s.Key(key)
	switch {
	case !known:
		return no("key_unknown", "There is no such passkey.")
	case !k.Alive():
		return no("key_dead", "This passkey counts no more already.")
	}
	return nil
}

// Sign says whether a signature that was verified counts: a key of this account that
// counts now, a statement of this person's that has not run out and was not used.
// copied is true where the key's count went back, which a copied key's does: it has
// to be revoked. Errors: key_unknown, key_waiting, key_dead, statement_other,
// statement_expired, statement_used, key_copied.
func (s State) Sign(st gate.Statement, key string, count uint32, challenge string, now time.Time) (copied bool, err error) {
	k, known := s.Key(key)
	switch {
	case !known:
		return false, no("key_unknown", "This passkey is not one of yours here. Choose another, or enrol it.")
	case !k.Alive():
		return false, no("key_dead", "This passkey was revoked, and counts no more.")
	case k.Waits(now):
		return false, no("key_waiting", "This passkey counts from %s on, or as soon as another approver vouches for it.",
			k.From.UTC().Format("2006-01-02 15:04 UTC"))
	case st.By != s.Actor.ID:
		return false, no("statement_other", "What was signed was shown to somebody else.")
	case !now.Before(st.Expires):
		return false, no("statement_expired", "The page was open for too long. Load it again, look, and sign again.")
	case s.WasUsed(challenge):
		return false, no("statement_used", "This was signed and taken before. Load the page again.")
	case (count > 0 || k.Count > 0) && count <= k.Count:
		return true, no("key_copied", "The count of this passkey went back, as a copy's does. It is revoked: enrol another.")
	}
	return false, nil
}
