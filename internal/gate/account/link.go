package account

import (
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// mostLinking is how many links may be on their way at once.
const mostLinking = 10

// Link is one between an account and a member of Slack, as one of the two streams has
// it. An account has one in a workspace, and a member is of one account.
type Link struct {
	gate.Linking
	At        time.Time
	Confirmed bool
}

// links are the links once e has happened.
func (s State) links(e gate.Entry) []Link {
	switch ev := e.Event.(type) {
	case gate.Linking:
		open := slices.DeleteFunc(slices.Clone(s.Links), func(l Link) bool { return !l.Confirmed && !e.At.Before(l.Until) })
		open = append(open, Link{Linking: ev, At: e.At})
		for len(open) > mostLinking {
			i := max(0, slices.IndexFunc(open, func(l Link) bool { return !l.Confirmed }))
			open = slices.Delete(open, i, i+1)
		}
		return open
	case gate.Linked:
		now, has := s.Link(ev.Nonce)
		if !has {
			return s.Links
		}
		now.Confirmed, now.At = true, e.At
		others := slices.DeleteFunc(slices.Clone(s.Links), func(l Link) bool {
			return l.Nonce == now.Nonce || l.Confirmed && (l.Of.Is(now.Of) || l.By.ID == now.By.ID && l.Of.Team == now.Of.Team)
		})
		return append(others, now)
	case gate.Unlinked:
		return slices.DeleteFunc(slices.Clone(s.Links), func(l Link) bool { return l.Nonce == ev.Nonce })
	}
	return s.Links
}

// Link is a link by its nonce, confirmed or not.
func (s State) Link(nonce string) (Link, bool) {
	i := slices.IndexFunc(s.Links, func(l Link) bool { return l.Nonce == nonce })
	if i < 0 {
		return Link{}, false
	}
	return s.Links[i], true
}

// InSlack is the link to a member of Slack that this stream has as confirmed.
func (s State) InSlack(of gate.SlackUser) (Link, bool) {
	i := slices.IndexFunc(s.Links, func(l Link) bool { return l.Confirmed && l.Of.Is(of) })
	if i < 0 {
		return Link{}, false
	}
	return s.Links[i], true
}

// Claim says whether somebody may say in a session that a member of Slack is them: who
// has a passkey that counts signs it, and who has none has just signed in. Errors:
// session_ended, key_needed, sign_in_stale, link_expired.
func (s State) Claim(until time.Time, session string, signed bool, now time.Time) error {
	in, open := s.Session(session, now)
	switch {
	case !open:
		return no("session_ended", "You are signed out. Sign in again.")
	case !now.Before(until):
		return expired()
	case !signed && len(s.Counting(now)) > 0:
		return no("key_needed", "You have a passkey that counts: a link to Slack is signed with it.")
	case !signed && now.Sub(in.At) > Fresh:
		return no("sign_in_stale", "A link to Slack is confirmed within %d minutes of signing in. Sign out, open the link from Slack again, "+
			"and sign in.", int(Fresh.Minutes()))
	}
	return nil
}

func expired() error {
	return no("link_expired", "This link from Slack has run out. Press the button in Slack again for another.")
}

// Confirm says whether Slack's side may confirm a link that this stream has. Errors:
// link_unknown, link_used, link_expired.
func (s State) Confirm(nonce string, of gate.SlackUser, by int64, now time.Time) error {
	l, has := s.Link(nonce)
	switch {
	case !has || !l.Of.Is(of) || l.By.ID != by:
		return no("link_unknown", "There is no such link any more. Press the button in Slack again for another.")
	case l.Confirmed:
		return no("link_used", "This link was confirmed before.")
	case !now.Before(l.Until):
		return expired()
	}
	return nil
}
