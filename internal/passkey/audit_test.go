package passkey_test

import (
	"strings"
	"testing"
	"time"

	virtual "github.com/descope/virtualwebauthn"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/passkey"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// written is a ledger in which ana made a key, waited, and approved by it.
type written struct {
	t        *testing.T
	party    passkey.Party
	device   *device
	key      gate.Passkey
	enrolled gate.Enrolled
	offered  gate.Offered
}

func newWritten(t *testing.T) *written {
	t.Helper()
	w := &written{t: t, party: party(t), device: newDevice(virtual.KeyTypeEC2)}
	made := gate.Statement{V: 1, Act: gate.ActEnrol, By: ana.ID, At: start, Expires: start.Add(time.Hour)}.Text()
	var err error
	if w.key, err = w.party.Created(made, w.device.create(t, w.party, made)); err != nil {
		t.Fatal(err)
	}
	w.enrolled = gate.Enrolled{Key: w.key, Statement: made, From: start.Add(24 * time.Hour)}
	w.offered = gate.Offered{By: ana, Answer: gate.Approve, Via: gate.ViaPasskey, For: gate.For{Head: "a", Verdict: "v"}, Saw: gate.Sight{Version: 3}}
	w.offered.Proof = w.signed(gate.Statement{V: 1, Act: gate.ActAnswer, By: ana.ID, Stream: "pr/42/1", Version: 3, Answer: gate.Approve,
		For: w.offered.For})
	return w
}

func (w *written) signed(st gate.Statement) *gate.Proof {
	w.t.Helper()
	w.device.key.Counter++
	proof, _, err := w.party.Signed(st.Text(), w.device.sign(w.t, w.party, st.Text(), w.key),
		func(string) (gate.Passkey, bool) { return w.key, true })
	if err != nil {
		w.t.Fatal(err)
	}
	return &proof
}

// records are the two streams; at is when ana approved.
func (w *written) records(at time.Time, more ...gate.Event) (out []ledger.Record) {
	add := func(stream string, at time.Time, e gate.Event) {
		body, err := gate.Encode(e)
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, ledger.Record{Stream: stream, At: at, Kind: e.Kind(), Body: body, Version: uint64(len(out) + 1)})
	}
	add("pr/42/1", at, w.offered)
	add(gate.AccountStream(ana.ID), start, gate.SessionOpened{ID: "s", By: ana, Until: start.Add(time.Hour)})
	add(gate.AccountStream(ana.ID), start, w.enrolled)
	for _, e := range more {
		add(gate.AccountStream(ana.ID), start.Add(time.Hour), e)
	}
	return out
}

func TestALedgersSignaturesVerify(t *testing.T) {
	late := start.Add(25 * time.Hour)
	for name, tc := range map[string]struct {
		change func(w *written)
		at     time.Time
		more   []gate.Event
		origin string
		want   string // of what is broken; empty: nothing is
	}{
		"as it was":               {at: late},
		"as it was, for us":       {at: late, origin: public},
		"for another server":      {at: late, origin: "https://evil.test", want: "the passkey was not made"},
		"before the key counted":  {at: start.Add(time.Hour), want: "did not count yet"},
		"after it was revoked":    {at: late, more: []gate.Event{gate.Revoked{Key: "KEY", By: ana}}, want: "counted no more"},
		"another answer":          {at: late, change: func(w *written) { w.offered.Answer = gate.Override }, want: "not what is on record"},
		"another verdict":         {at: late, change: func(w *written) { w.offered.For.Verdict = "w" }, want: "not what is on record"},
		"another person":          {at: late, change: func(w *written) { w.offered.By.ID = 12 }, want: "account 12 does not have"},
		"no signature":            {at: late, change: func(w *written) { w.offered.Proof = nil }, want: "the passkey was not made"},
		"another key's signature": {at: late, change: func(w *written) { w.key = newWritten(w.t).key; w.enrolled.Key = w.key }, want: "does not have"},
		"an enrolment that was written anew": {at: late, change: func(w *written) {
			other := newWritten(w.t)
			id := w.enrolled.Key.ID
			w.enrolled = other.enrolled
			w.enrolled.Key.ID = id
		}, want: "the passkey was not made"},
		"a vouch of one's own": {at: start.Add(2 * time.Hour), more: []gate.Event{gate.Vouched{Key: "KEY", By: ana, Proof: gate.Proof{Key: "KEY"}}},
			want: "did not count yet"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWritten(t)
			if tc.change != nil {
				tc.change(w)
			}
			for i, e := range tc.more {
				switch ev := e.(type) {
				case gate.Revoked:
					ev.Key = w.key.ID
					tc.more[i] = ev
				case gate.Vouched:
					ev.Key, ev.Proof.Key = w.key.ID, w.key.ID
					tc.more[i] = ev
				}
			}
			a := &passkey.Audit{Origin: tc.origin}
			for _, r := range w.records(tc.at, tc.more...) {
				a.Record(r)
			}
			var says []string
			for _, b := range a.Broken() {
				says = append(says, b.Stream+": "+b.Why)
			}
			got := strings.Join(says, "\n")
			if (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
				t.Errorf("broken: %q, want %q", got, tc.want)
			}
		})
	}
}

// That somebody else ended a key, and that a head is somebody's own, is signed as it is on
// record, or it shows.
func TestEndingsAndClaimsVerify(t *testing.T) {
	late, bo := start.Add(25*time.Hour), int64(12)
	for name, tc := range map[string]struct {
		change func(r *gate.Revoked, c *gate.Claimed)
		want   string
	}{
		"as it was":        {},
		"another reason":   {func(r *gate.Revoked, _ *gate.Claimed) { r.Why = "no reason" }, "account/12: what the passkey signed is not"},
		"another key":      {func(r *gate.Revoked, _ *gate.Claimed) { r.Key = "other" }, "account/12: what the passkey signed is not"},
		"nobody signed":    {func(r *gate.Revoked, _ *gate.Claimed) { r.Proof = nil }, "account/12: "},
		"by another":       {func(r *gate.Revoked, _ *gate.Claimed) { r.By.ID = 13 }, "account 13 does not have"},
		"another head":     {func(_ *gate.Revoked, c *gate.Claimed) { c.Head = "b" }, "pr/42/2: what the passkey signed is not"},
		"another branch":   {func(_ *gate.Revoked, c *gate.Claimed) { c.BaseRef = "release" }, "pr/42/2: what the passkey signed is not"},
		"another claimant": {func(_ *gate.Revoked, c *gate.Claimed) { c.By.ID = bo }, "account 12 does not have"},
		"another's signature": {func(r *gate.Revoked, c *gate.Claimed) { c.Proof = *r.Proof },
			"pr/42/2: what the passkey signed is not"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWritten(t)
			ended := gate.Revoked{Key: "bos", By: ana, Why: "stolen", Proof: w.signed(gate.Statement{V: 1, Act: gate.ActRevoke, By: ana.ID,
				Stream: gate.AccountStream(bo), Key: "bos", Reason: "stolen"})}
			claimed := gate.Claimed{By: ana, Head: "a", BaseRef: "main", Proof: *w.signed(gate.Statement{V: 1, Act: gate.ActClaim, By: ana.ID,
				Stream: "pr/42/2", For: gate.For{Head: "a", BaseRef: "main"}})}
			if tc.change != nil {
				tc.change(&ended, &claimed)
			}
			a := &passkey.Audit{}
			for _, r := range w.records(late) {
				a.Record(r)
			}
			for stream, e := range map[string]gate.Event{gate.AccountStream(bo): ended, "pr/42/2": claimed} {
				body, err := gate.Encode(e)
				if err != nil {
					t.Fatal(err)
				}
				a.Record(ledger.Record{Stream: stream, At: late, Kind: e.Kind(), Body: body, Version: 9})
			}
			var says []string
			for _, b := range a.Broken() {
				says = append(says, b.Stream+": "+b.Why)
			}
			got := strings.Join(says, "\n")
			if (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
				t.Errorf("broken: %q, want %q", got, tc.want)
			}
		})
	}
}
