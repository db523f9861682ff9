package credential

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// MostOpen bounds what a workload asks for at once, and Revives how often it is given
// another credential for the same.
const (
	MostOpen = 20
	Revives  = 20
)

func no(code, format string, args ...any) error {
	return &gate.Error{Code: code, Text: fmt.Sprintf(format, args...), Final: true}
}

// Ask says which request it is that a workload makes: the one that waits for the same,
// or a new one. A token that was used, for whatever, asks for nothing more, and neither
// does one that has run out. Errors: token_expired, token_used, requests_many.
func (s State) Ask(w gate.Workload, wish gate.Wish, repo gate.Repo, now time.Time) (r gate.Requested, fresh bool, err error) {
	if !now.Before(w.Until.Add(skew)) {
		return r, false, no("token_expired", "The identity token has run out. Ask for another one, and try again with it.")
	}
	if s.WasUsed(w.Token) {
		return r, false, usedUp()
	}
	open, again := 0, 0
	for _, o := range s.Requests {
		same := same(o.Wish, wish)
		switch {
		case o.Open() && same:
			return o.Requested, false, nil
		case o.Open():
			open++
		case same:
			again++
		}
	}
	if open >= MostOpen || again >= Revives {
		return r, false, no("requests_many", "This job has asked for too many credentials. Let it ask once, and keep what it is given "+
			"for as long as that is valid.")
	}
	return gate.Requested{ID: idOf(w, wish, len(s.Requests)), Workload: w, Wish: wish, Repo: repo}, true, nil
}

func usedUp() error {
	return no("token_used", "A credential was given for this identity token before. Ask for another identity token, and try again with it.")
}

// WasUsed reports whether a credential was announced for a token of an issuer.
func (s State) WasUsed(token string) bool {
	return slices.ContainsFunc(s.used, func(t used) bool { return t.key == token })
}

// Mint says whether what is granted may be made now: the request waits for it, and the
// task has no other credential that may be valid. Errors: token_used, request_unknown,
// credential_live.
func (s State) Mint(g gate.Grant, now time.Time) error {
	r, known := s.Request(g.ID)
	switch {
	case s.WasUsed(g.Token):
		return usedUp()
	case !known || !r.Open():
		return no("request_unknown", "This request was answered. Make another one.")
	case len(s.Holds(g.Wish, now)) > 0:
		return &gate.Error{Code: "credential_live", Text: "This task has a credential that may be valid. It is being ended; try again."}
	}
	return nil
}

// Holds are the requests by which a task has what is wished for, or may be getting it. What
// was made and came to nobody is not held.
func (s State) Holds(wish gate.Wish, now time.Time) []Request {
	return slices.DeleteFunc(s.Live(now), func(r Request) bool {
		return r.Unminted != nil || r.Grant.Rule != wish.Rule || r.Grant.Type != wish.Type || !slices.Equal(r.Grant.Audience, wish.Audience)
	})
}

// Withhold is the record of a refusal, and false where the request was refused for the
// same before.
func (s State) Withhold(id string, e *gate.Error, observed bool) (gate.Withheld, bool) {
	w := gate.Withheld{ID: id, Code: e.Code, Text: e.Text, Observed: observed}
	r, known := s.Request(id)
	last := r.Refused()
	return w, known && r.Open() && (last == nil || last.Code != w.Code || last.Text != w.Text)
}

func same(a, b gate.Wish) bool { return idOf(gate.Workload{}, a, 0) == idOf(gate.Workload{}, b, 0) }

func idOf(w gate.Workload, wish gate.Wish, n int) string {
	text, err := json.Marshal([]any{w.Issuer, w.Subject, w.Token, wish, n})
	if err != nil { // of strings, lists and maps of them
		panic(err)
	}
	sum := sha256.Sum256(text)
	return "cred_" + hex.EncodeToString(sum[:12])
}
