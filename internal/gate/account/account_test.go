package account_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
)

var (
	start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	ana   = gate.Actor{Login: "ana", ID: 11, Type: "User"}
	bo    = gate.Actor{Login: "bo", ID: 12, Type: "User"}
)

const wait = 24 * time.Hour

// person is an account whose stream is written as the law lets it be.
type person struct {
	t     rapid.TB
	state account.State
	now   time.Time
}

func newPerson(t rapid.TB) *person { return &person{t: t, now: start} }

func (p *person) add(e gate.Event) {
	p.t.Helper()
	body, err := gate.Encode(e)
	if err != nil {
		p.t.Fatal(err)
	}
	stored, err := gate.Decode(e.Kind(), body)
	if err != nil {
		p.t.Fatal(err)
	}
	p.state = p.state.After(gate.Entry{Version: p.state.Version + 1, At: p.now, Event: stored})
}

func (p *person) signIn(id string) {
	p.add(gate.SessionOpened{ID: id, By: ana, Client: "Firefox on Linux", Until: p.now.Add(12 * time.Hour)})
}

func (p *person) enrol(id, session string, signed bool) error {
	key := gate.Passkey{ID: id, Name: id}
	from, err := p.state.Enrol(key, session, signed, p.now, account.Asked{Wait: wait})
	if err != nil {
		return err
	}
	var proof *gate.Proof
	if signed {
		proof = &gate.Proof{Key: "another"}
	}
	p.add(gate.Enrolled{Key: key, Session: session, From: from, Proof: proof})
	return nil
}

// sign has a key sign a statement, and puts on record what the law says of it.
func (p *person) sign(key string, count uint32, challenge string, expires time.Time) error {
	copied, err := p.state.Sign(gate.Statement{By: ana.ID, Expires: expires}, key, count, challenge, p.now)
	if copied {
		p.add(gate.Revoked{Key: key, Why: "copied"})
	}
	if err == nil {
		p.add(gate.Used{Key: key, Count: count, Challenge: challenge})
	}
	return err
}

func code(err error) string {
	if err == nil {
		return "taken"
	}
	return gate.AsError(err).Code
}

func (p *person) want(err error, want string) {
	p.t.Helper()
	if got := code(err); got != want {
		p.t.Errorf("%s, not %s", got, want)
	}
}

func TestAFirstKeyWaits(t *testing.T) {
	p := newPerson(t)
	p.want(p.enrol("k", "s", false), "session_ended")
	p.signIn("s")
	p.now = p.now.Add(account.Fresh + time.Second)
	p.want(p.enrol("k", "s", false), "sign_in_stale")
	p.signIn("s2")
	p.want(p.enrol("k", "s2", false), "taken")
	p.want(p.enrol("k", "s2", false), "key_known")
	p.want(p.enrol("k2", "s2", false), "key_waits")
	p.want(p.sign("k", 1, "c", p.now.Add(time.Hour)), "key_waiting")
	p.now = p.now.Add(wait)
	p.want(p.sign("k", 1, "c", p.now.Add(time.Hour)), "taken")
	p.want(p.sign("k", 2, "c", p.now.Add(time.Hour)), "statement_used")
	p.want(p.sign("k", 2, "d", p.now), "statement_expired")
	p.want(p.sign("other", 2, "d", p.now.Add(time.Hour)), "key_unknown")
	p.signIn("s3")
	p.want(p.enrol("k3", "s3", false), "key_needed")
	p.want(p.enrol("k3", "s3", true), "taken")
	p.want(p.sign("k3", 0, "e", p.now.Add(time.Hour)), "taken")
	p.want(p.sign("k3", 0, "f", p.now.Add(time.Hour)), "taken") // it does not count: no copy shows
	p.want(p.sign("k", 1, "g", p.now.Add(time.Hour)), "key_copied")
	p.want(p.sign("k", 9, "h", p.now.Add(time.Hour)), "key_dead")
}

func TestAVouchAndAnObjection(t *testing.T) {
	p := newPerson(t)
	p.signIn("s")
	p.want(p.enrol("k", "s", false), "taken")
	p.want(p.state.Vouch("k", ana, p.now), "own_key")
	p.want(p.state.Vouch("k", gate.Actor{}, p.now), "own_key")
	p.want(p.state.Vouch("j", bo, p.now), "key_unknown")
	p.want(p.state.Vouch("k", bo, p.now), "taken")
	p.add(gate.Vouched{Key: "k", By: bo})
	p.want(p.sign("k", 1, "c", p.now.Add(time.Hour)), "taken")
	p.want(p.state.Object("k", p.now), "key_dead")
	p.want(p.state.Revoke("k"), "taken")
	p.add(gate.Revoked{Key: "k", By: ana})
	p.want(p.state.Revoke("k"), "key_dead")
	p.want(p.enrol("j", "s", false), "taken")
	p.add(gate.Objected{Key: "j", By: bo})
	p.want(p.state.Vouch("j", bo, p.now), "key_dead")
	p.now = p.now.Add(wait)
	p.want(p.sign("j", 1, "d", p.now.Add(time.Hour)), "key_dead")
	if n := len(p.state.Counting(p.now)); n != 0 {
		t.Errorf("%d keys count", n)
	}
}

func TestSessionsEnd(t *testing.T) {
	p := newPerson(t)
	for i := range account.MostSessions + 1 {
		p.signIn(fmt.Sprint("s", i))
	}
	open := func(id string) bool { _, is := p.state.Session(id, p.now); return is }
	if open("s0") || !open("s1") {
		t.Error("the oldest has to end, and it alone")
	}
	p.add(gate.SessionEnded{ID: "s1"})
	if open("s1") || !open("s2") {
		t.Error("one has ended, and it alone")
	}
	p.now = p.now.Add(12 * time.Hour)
	if open("s2") {
		t.Error("it has run out")
	}
	p.signIn("t")
	p.add(gate.SessionEnded{})
	if open("t") {
		t.Error("all have ended")
	}
}

// Whatever happens in whatever order, a key counts only after its wait, or somebody
// else's word, or another key's; never again once it ended; and nothing is signed
// twice.
func TestNoKeyCountsBeforeItsTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPerson(t)
		keys := []string{"a", "b", "c", "d"}
		made, vouched, ended, signed := map[string]time.Time{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
		used := map[string]bool{}
		counts := func(id string) bool { k, known := p.state.Key(id); return known && k.Counts(p.now) }
		t.Repeat(map[string]func(*rapid.T){
			"time":     func(t *rapid.T) { p.now = p.now.Add(time.Duration(rapid.IntRange(1, 30).Draw(t, "hours")) * time.Hour) },
			"sign in":  func(*rapid.T) { p.signIn("s") },
			"sign out": func(*rapid.T) { p.add(gate.SessionEnded{ID: "s"}) },
			"enrol": func(t *rapid.T) {
				id := rapid.SampledFrom(keys).Draw(t, "key")
				by := slices.ContainsFunc(keys, counts) && rapid.Bool().Draw(t, "signed")
				if p.enrol(id, "s", by) == nil {
					made[id], signed[id] = p.now, by
				}
			},
			"vouch": func(t *rapid.T) {
				id, by := rapid.SampledFrom(keys).Draw(t, "key"), rapid.SampledFrom([]gate.Actor{ana, bo}).Draw(t, "by")
				if p.state.Vouch(id, by, p.now) == nil {
					p.add(gate.Vouched{Key: id, By: by})
					vouched[id] = by.ID == bo.ID
				}
			},
			"object": func(t *rapid.T) {
				if id := rapid.SampledFrom(keys).Draw(t, "key"); p.state.Object(id, p.now) == nil {
					p.add(gate.Objected{Key: id, By: bo})
					ended[id] = true
				}
			},
			"revoke": func(t *rapid.T) {
				if id := rapid.SampledFrom(keys).Draw(t, "key"); p.state.Revoke(id) == nil {
					p.add(gate.Revoked{Key: id, By: ana})
					ended[id] = true
				}
			},
			"sign": func(t *rapid.T) {
				id, challenge := rapid.SampledFrom(keys).Draw(t, "key"), rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "challenge")
				could := counts(id)
				err := p.sign(id, uint32(rapid.IntRange(0, 5).Draw(t, "count")), challenge, p.now.Add(time.Minute))
				switch {
				case err == nil && (!could || used[challenge]):
					t.Fatalf("%s signed %s", id, challenge)
				case err == nil:
					used[challenge] = true
				case code(err) == "key_copied":
					ended[id] = true
				}
			},
			"": func(t *rapid.T) {
				for _, id := range keys {
					if !counts(id) {
						continue
					}
					if ended[id] || !signed[id] && !vouched[id] && p.now.Before(made[id].Add(wait)) {
						t.Fatalf("%s counts", id)
					}
				}
			},
		})
	})
}

// However often, by whom and in what order somebody vouches, a key counts before its time
// by as many others as were asked for, and by no fewer.
func TestAKeyCountsByAsManyVouchesAsAreAsked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPerson(t)
		p.signIn("s")
		need := rapid.IntRange(0, 4).Draw(t, "need")
		p.add(gate.Enrolled{Key: gate.Passkey{ID: "k"}, Session: "s", From: p.now.Add(wait), Vouches: need})
		others := map[int64]bool{}
		for _, id := range rapid.SliceOfN(rapid.Int64Range(11, 16), 0, 10).Draw(t, "vouchers") { // 11 is ana herself
			by := gate.Actor{Login: "v", ID: id, Type: "User"}
			taken := p.state.Vouch("k", by, p.now) == nil
			if k, _ := p.state.Key("k"); taken != (id != ana.ID && !others[id] && k.Waits(p.now)) {
				t.Fatalf("a vouch of %d is taken: %v", id, taken)
			}
			if taken {
				others[id] = true
			}
			p.add(gate.Vouched{Key: "k", By: by}) // also what the law does not let be written
			if k, _ := p.state.Key("k"); k.Counts(p.now) != (len(others) >= max(1, need)) {
				t.Fatalf("after %d of %d vouches it counts: %v", len(others), need, k.Counts(p.now))
			}
		}
	})
}
