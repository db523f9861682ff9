package notices

import (
	"fmt"
	"strconv"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// became is what became of a passkey, as far as people are told of it. Each is told
// once.
type became string

const (
	waits    became = "waits"    // for somebody to object, or vouch
	passed   became = "passed"   // nobody objected: it counts
	vouched  became = "vouched"  // it counts before its time
	added    became = "added"    // another key signed for it: it counts
	objected became = "objected" // it never counted
	revoked  became = "revoked"
	copied   became = "copied" // gatehold revoked it
)

func becameOf(k account.Key, now time.Time) became {
	switch {
	case k.Objected != nil:
		return objected
	case k.Revoked != nil && k.Revoked.By.ID == 0 && !k.Revoked.Operator:
		return copied
	case k.Revoked != nil:
		return revoked
	case k.Waits(now):
		return waits
	case k.Vouched != nil:
		return vouched
	case k.First:
		return passed
	}
	return added
}

// state is what that is in the words of messages.
func (b became) state() notify.State {
	switch b {
	case waits:
		return notify.Held
	case passed, vouched, added:
		return notify.Released
	case objected, copied:
		return notify.Denied
	}
	return notify.Closed
}

// Bounds of what a message shows of others' texts, in characters.
const (
	maxName   = 80
	maxReason = 300
)

// message is what a letter says, of the key as it is now.
func (u *Notices) message(of account.State, k account.Key, l gate.Letter, f book.Telling, now time.Time) notify.Message {
	who, is := "@"+of.Actor.Login, becameOf(k, now)
	m := notify.Message{
		ID: l.ID, Thread: f.Name, Topic: notify.TopicPasskey, State: is.state(), At: f.State.Box(l.Channel).Asked, Urgent: l.Urgent,
		Subject: fmt.Sprintf("the passkey %q of %s", report.Visible(k.Name, maxName), who), Page: u.page(of.Actor.ID, k.ID, is),
	}
	m.Title, m.Sentence = sentences(who, k, is)
	if is == waits {
		m.Since = k.At
		m.Who = "whoever may approve beside " + who + ": vouch for it, or object"
	}
	return m
}

// sentences say what became of a key, and what that means to whoever reads it.
func sentences(who string, k account.Key, is became) (title, sentence string) {
	const wrong = " If that was not agreed with you, object or revoke it now, and end all sessions at the page of your account."
	switch is {
	case waits:
		return "A passkey was made for " + who + ", and waits", fmt.Sprintf("It approves in the name of %s from %s on, unless somebody objects. "+
			"%[1]s: if you did not make it, somebody else has your browser. Object, and end all of your sessions.", who,
			k.From.UTC().Format("2006-01-02 15:04 UTC"))
	case passed:
		return "A passkey of " + who + " counts now", "Nobody objected while it waited. What it signs is an answer of " + who + "." + wrong
	case vouched:
		return "A passkey of " + who + " counts now", "@" + k.Vouched.Login + " vouched for it, by passkey. What it signs is an answer of " +
			who + "." + wrong
	case added:
		return "Another passkey of " + who + " counts now", "One of theirs that counted already signed for it." + wrong
	case objected:
		return "A passkey of " + who + " was objected to", "@" + k.Objected.By.Login + " says that it is not theirs; it counts never. " +
			"Somebody may have the browser of " + who + ": end all of its sessions." + quoted(k.Objected.Reason)
	case copied:
		return "A passkey of " + who + " was copied, it seems", "The count of its signatures went back, as a copy's does. It is revoked: " +
			"look at what it has signed, and enrol another."
	}
	by := "@" + k.Revoked.By.Login
	if k.Revoked.Operator {
		by = "Who operates this server"
	}
	return "A passkey of " + who + " was revoked", by + " revoked it; it counts no more." + quoted(k.Revoked.Why)
}

func quoted(reason string) string {
	if reason == "" {
		return ""
	}
	return " Why: " + report.Visible(reason, maxReason)
}

// page is where one objects, or vouches, or sees what became of it.
func (u *Notices) page(of int64, key string, is became) string {
	if u.Origin == "" {
		return ""
	}
	if is == waits {
		return u.Origin + "/people/" + strconv.FormatInt(of, 10) + "/keys/" + key
	}
	return u.Origin + "/you"
}
